// Runs a scenario's paths, each in a process of its own: SimGrid simulates once a process, and two processors do twice
// the work.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "cli/progress.hpp"
#include "cli/recording.hpp"
#include "cryptopath/result.hpp"

namespace cryptopath {

/// Told of every path's progress, in the scenario's order, several times a second.
using ReportProgress = std::function<void(const std::vector<PathProgress>&)>;

/// Simulates all runs of the scenario, `jobs` at a time, and returns their results in the scenario's order, whatever
/// the number of jobs. The handshake is made once, so that paths that protect start from the same keys.
///
/// The first run that fails ends the others, and its error is thrown: InputError, or Fault, also for a process that a
/// signal ended. Fault too where paths that protect left different wires. No process is left behind, whether this
/// returns, throws or is killed.
///
/// With a `recording`, the processes keep their packets there.
std::vector<Result> run_all(const Scenario& scenario, std::size_t jobs, const ReportProgress& report,
                            const Recording* recording = nullptr);

/// The key log of the handshake that run_all() makes for the scenario: the same, since the seed fixes it. Empty where
/// no path protects a real payload, and for protocols that have none.
std::string key_log_of(const Scenario& scenario);

/// The processors that this process may use.
std::size_t usable_processors();

}  // namespace cryptopath
