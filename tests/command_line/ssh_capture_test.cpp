// Captures and key logs of whole runs over SSH. tshark 4.0 deciphers packets that lie within one TCP segment.
#include "../capture/capture_file.hpp"
#include "cryptopath/scenario.hpp"
#include "recorded.hpp"

namespace {

std::string joined(const std::vector<std::string>& pieces) {
  std::string whole;
  for (const std::string& piece : pieces) whole += piece;
  return whole;
}

/// A capture of the SSH connection whose server has sent `stream`, with each of its packets in one segment.
std::string in_segments_of_one_packet(const cryptopath::RunSpec& run, std::string_view stream) {
  using namespace cryptopath;
  const Session session = handshake(run.format, run.seed);
  const auto take = [&stream](Bytes size) {
    REQUIRE(size.count <= static_cast<std::int64_t>(stream.size()));
    const auto taken = std::as_bytes(std::span(stream.substr(0, static_cast<std::size_t>(size.count))));
    stream.remove_prefix(taken.size());
    return std::vector<std::byte>(taken.begin(), taken.end());
  };
  for (const Flight& flight : session.handshake) {
    if (flight.from_sender) CHECK(take(Bytes(static_cast<std::int64_t>(flight.bytes.size()))) == flight.bytes);
  }
  RecordFraming framing(run.format, session.sender.sequence);
  std::vector<std::vector<std::byte>> packets;
  for (Bytes rest = run.file.size; rest > Bytes(0);) {
    const Bytes piece = std::min(rest, run.buffer);
    packets.push_back(take(framing.next(piece).size()));
    rest = rest - piece;
  }
  CHECK(stream.empty());
  CaptureFile capture;
  capture.add({run.format.protocol, 0, Bytes(65535), Bytes(65535)}, session.handshake, packets);
  return capture.bytes();
}

}  // namespace

TEST_CASE("tshark deciphers SSH from a capture where each packet has a segment of its own and finds the file") {
  // A buffer whose packet fills a segment of 1460 bytes. Of 159 the server's first private key would be useless to
  // tshark.
  const auto [suite, buffer, seed] =
      GENERATE(table<std::string, std::string, std::string>({{"aes-128-gcm", "1435 B", "1"},
                                                             {"chacha20-poly1305", "1435 B", "159"},
                                                             {"aes-256-cbc-hmac-sha1", "1431 B", "1"}}));
  INFO(suite);
  const Recorded recorded("ssh-2", suite, false, {"--set", "/buffer=" + buffer, "--set", "/seed=" + seed});
  check_sound(recorded.tshark({"-d", "tcp.port==22,data"}));
  const Tshark tshark = recorded.tshark({"-o", "ssh.keylog_file:" + recorded.key_log().string()});
  std::size_t packets = 0;
  for (const int path : {0, 1}) {
    const std::vector<std::string> payloads = tshark.ssh_payloads(path);
    CHECK((joined(payloads) == file_content));
    packets += payloads.size();
  }
  // tshark takes the file's bytes for messages, and does not come to the MAC where that fails.
  const bool knows_mac = suite.find("hmac-sha1") == std::string::npos;
  CHECK(tshark.count(knows_mac ? "ssh.mac.status == 1" : "ssh.mac.status == 0") + tshark.count("_ws.malformed") ==
        packets);
  // Versions, KEXINIT, KEX_ECDH_INIT, KEX_ECDH_REPLY, NEWKEYS.
  CHECK(tshark.rows({"tcp.srcport", "ssh.message_code"}, "ssh && frame.time_epoch < 1") ==
        std::vector<Words>{{"40001", ""},
                           {"22", ""},
                           {"40001", "20"},
                           {"22", "20"},
                           {"40001", "30"},
                           {"22", "31"},
                           {"22", "21"},
                           {"40001", "21"}});
}

TEST_CASE("tshark deciphers the SSH scenario's wire once it is cut into segments of a packet each, and not before") {
  const ScratchFolder folder;
  std::filesystem::create_directory(folder / "home");
  const auto file = write_file(folder / "file", file_content);
  const std::string scenario_file = cryptopath::data_directory() / "scenarios/records/ssh-2.json";
  REQUIRE(run_cryptopath(
              {"run", scenario_file, "--file", file, "--pcap", folder / "wire.pcap", "--keylog", folder / "keys"})
              .exit_status() == 0);
  const Words options = {"-o", "ssh.keylog_file:" + (folder / "keys").string()};
  const Tshark as_sent(folder / "wire.pcap", folder / "home", options);
  cryptopath::Overrides overrides;
  overrides.file = file;
  const cryptopath::Scenario scenario = cryptopath::load_scenario(scenario_file, overrides);
  REQUIRE(scenario.runs.size() == 3);
  for (int path = 0; path < 3; ++path) {
    INFO(path);
    CHECK(as_sent.ssh_payloads(path).empty());
    write_file(folder / "cut.pcap", in_segments_of_one_packet(scenario.runs.at(static_cast<std::size_t>(path)),
                                                              as_sent.tcp_stream(path, 22)));
    CHECK((joined(Tshark(folder / "cut.pcap", folder / "home", options).ssh_payloads(0)) == file_content));
  }
}

TEST_CASE("SSH and plain TCP are captured without a fault in any packet") {
  const ScratchFolder folder;
  const auto file = write_file(folder / "file", file_content);
  for (const char* paths : {"/paths=[\"http-sendfile\"]", "/paths=[\"library\"]"}) {
    REQUIRE(run_cryptopath({"run", transfer_scenario(), "--file", file, "--set", "/record/protocol=ssh-2", "--set",
                            "/record/suite=aes-128-cbc-hmac-sha1", "--set", paths, "--pcap", folder / "wire.pcap"})
                .exit_status() == 0);
    const Tshark tshark(folder / "wire.pcap", folder.path(), {"-d", "tcp.port==22,data", "-d", "tcp.port==80,data"});
    check_sound(tshark);
  }
}
