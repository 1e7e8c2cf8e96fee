// The runner, with a simulate() that does what the run's kernel name says.
#include "cli/runner.hpp"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cerrno>
#include <csignal>
#include <new>
#include <nlohmann/json.hpp>

#include "../result/scratch_folder.hpp"
#include "cryptopath/simulate.hpp"

using namespace cryptopath;
using Catch::Matchers::Contains;
using Catch::Matchers::Equals;

namespace {

struct Crowd {
  std::atomic<int> now = 0;
  std::atomic<int> most = 0;
};

/// Counted in memory that all processes share.
Crowd& crowd() {
  static void* const shared = ::mmap(nullptr, sizeof(Crowd), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  static Crowd* const one = new (shared) Crowd;
  return *one;
}

std::atomic<int>& most_at_once() { return crowd().most; }

void stay_a_while() {
  const int now = ++crowd().now;
  for (int most = crowd().most; most < now && !crowd().most.compare_exchange_weak(most, now);) {
  }
  ::usleep(50'000);
  --crowd().now;
}

}  // namespace

namespace cryptopath {

Result simulate(const RunSpec& run, Session session, const Progress& progress, WireObserver*) {
  const std::string& act = run.kernel_name;
  if (act == "bad input") throw InputError("the file has shrunk");
  if (act == "fault") throw Fault("work is outstanding");
  if (act == "killed") ::raise(SIGKILL);
  if (act == "exits") ::_exit(0);
  if (act == "hangs") ::pause();
  if (act == "stays a while") stay_a_while();
  for (std::int64_t done = 0; done <= run.file.size.count; done += 1000) progress(Bytes(done));
  Result result;
  result.path = run.program.name;
  result.payload = run.file.size;
  // The keys' first byte stands for what they make of the wire.
  const auto& key = session.sender.cipher_key;
  result.wire.sha256 = key.empty() ? act : std::to_string(std::to_integer<int>(key.front()));
  result.wire.verified_by = session.peer ? session.peer->name() : "nobody";
  return result;
}

Result simulate(const WorkloadSpec& cell) {
  if (cell.kernel_name == "bad input") throw InputError("EINVAL");
  if (cell.kernel_name == "stays a while") stay_a_while();
  Result result;
  result.path = std::to_string(cell.threads);
  result.payload = cell.request;
  return result;
}

}  // namespace cryptopath

namespace {

Workload workload_of(const std::vector<std::string>& acts) {
  Workload workload;
  for (const std::string& act : acts) {
    WorkloadSpec cell;
    cell.kernel_name = act;
    cell.threads = std::ssize(workload.cells) + 1;
    cell.request = Bytes(1024);
    workload.cells.push_back(cell);
  }
  return workload;
}

RunSpec run_that(const std::string& act, const std::string& path) {
  RunSpec run;
  run.program.name = path;
  run.kernel_name = act;
  run.file.size = Bytes(1'000'000);
  return run;
}

/// A scenario with a run for each act; paths are called a, b, c and so on.
Scenario scenario_of(const std::vector<std::string>& acts) {
  Scenario scenario;
  for (const std::string& act : acts) {
    scenario.runs.push_back(run_that(act, std::string(1, static_cast<char>('a' + scenario.runs.size()))));
  }
  return scenario;
}

std::vector<std::string> paths_of(const std::vector<Result>& results) {
  std::vector<std::string> paths;
  for (const Result& result : results) paths.push_back(result.path);
  return paths;
}

bool has_children() { return ::waitpid(-1, nullptr, WNOHANG) != -1 || errno != ECHILD; }

}  // namespace

TEST_CASE("results come in the order of the scenario whatever the number of jobs") {
  const Scenario scenario = scenario_of(std::vector<std::string>(7, "works"));
  for (const std::size_t jobs : {1U, 2U, 7U, 50U}) {
    CHECK_THAT(paths_of(run_all(scenario, jobs, {})),
               Equals(std::vector<std::string>{"a", "b", "c", "d", "e", "f", "g"}));
  }
  CHECK_FALSE(has_children());
}

TEST_CASE("as many paths run at a time as jobs were asked for and no more") {
  const std::vector<std::string> acts(6, "stays a while");
  for (const int jobs : {1, 2, 3}) {
    most_at_once() = 0;
    run_all(scenario_of(acts), static_cast<std::size_t>(jobs), {});
    CHECK(most_at_once() == jobs);
  }
}

TEST_CASE("progress ends with all bytes of all paths") {
  std::vector<PathProgress> last;
  run_all(scenario_of({"works", "works"}), 2, [&](const std::vector<PathProgress>& paths) { last = paths; });
  REQUIRE(last.size() == 2);
  CHECK(last[0].path == "a");
  for (const PathProgress& path : last) CHECK(path.done == path.size);
}

TEST_CASE("the error of a path is thrown with its kind and ends the paths that would go on") {
  CHECK_THROWS_AS(run_all(scenario_of({"hangs", "bad input", "hangs"}), 3, {}), InputError);
  CHECK_THROWS_WITH(run_all(scenario_of({"hangs", "bad input"}), 2, {}), "path b: the file has shrunk");
  CHECK_THROWS_AS(run_all(scenario_of({"fault", "hangs"}), 2, {}), Fault);
  CHECK_THROWS_WITH(run_all(scenario_of({"fault"}), 1, {}), "path a: work is outstanding");
  CHECK_FALSE(has_children());
}

TEST_CASE("a process that dies without a result is a fault") {
  CHECK_THROWS_AS(run_all(scenario_of({"killed", "hangs"}), 2, {}), Fault);
  CHECK_THROWS_WITH(run_all(scenario_of({"killed"}), 1, {}), Contains("path a") && Contains("signal 9"));
  CHECK_THROWS_WITH(run_all(scenario_of({"exits"}), 1, {}), Contains("without a result"));
  CHECK_FALSE(has_children());
}

TEST_CASE("paths that protect and leave different wires are a fault") {
  CHECK_THROWS_AS(run_all(scenario_of({"one wire", "another wire"}), 2, {}), Fault);
  CHECK_THROWS_WITH(run_all(scenario_of({"one wire", "another wire"}), 2, {}), Contains("left different wires"));
  Scenario in_clear = scenario_of({"one wire", "another wire", "one wire"});
  in_clear.runs[1].program.protects = false;
  CHECK_NOTHROW(run_all(in_clear, 2, {}));
}

TEST_CASE("a file that changes between two paths is bad input whatever the wires say") {
  const ScratchFolder folder;
  const auto file = write_file(folder / "file", "before");
  Scenario scenario = scenario_of({"one wire", "another wire"});
  for (RunSpec& run : scenario.runs) {
    run.file.path = file;
    run.file.version = version_of(file);
  }
  CHECK_THROWS_WITH(run_all(scenario, 1, {}), Contains("left different wires"));
  write_file(file, "before and after");
  CHECK_THROWS_AS(run_all(scenario, 1, {}), InputError);
  CHECK_THROWS_WITH(run_all(scenario, 1, {}), Contains("was changed while it was read"));
}

TEST_CASE("paths that protect share one handshake and those in clear get no keys") {
  Scenario scenario = scenario_of({"works", "works", "works"});
  for (RunSpec& run : scenario.runs) {
    run.format = {Protocol::tls_1_2, Suite::triple_des_cbc_hmac_sha1};
    run.seed = 5;
  }
  scenario.runs[1].program.protects = false;
  const std::vector<Result> results = run_all(scenario, 3, {});
  const Session expected = handshake({Protocol::tls_1_2, Suite::triple_des_cbc_hmac_sha1}, 5);
  const std::string key = std::to_string(std::to_integer<int>(expected.sender.cipher_key.front()));
  CHECK(results[0].wire.sha256 == key);
  CHECK(results[2].wire.sha256 == key);
  CHECK(results[0].wire.verified_by == expected.peer->name());
  CHECK(results[1].wire.sha256 == "works");
  CHECK(results[1].wire.verified_by == handshake(RecordFormat(), 5).peer->name());
}

TEST_CASE("a modelled payload needs no session") {
  Scenario scenario = scenario_of({"works"});
  scenario.runs[0].payload = Payload::modelled;
  CHECK(run_all(scenario, 1, {}).at(0).wire.verified_by == "nobody");
}

TEST_CASE("the cells of a workload run as paths do and come in their order") {
  for (const std::size_t jobs : {1U, 3U, 50U}) {
    const std::vector<Result> results = run_all(workload_of(std::vector<std::string>(5, "works")), jobs, {});
    CHECK_THAT(paths_of(results), Equals(std::vector<std::string>{"1", "2", "3", "4", "5"}));
    CHECK(results[4].payload == Bytes(1024));
  }
  most_at_once() = 0;
  run_all(workload_of(std::vector<std::string>(4, "stays a while")), 2, {});
  CHECK(most_at_once() == 2);
}

TEST_CASE("the progress of a workload is in cells") {
  std::vector<PathProgress> first;
  std::vector<PathProgress> last;
  run_all(workload_of(std::vector<std::string>(4, "works")), 1, [&](const std::vector<PathProgress>& cells) {
    if (first.empty()) first = cells;
    last = cells;
  });
  REQUIRE(last.size() == 1);
  CHECK(first[0].size == Bytes(4));
  CHECK(first[0].done < Bytes(4));
  CHECK(last[0].done == Bytes(4));
  CHECK(last[0].path == "4 of 4 cells");
}

TEST_CASE("the error of a cell names the cell") {
  CHECK_THROWS_AS(run_all(workload_of({"works", "bad input"}), 1, {}), InputError);
  CHECK_THROWS_WITH(run_all(workload_of({"works", "bad input"}), 1, {}), "cell 2 threads, 1 KiB: EINVAL");
  CHECK_FALSE(has_children());
}
