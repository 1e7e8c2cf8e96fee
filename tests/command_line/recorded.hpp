// A whole run with its capture and key log, for tshark.
#pragma once

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <random>

#include "../capture/tshark.hpp"
#include "../result/scratch_folder.hpp"
#include "process.hpp"

using Words = std::vector<std::string>;

/// A file that no protocol's dissector takes for something it knows.
inline std::string random_text(std::size_t size) {
  std::mt19937 generator(7);
  std::string text(size, '\0');
  for (char& character : text) character = static_cast<char>(generator());
  return text;
}

inline const std::string file_content = random_text(150'000);

/// A run of two paths, its capture and key log.
struct Recorded {
  Recorded(const std::string& protocol, const std::string& suite, bool encrypt_then_mac = false,
           const Words& more = {}) {
    const auto file = write_file(folder / "file", file_content);
    std::filesystem::create_directory(folder / "home");
    Words words = {"run",      transfer_scenario(),
                   "--file",   file,
                   "--set",    "/record/protocol=" + protocol,
                   "--set",    "/record/suite=" + suite,
                   "--set",    std::string("/record/encrypt_then_mac=") + (encrypt_then_mac ? "true" : "false"),
                   "--pcap",   capture(),
                   "--keylog", key_log(),
                   "--json",   folder / "result.json"};
    words.insert(words.end(), more.begin(), more.end());
    outcome = run_cryptopath(words);
    INFO(outcome.error);
    REQUIRE(outcome.exit_status() == 0);
  }
  std::filesystem::path capture() const { return folder / "wire.pcap"; }
  std::filesystem::path key_log() const { return folder / "keys"; }
  Tshark tshark(Words options) const { return {capture(), folder / "home", std::move(options)}; }
  nlohmann::json results() const { return nlohmann::json::parse(read_file(folder / "result.json")); }

  ScratchFolder folder;
  Outcome outcome;
};

/// Of packets with file_content in them.
inline void check_sound(const Tshark& tshark) {
  // Notes of TCP say that a connection opens or ends; from warnings on something is wrong.
  CHECK(tshark.print({"-Y", "_ws.malformed || tcp.analysis.flags || _ws.expert.severity >= 6291456"}) == "");
  const std::size_t packets = tshark.count("frame");
  CHECK(packets > 100);
  CHECK(tshark.count("ip.checksum.status == 1") == packets);
  CHECK(tshark.count("tcp.checksum.status == 1 || udp.checksum.status == 1 || esp") == packets);
}
