// Runs simulations, each in a process of its own: SimGrid simulates once a process, and two processors do twice the
// work.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "cli/child.hpp"
#include "cli/progress.hpp"

namespace cryptopath {

/// Told of the progress of every simulation, in their order, several times a second.
using ReportProgress = std::function<void(const std::vector<PathProgress>&)>;

/// Runs all, `jobs` at a time, and returns their results in their order, whatever the number of jobs. The first that
/// fails ends the others, and its error is thrown: InputError, or Fault, also for a process that a signal ended. No
/// process is left behind, whether this returns, throws or is killed.
std::vector<Result> run_in_children(const std::vector<Simulation>& simulations, std::size_t jobs,
                                    const ReportProgress& report);

}  // namespace cryptopath
