#include <fmt/format.h>

#include "cli/runner.hpp"

namespace cryptopath {

std::vector<Simulation> simulations_of(const Workload& workload) {
  std::vector<Simulation> simulations;
  for (const WorkloadSpec& cell : workload.cells) {
    // A cell counts as one, whatever it takes.
    simulations.push_back({"cell", name_of(cell), Bytes(1), [&cell](const Progress&) { return simulate(cell); }});
  }
  return simulations;
}

std::vector<Result> run_all(const Workload& workload, std::size_t jobs, const ReportProgress& report) {
  return run_in_children(simulations_of(workload), jobs, [&report](const std::vector<PathProgress>& cells) {
    if (!report) return;
    const Bytes all(std::ssize(cells));
    Bytes done;
    for (const PathProgress& cell : cells) done += cell.done;
    report({{fmt::format("{} of {} cells", done.count, all.count), done, all}});
  });
}

}  // namespace cryptopath
