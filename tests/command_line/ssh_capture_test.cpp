// Captures and key logs of whole runs over SSH. tshark 4.0 deciphers packets that lie within one TCP segment.
#include "cryptopath/scenario.hpp"
#include "recorded.hpp"

namespace {

std::string joined(const std::vector<std::string>& pieces) {
  std::string whole;
  for (const std::string& piece : pieces) whole += piece;
  return whole;
}

const Words no_delay = {"--set", "/socket={\"no_delay\": true}"};

}  // namespace

TEST_CASE("tshark deciphers SSH from a capture where each packet has a segment of its own and finds the file") {
  // The first three packets fill a segment of 1460 bytes. Of 159 the server's first private key would be useless to
  // tshark.
  const auto [suite, buffer, seed] =
      GENERATE(table<std::string, std::string, std::string>({{"aes-128-gcm", "1435 B", "1"},
                                                             {"chacha20-poly1305", "1435 B", "159"},
                                                             {"aes-256-cbc-hmac-sha1", "1431 B", "1"},
                                                             {"aes-192-cbc-hmac-sha256", "700 B", "1"}}));
  INFO(suite);
  Words settings = {"--set", "/buffer=" + buffer, "--set", "/seed=" + seed};
  settings.insert(settings.end(), no_delay.begin(), no_delay.end());
  const Recorded recorded("ssh-2", suite, false, settings);
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

TEST_CASE("tshark deciphers the SSH scenario as it is shipped, and nothing where packets cross segments") {
  const ScratchFolder folder;
  std::filesystem::create_directory(folder / "home");
  const auto file = write_file(folder / "file", file_content);
  const auto capture_with = [&](const Words& more) {
    Words words = {"run",      cryptopath::data_directory() / "scenarios/records/ssh-2.json",
                   "--file",   file,
                   "--pcap",   folder / "wire.pcap",
                   "--keylog", folder / "keys"};
    words.insert(words.end(), more.begin(), more.end());
    REQUIRE(run_cryptopath(words).exit_status() == 0);
    return Tshark(folder / "wire.pcap", folder / "home", {"-o", "ssh.keylog_file:" + (folder / "keys").string()});
  };
  const Tshark shipped = capture_with({});
  for (int path = 0; path < 3; ++path) {
    INFO(path);
    CHECK((joined(shipped.ssh_payloads(path)) == file_content));
  }
  CHECK(shipped.count("ssh.mac.status == 0") == 0);
  CHECK(shipped.count("ssh.mac.status == 1") > 400);
  const Tshark crossing = capture_with({"--set", "/buffer=8 KiB"});
  for (int path = 0; path < 3; ++path) CHECK(crossing.ssh_payloads(path).empty());
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
