// simulate() in a process of its own, since SimGrid's engine allows one simulation a process.
#pragma once

#include <vector>

#include "cryptopath/ledger.hpp"
#include "cryptopath/scenario.hpp"

namespace cryptopath::bench {

struct OneSimulation {
  Nanoseconds elapsed;  // of simulated time
  Counts counts;
  double seconds = 0;            // of wall time in simulate() alone, without the process's start
  double heap_loop_seconds = 0;  // of the heap loop, run before it in the same process
};

/// Runs the heap loop and then simulate() in a forked child. Throws Fault unless both found the same elapsed time and
/// the same counts, to the last one, and when the child fails.
OneSimulation simulate_beside_heap_loop(const RunSpec& run);

/// The runs of scenarios/shortcut/transfer.json, one a path, with a modelled payload and a file of this size.
std::vector<RunSpec> transfer_runs(Bytes file_size, Bytes buffer = Bytes(8192));

}  // namespace cryptopath::bench
