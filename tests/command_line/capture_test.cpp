// Captures and key logs of whole runs, which tshark opens, checks and deciphers.
#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "../sim/in_child.hpp"
#include "cryptopath/scenario.hpp"
#include "cryptopath/simulate.hpp"
#include "recorded.hpp"

namespace {

/// TLS's connection number `path` ends with the alert close_notify (RFC 5246, 7.2.1: warning, 0), and both FINs.
void check_close(const Tshark& tshark, int path) {
  const std::string receiver = std::to_string(40001 + path);
  const std::vector<Words> rows =
      tshark.rows({"tcp.srcport", "tcp.flags.fin", "tls.alert_message.level", "tls.alert_message.desc"},
                  "tcp.stream == " + std::to_string(path));
  const std::vector<Words> expected = {{"443", "0", "1", "0"},  {receiver, "0", "", ""}, {"443", "1", "", ""},
                                       {receiver, "0", "", ""}, {receiver, "1", "", ""}, {"443", "0", "", ""}};
  REQUIRE(rows.size() > expected.size());
  CHECK(std::vector<Words>(rows.end() - static_cast<std::ptrdiff_t>(expected.size()), rows.end()) == expected);
}

/// When each packet of data leaves in the run, and how many bytes it carries: what the simulated world tells, without
/// the capture's code and processes.
class DataPackets final : public cryptopath::WireObserver {
 public:
  void sent(cryptopath::Nanoseconds time, std::span<const std::byte> payload, bool) override {
    if (!payload.empty()) found.insert(found.end(), {time.count, static_cast<std::int64_t>(payload.size())});
  }
  void acknowledged(cryptopath::Nanoseconds, cryptopath::Bytes) override {}
  void ended(cryptopath::Nanoseconds, std::span<const std::byte>) override {}

  cryptopath::test::Numbers found;
};

cryptopath::test::Numbers simulated_packets(const cryptopath::RunSpec& run) {
  return cryptopath::test::in_child([&run] {
    DataPackets packets;
    simulate(run, cryptopath::handshake(run.format, run.seed), {}, &packets);
    return packets.found;
  });
}

struct Format {
  std::string protocol;
  std::string suite;
  bool encrypt_then_mac = false;
};

}  // namespace

TEST_CASE("tshark deciphers TLS from a capture and finds the file and no fault in any packet") {
  const auto format = GENERATE(Format{"tls-1.2", "aes-128-gcm"}, Format{"tls-1.2", "3des-ede-cbc-hmac-sha1"},
                               Format{"tls-1.3", "aes-128-gcm"}, Format{"tls-1.3", "chacha20-poly1305"},
                               Format{"tls-1.2", "aes-128-cbc-hmac-sha1", true},
                               Format{"tls-1.0", "aes-128-cbc-hmac-sha1"}, Format{"tls-1.1", "rc4-hmac-sha1"});
  INFO(format.protocol << " " << format.suite);
  const Recorded recorded(format.protocol, format.suite, format.encrypt_then_mac);
  const Tshark tshark =
      recorded.tshark({"-o", "tls.keylog_file:" + recorded.key_log().string(), "-d", "tls.port==443,data"});
  check_sound(tshark);
  for (const int path : {0, 1}) {
    CHECK((tshark.tls_plaintext(path) == file_content));
    check_close(tshark, path);
  }
  CHECK(tshark.count("tls.handshake.type == 1") == 2);  // a client hello each
}

TEST_CASE("tshark deciphers what a NIC has enciphered and cut into segments beside what the kernel has") {
  const Recorded recorded("tls-1.2", "aes-128-gcm", false,
                          {"--set", "/cards/slot2=inline-tls", "--set", "/paths=[\"nic\",\"shortcut\"]"});
  const Tshark tshark =
      recorded.tshark({"-o", "tls.keylog_file:" + recorded.key_log().string(), "-d", "tls.port==443,data"});
  check_sound(tshark);
  for (const int path : {0, 1}) {
    CHECK((tshark.tls_plaintext(path) == file_content));
    check_close(tshark, path);
  }
}

TEST_CASE("tshark deciphers DTLS from a capture and finds the file and no fault in any packet") {
  const auto format =
      GENERATE(Format{"dtls-1.2", "aes-128-gcm"}, Format{"dtls-1.2", "aes-128-cbc-hmac-sha1"},
               Format{"dtls-1.2", "aes-128-cbc-hmac-sha1", true}, Format{"dtls-1.2", "3des-ede-cbc-hmac-sha1"});
  INFO(format.suite);
  const Recorded recorded(format.protocol, format.suite, format.encrypt_then_mac);
  const Tshark tshark = recorded.tshark({"-o", "tls.keylog_file:" + recorded.key_log().string(), "-d",
                                         "udp.port==4433,dtls", "-d", "dtls.port==4433,data"});
  check_sound(tshark);
  CHECK((tshark.bytes_of("data.data", "udp.dstport == 40001") == file_content));
  CHECK((tshark.bytes_of("data.data", "udp.dstport == 40002") == file_content));
  for (const char* port : {"40001", "40002"}) {
    const std::vector<Words> rows =
        tshark.rows({"dtls.alert_message.level", "dtls.alert_message.desc"}, std::string("udp.dstport == ") + port);
    CHECK(rows.back() == Words{"1", "0"});  // close_notify
  }
  CHECK(tshark.count("dtls.alert_message") == 2);
}

TEST_CASE("tshark authenticates and deciphers ESP from a capture and finds the file") {
  const auto protocol = GENERATE(as<std::string>(), "esp-transport", "esp-tunnel");
  const auto suite = GENERATE(as<std::string>(), "aes-128-gcm", "3des-ede-cbc-hmac-sha1", "null-hmac-md5");
  INFO(protocol << " " << suite);
  const Recorded recorded(protocol, suite);
  std::string association = read_file(recorded.key_log());
  REQUIRE(association.ends_with('\n'));
  association.pop_back();
  const Tshark tshark =
      recorded.tshark({"-o", "esp.enable_encryption_decode:TRUE", "-o", "esp.enable_authentication_check:TRUE", "-o",
                       "uat:esp_sa:" + association, "-d", "udp.port==4433,data"});
  CHECK(tshark.print({"-Y", "_ws.malformed"}) == "");
  CHECK(tshark.count("esp.icv_good == 1") == tshark.count("frame"));
  // The paths follow one another with the same association: the second starts again from 1.
  CHECK(tshark.count("esp.sequence-analysis.wrong-sequence-number") <= 1);
  CHECK((tshark.bytes_of("data.data", "frame") == file_content + file_content));
}

TEST_CASE("packets stand at their simulated times a second into the capture") {
  const Recorded recorded("tls-1.2", "aes-128-gcm");
  const Tshark tshark = recorded.tshark({});
  const auto times_of = [&tshark](const std::string& filter) {
    std::vector<double> times;
    for (const Words& row : tshark.rows({"frame.time_epoch"}, filter)) times.push_back(std::stod(row[0]));
    return times;
  };
  const auto results = recorded.results().at("runs");
  cryptopath::Overrides overrides;
  overrides.file = recorded.folder / "file";
  overrides.set = {{"/record/suite", "aes-128-gcm"}};
  const cryptopath::Scenario scenario = cryptopath::load_scenario(transfer_scenario(), overrides);
  double second = 1;
  for (const int path : {0, 1}) {
    const double elapsed = results.at(static_cast<std::size_t>(path)).at("elapsed_ns").get<double>() / 1e9;
    const std::string stream = "tcp.stream == " + std::to_string(path);
    const std::vector<double> times = times_of(stream);
    const double end = second + elapsed;
    CHECK(times.front() == second - 1);
    // The run ends when the acknowledgement of all data has been taken in, some microseconds after it came.
    REQUIRE(times.size() > 6);
    CHECK(times[times.size() - 7] > end - 0.1 * elapsed);
    CHECK(times[times.size() - 7] < end);
    CHECK(times[times.size() - 6] == Approx(end + 0.001).margin(1e-9));

    cryptopath::test::Numbers data;
    const std::string within =
        stream + " && ip.src == 192.0.2.1 && tcp.len > 0 && frame.time_epoch >= " + std::to_string(second) +
        " && frame.time_epoch <= " + std::to_string(end);
    for (const Words& row : tshark.rows({"frame.time_epoch", "tcp.len"}, within)) {
      const std::size_t point = row[0].find('.');
      REQUIRE(row[0].size() == point + 10);  // nanoseconds
      const std::int64_t seconds = std::stoll(row[0].substr(0, point)) - static_cast<std::int64_t>(second);
      data.insert(data.end(), {seconds * 1'000'000'000 + std::stoll(row[0].substr(point + 1)), std::stoll(row[1])});
    }
    CHECK(data.size() > 2 * 100);
    CHECK(data == simulated_packets(scenario.runs.at(static_cast<std::size_t>(path))));
    second += 2;  // less than a second has passed
  }
}

TEST_CASE("a key log is for its owner alone") {
  const Recorded recorded("tls-1.2", "aes-128-gcm");
  struct stat status {};
  REQUIRE(::stat(recorded.key_log().c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600U);
  CHECK_THAT(read_file(recorded.key_log()), Catch::Matchers::StartsWith("CLIENT_RANDOM "));
}

TEST_CASE("a capture that cannot be written is one line of error and leaves nothing") {
  const ScratchFolder folder;
  const auto target = [&folder](const char* name) { return (folder / name).string(); };
  const std::vector<std::pair<Words, std::string>> refused = {
      {{"--pcap", target("nowhere/wire.pcap")}, "no folder"},
      {{"--pcap", folder.path().string()}, "a directory"},
      {{"--pcap", "/dev/full"}, "cannot write /dev/full: No space left on device"},
      {{"--pcap", "/dev/full", "--json", target("x"), "--keylog", target("y")}, "No space left on device"},
      {{"--keylog", "/dev/full"}, "cannot write /dev/full: No space left on device"},
      {{"--pcap", target("x"), "--json", "/dev/full", "--keylog", target("y")}, "No space left on device"},
      {{"--pcap", target("x"), "--json", target("y"), "--keylog", "/dev/full"}, "No space left on device"},
      {{"--pcap", "-"}, "--pcap: found \"-\", expected the name of a file"},
      {{"--keylog", "-"}, "--keylog: found \"-\", expected the name of a file"},
      {{"--pcap", target("x"), "--set", "/payload=modelled"}, "--pcap: found a modelled payload"},
      {{"--keylog", target("x"), "--set", "/payload=modelled"}, "--keylog: found a modelled payload"},
      {{"--pcap", target("x"), "--keylog", target("x")}, "two outputs would go there"},
      {{"--pcap", target("x"), "--set", "/time_limit=1 ns"}, "cryptopath: path "},
      {{"--keylog", target("x"), "--set", "/paths=[\"http-sendfile\"]"}, "--keylog: found no path that protects"},
      {{"--keylog", target("x"), "--set", "/record/protocol=ssh-2"},
       "--keylog: found ssh-2 / 3des-ede-cbc-hmac-sha1, which tshark and Wireshark 4.0 cannot decipher"},
      {{"--keylog", target("x"), "--set", "/record/protocol=tls-1.0", "--set", "/record/suite=des-cbc-hmac-sha1"},
       "whose handshake is not made here"},
      {{"--keylog", target("x"), "--set", "/record/protocol=esp-tunnel", "--set", "/record/suite=aes-128-ccm"},
       "esp-tunnel / aes-128-ccm, which tshark and Wireshark 4.0 cannot decipher"},
  };
  for (const auto& [options, expected] : refused) {
    Words words = {"run", transfer_scenario(), "--set", "/file/size=20 kB"};
    words.insert(words.end(), options.begin(), options.end());
    const Outcome outcome = run_cryptopath(words);
    INFO(expected << ", found " << outcome.error);
    CHECK(outcome.exit_status() == 2);
    CHECK(lines_in(outcome.error) == 1);
    CHECK_THAT(outcome.error, Catch::Matchers::Contains(expected));
    CHECK(outcome.output.empty());
    CHECK(folder.names().empty());
  }
}
