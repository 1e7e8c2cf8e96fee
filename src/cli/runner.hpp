// Runs the paths of a scenario and the cells of a workload.
#pragma once

#include <cstddef>
#include <vector>

#include "cli/children.hpp"
#include "cli/recording.hpp"
#include "cryptopath/result.hpp"
#include "cryptopath/session.hpp"
#include "cryptopath/workload.hpp"

namespace cryptopath {

/// Simulates all runs of the scenario as run_in_children() does, and returns their results in the scenario's order. The
/// handshake is made once, so that paths that protect start from the same keys. Fault too where paths that protect left
/// different wires. With a `recording`, the processes keep their packets there.
std::vector<Result> run_all(const Scenario& scenario, std::size_t jobs, const ReportProgress& report,
                            const Recording* recording = nullptr);

/// One a cell. They refer to the workload, which must outlive them.
std::vector<Simulation> simulations_of(const Workload& workload);

/// As the first, for all cells of the workload. Told of progress is one sum of them.
std::vector<Result> run_all(const Workload& workload, std::size_t jobs, const ReportProgress& report);

/// The session that run_all() makes for the scenario: the same, since the seed fixes it. Without a peer where no path
/// protects a real payload.
Session session_of(const Scenario& scenario);

/// The processors that this process may use.
std::size_t usable_processors();

}  // namespace cryptopath
