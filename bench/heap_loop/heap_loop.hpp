// The yardstick of the benchmarks: the simulated world once more, written by hand as one heap of events and a switch,
// without coroutines, SimGrid, or objects that could be put together in another way.
//
// It covers what the measured runs use: one process whose program is made of the traditional and the shortcut path's
// steps, a file in the page cache, a modelled payload, one crypto card. The quantum is left out, since one process has
// no equal to share with, and so are the checks of operational laws, utilizations and latencies.
#pragma once

#include "cryptopath/ledger.hpp"
#include "cryptopath/scenario.hpp"

namespace cryptopath::heap_loop {

struct Outcome {
  Nanoseconds elapsed;
  Counts counts;  // all of the ledger, as simulate() returns it
};

/// Runs `run`. Throws InputError for what the loop does not cover.
Outcome run(const RunSpec& run);

}  // namespace cryptopath::heap_loop
