// A test: simulate() and the hand-written heap loop, which share only the cache model, the record layouts and the
// ledger's type, find the same elapsed time to the nanosecond and the same counts, to the last one.
#include <cstdio>
#include <exception>

#include "one_simulation.hpp"

using namespace cryptopath;
using namespace cryptopath::literals;

int main() {
  int failures = 0;
  for (const Bytes buffer : {1_KiB, 8_KiB, 16_KiB, 17_KiB}) {
    for (const Bytes size : {0_B, 1_B, 8191_B, 8192_B, 8193_B, 100'000_B, 10'000'000_B}) {
      for (const RunSpec& as_modelled : bench::transfer_runs(size, buffer)) {
        for (const bool otherwise : {false, true}) {
          RunSpec run = as_modelled;
          run.no_delay = otherwise;
          run.kernel.sendfile_copies = run.kernel.sendfile_copies != otherwise;
          // So slow a controller that devices ask again while their handler runs, which then finds nothing to do.
          if (otherwise) run.kernel.isa_write = 30_us;
          try {
            bench::simulate_beside_heap_loop(run);
          } catch (const std::exception& error) {
            std::fprintf(stderr, "%s\n", error.what());
            ++failures;
          }
        }
      }
    }
  }
  std::printf("%d disagreements\n", failures);
  return failures == 0 ? 0 : 1;
}
