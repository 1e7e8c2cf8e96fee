#include "cli/runner.hpp"

#include <fmt/format.h>
#include <sched.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "cryptopath/simulate.hpp"

namespace cryptopath {

namespace {

bool needs_keys(const RunSpec& run) { return run.program.protects && run.payload == Payload::real; }

/// Same keys, same file, same buffers: the same records.
void check_wires(const Scenario& scenario, const std::vector<Result>& results) {
  // A file that changed between two paths is the user's matter, not a fault.
  for (const RunSpec& run : scenario.runs) check_unchanged(run);
  const Result* first = nullptr;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!needs_keys(scenario.runs[i])) continue;
    if (first == nullptr) first = &results[i];
    if (results[i].wire.sha256 != first->wire.sha256) {
      throw Fault(fmt::format("the paths {} and {} left different wires: sha256 {} and {}", first->path,
                              results[i].path, first->wire.sha256, results[i].wire.sha256));
    }
  }
}

/// In the process that simulates.
Result simulate_path(const RunSpec& run, Session session, const CapturePart& part, const Progress& progress) {
  if (run.payload == Payload::real && !run.program.protects) session = handshake(RecordFormat(), run.seed);
  std::optional<ConnectionCapture> capture;
  if (part.file >= 0) {
    capture.emplace(captured_connection(run, part), session.handshake,
                    [&part](std::span<const std::byte> bytes) { part.write(bytes); });
  }
  return simulate(run, std::move(session), progress, capture ? &*capture : nullptr);
}

}  // namespace

Session session_of(const Scenario& scenario) {
  const RunSpec* first = nullptr;
  for (const RunSpec& run : scenario.runs) {
    if (!needs_keys(run)) continue;
    if (first == nullptr) first = &run;
    ensure(run.format == first->format && run.seed == first->seed, "the paths of a scenario share format and seed");
  }
  return first != nullptr ? handshake(first->format, first->seed) : Session{};
}

std::vector<Result> run_all(const Scenario& scenario, std::size_t jobs, const ReportProgress& report,
                            const Recording* recording) {
  Session session = session_of(scenario);
  std::vector<Simulation> simulations;
  for (const RunSpec& run : scenario.runs) {
    const CapturePart part = recording != nullptr ? recording->part(simulations.size()) : CapturePart();
    simulations.push_back({"path", run.program.name, run.file.size, [&run, &session, part](const Progress& progress) {
                             return simulate_path(run, std::move(session), part, progress);
                           }});
  }
  std::vector<Result> results = run_in_children(simulations, jobs, report);
  for (std::size_t i = 0; i < results.size(); ++i) {
    ensure(results[i].path == scenario.runs[i].program.name, "a result is of the path that was run");
  }
  check_wires(scenario, results);
  return results;
}

std::size_t usable_processors() {
  cpu_set_t processors;
  if (::sched_getaffinity(0, sizeof processors, &processors) != 0) return 1;
  return static_cast<std::size_t>(std::max(1, CPU_COUNT(&processors)));
}

}  // namespace cryptopath
