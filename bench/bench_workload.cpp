// What workloads cost: TOCS tables I and II, all cells, in processor time (goal: under 20 s of one core together), and
// one simulated request while threads go from 1 to 10,000 (goal: at most 3 times from first to last), with the memory
// that a simulated thread takes at 10,000 (goal: at most 2 KiB).
//
// Each cell is simulated in a process of its own. Its time and memory are those of simulate() alone, without the
// process's start. Of 10,000 threads that send small requests few come to their turn, as `served` counts; RSA's wait in
// the card's queue all at once, and large requests in that of a second processor, which leaves the first one free.
#include <benchmark/benchmark.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <fstream>
#include <string>
#include <vector>

#include "cryptopath/errors.hpp"
#include "cryptopath/workload.hpp"

namespace {

using namespace cryptopath;

struct Cost {
  double seconds = 0;  // of processor time
  double requests = 0;
  double served = 0;
  double memory = 0;  // bytes that the peak grew by
};

double processor_seconds() {
  rusage use{};
  getrusage(RUSAGE_SELF, &use);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(use.ru_utime) + seconds(use.ru_stime);
}

/// The process's peak resident size, in bytes.
double peak_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return 1024.0 * std::stod(line.substr(6));
  }
  throw Fault("the system tells no peak of memory");
}

Cost measure(const WorkloadSpec& cell) {
  const double memory = peak_memory();
  const double began = processor_seconds();
  const Result result = simulate(cell);
  ensure(result.errno_name.empty(), "the kernel serves the cell");
  return {processor_seconds() - began, static_cast<double>(result.counts.at("crypto_requests")),
          static_cast<double>(result.threads_served), peak_memory() - memory};
}

Cost measure_in_child(const WorkloadSpec& cell) {
  int ends[2];
  ensure(pipe(ends) == 0, "no pipe can be made");
  const pid_t child = fork();
  ensure(child >= 0, "no process can be forked");
  if (child == 0) {
    Cost cost;
    try {
      cost = measure(cell);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s\n", error.what());
      _exit(1);
    }
    _exit(write(ends[1], &cost, sizeof cost) == sizeof cost ? 0 : 1);
  }
  close(ends[1]);
  Cost cost;
  const bool whole = read(ends[0], &cost, sizeof cost) == sizeof cost;
  close(ends[0]);
  int status = 0;
  ensure(waitpid(child, &status, 0) == child && status == 0 && whole, "a cell's process failed");
  return cost;
}

std::vector<WorkloadSpec> cells_of(const char* scenario, Overrides overrides = {}) {
  return load_workload(data_directory() / "scenarios" / "ocf" / scenario, overrides).cells;
}

void measure_tables(benchmark::State& state) {
  for ([[maybe_unused]] auto iteration : state) {
    Cost all;
    for (const char* table : {"table-1.json", "table-2.json"}) {
      for (const WorkloadSpec& cell : cells_of(table)) {
        const Cost cost = measure_in_child(cell);
        all.seconds += cost.seconds;
        all.requests += cost.requests;
      }
    }
    state.SetIterationTime(all.seconds);
    state.counters["requests_per_second"] = all.requests / all.seconds;
  }
}

void measure_threads(benchmark::State& state, const char* scenario, Overrides overrides) {
  for ([[maybe_unused]] auto iteration : state) {
    std::vector<double> each;
    double thread_bytes = 0;
    double one_thread = 0;
    for (const char* threads : {"[1]", "[32]", "[1000]", "[10000]"}) {
      Overrides own = overrides;
      own.set.emplace_back("/threads", threads);
      const WorkloadSpec cell = cells_of(scenario, own).front();
      // The least of several: others' work only ever adds.
      Cost least = measure_in_child(cell);
      for (int again = 0; again < 4; ++again) {
        const Cost cost = measure_in_child(cell);
        if (cost.seconds < least.seconds) least = cost;
      }
      each.push_back(least.seconds / least.requests);
      const std::string count = std::to_string(cell.threads);
      state.counters["us_a_request_at_" + count] = 1e6 * each.back();
      state.counters["served_of_" + count] = least.served;
      if (cell.threads == 1) one_thread = least.memory;
      thread_bytes = (least.memory - one_thread) / static_cast<double>(cell.threads);
    }
    state.SetIterationTime(each.front());
    state.counters["last_over_first"] = each.back() / each.front();
    state.counters["most_over_least"] = *std::ranges::max_element(each) / *std::ranges::min_element(each);
    state.counters["bytes_a_thread"] = thread_bytes;
  }
}

void add(const char* name, const char* scenario, const Overrides& overrides) {
  benchmark::RegisterBenchmark(name, [=](benchmark::State& state) { measure_threads(state, scenario, overrides); })
      ->UseManualTime()
      ->Iterations(1)
      ->Unit(benchmark::kMicrosecond);
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  try {
    benchmark::RegisterBenchmark("tables I and II", measure_tables)
        ->UseManualTime()
        ->Iterations(1)
        ->Unit(benchmark::kSecond);
    Overrides small;
    small.set = {{"/requests", R"(["1 KiB"])"}, {"/duration", "1 s"}};
    add("a request of 1 KiB, four 5820", "table-2.json", small);
    Overrides keys;
    keys.set = {{"/modulus_bits", "[1024]"}, {"/crt", "true"}, {"/duration", "100 s"}};
    add("an RSA signature, one 5820", "rsa-sign.json", keys);
    Overrides large;
    large.set = {{"/requests", R"(["16 KiB"])"}, {"/duration", "60 s"}};
    add("a request of 16 KiB, a second processor", "second-processor.json", large);
    benchmark::RunSpecifiedBenchmarks();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
