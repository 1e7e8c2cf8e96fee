// A path is a JSON file: adding one that uses known calls needs no C++.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "run_path.hpp"

using namespace cryptopath;
using namespace cryptopath::test;

namespace {

/// TOCS, 6.4: a process writes plaintext to a socket that protects it; one copy and crossing less than /dev/crypto.
constexpr const char* read_and_write_to_so_crypt = R"({
  "format": "cryptopath-program-1",
  "description": "read into user space, write to a socket with SO_CRYPT",
  "protects": true,
  "steps": [
    {"call": "open", "path": "file"},
    {"call": "setsockopt", "option": "SO_CRYPT"},
    {"repeat": "until end of file", "steps": [{"call": "read"}, {"call": "write"}]},
    {"call": "close", "path": "file"},
    {"call": "close", "path": "socket"}
  ]
})";

}  // namespace

TEST_CASE("a new path of known calls runs from its JSON file alone") {
  const auto program =
      std::filesystem::temp_directory_path() / ("write-to-so-crypt-" + std::to_string(::getpid()) + ".json");
  std::ofstream(program) << read_and_write_to_so_crypt;
  const Settings settings = {{"/file/size", "100 kB"}};
  const Result added = run_path(program.string(), settings);
  std::filesystem::remove(program);
  const Result traditional = run_path("traditional", settings);
  CHECK(added.counts.at("paper.copies") == traditional.counts.at("paper.copies") / 2);
  CHECK(added.counts.at("paper.context_switches") == traditional.counts.at("paper.context_switches") / 2);
  CHECK(added.wire.sha256 == traditional.wire.sha256);
  CHECK(added.wire.verified_by == traditional.wire.verified_by);
  CHECK(added.elapsed < traditional.elapsed);
}

TEST_CASE("a process may also write to a socket whose NIC enciphers") {
  std::string text = read_and_write_to_so_crypt;
  text.replace(text.find("SO_CRYPT\"}"), 8, "SO_CRYPT_NIC");
  const auto program =
      std::filesystem::temp_directory_path() / ("write-to-so-crypt-nic-" + std::to_string(::getpid()) + ".json");
  std::ofstream(program) << text;
  const Settings settings = {{"/file/size", "100 kB"}, {"/cards", R"({"slot2": "inline-tls"})"}};
  const Result added = run_path(program.string(), settings);
  std::filesystem::remove(program);
  const Result by_sendfile = run_path("nic", {{"/file/size", "100 kB"}});
  constexpr std::int64_t buffers = 13;
  CHECK(added.counts.at("paper.copies") == 2 * buffers);
  CHECK(added.counts.at("paper.dma") == buffers);
  CHECK(added.counts.at("crypto_requests") == 0);
  CHECK(added.wire.sha256 == by_sendfile.wire.sha256);
}
