// The keys that --keylog writes, and what is left of them.
#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>

#include "../record/watched_allocators.hpp"
#include "../result/scratch_folder.hpp"
#include "cli/recording.hpp"
#include "cli/runner.hpp"
#include "cryptopath/simulate.hpp"

using namespace cryptopath;
using namespace cryptopath::test;

namespace cryptopath {

Result simulate(const RunSpec&, Session, const Progress&, WireObserver*) { throw Fault("nothing is simulated here"); }
Result simulate(const WorkloadSpec&) { throw Fault("nothing is simulated here"); }

}  // namespace cryptopath

namespace {

/// How many blocks of memory that operator delete frees while `act` runs hold a secret: what stands last in a line of
/// the key log.
std::size_t freed_with_secrets_of(const std::string& key_log, const std::function<void()>& act) {
  std::vector<std::string> secrets;
  std::istringstream lines(key_log);
  for (std::string line; std::getline(lines, line);) secrets.push_back(line.substr(line.rfind(' ') + 1));
  REQUIRE_FALSE(secrets.empty());
  std::size_t count = 0;
  const WatchFreed::Look look = [&](std::span<const std::byte> freed, Owner owner) {
    const std::string_view memory(reinterpret_cast<const char*>(freed.data()), freed.size());
    const auto holds = [&memory](const std::string& secret) { return memory.find(secret) != std::string_view::npos; };
    if (owner == Owner::ours && std::ranges::any_of(secrets, holds)) ++count;
  };
  const WatchFreed watch(look);
  act();
  return count;
}

}  // namespace

TEST_CASE("a key log is written from its session and left nowhere in memory") {
  REQUIRE(allocators_are_ours);
  const auto file = GENERATE(as<std::string>(), "tls-1.3", "dtls-1.2", "esp-tunnel", "ssh-2");
  INFO(file);
  const Scenario scenario = load_scenario(data_directory() / "scenarios/records" / (file + ".json"));
  const std::string expected = session_of(scenario).key_log;
  const ScratchFolder folder;
  CHECK(freed_with_secrets_of(expected, [&] {
          const Session session = session_of(scenario);
          write_whole({key_log_file(folder / "keys", session)});
        }) == 0);
  CHECK(read_file(folder / "keys") == expected);
  CHECK(freed_with_secrets_of(expected, [&] { const std::string copy = expected; }) == 1);
}
