// Simulated requests per second of wall time, with a modelled payload, against the hand-written heap loop of the same
// model (heap_loop/). Goal: slowdown_against_heap_loop of at most 25, with SimGrid's links.
//
// A repetition forks a child that runs the heap loop and then simulate(), so that both meet the same machine, and
// counts the time of these two calls only. Nothing is reported unless both agree on the elapsed time and on every
// count, for the measured file and before that for small ones. Of the repetitions, read the median.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <exception>

#include "one_simulation.hpp"

namespace {

using namespace cryptopath;
using namespace cryptopath::literals;

void measure(benchmark::State& state, const RunSpec& run) {
  for ([[maybe_unused]] auto iteration : state) {
    const bench::OneSimulation one = bench::simulate_beside_heap_loop(run);
    const auto requests = static_cast<double>(one.counts.at("crypto_requests"));
    state.SetIterationTime(one.seconds);
    state.counters["requests"] = requests;
    state.counters["requests_per_second"] = requests / one.seconds;
    state.counters["heap_loop_requests_per_second"] = requests / one.heap_loop_seconds;
    state.counters["slowdown_against_heap_loop"] = one.seconds / one.heap_loop_seconds;
  }
}

void check_agreement() {
  for (const Bytes size : {0_B, 1_B, 100'000_B, 10'000'000_B}) {
    for (const RunSpec& run : bench::transfer_runs(size)) bench::simulate_beside_heap_loop(run);
  }
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  try {
    check_agreement();
    const std::vector<RunSpec> runs = bench::transfer_runs(100'000'000_B);
    for (const RunSpec& run : runs) {
      benchmark::RegisterBenchmark(("simulation of 100 MB, " + run.program.name).c_str(),
                                   [&run](benchmark::State& state) { measure(state, run); })
          ->UseManualTime()
          ->Iterations(1)
          ->Repetitions(9)
          ->ReportAggregatesOnly()
          ->Unit(benchmark::kMillisecond);
    }
    benchmark::RunSpecifiedBenchmarks();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
