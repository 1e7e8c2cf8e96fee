#include "cli/runner.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "cli/child.hpp"

namespace cryptopath {

namespace {

bool needs_keys(const RunSpec& run) { return run.program.protects && run.payload == Payload::real; }

/// The session that the runs that protect share; an empty one where none does.
Session shared_session(const Scenario& scenario) {
  const RunSpec* first = nullptr;
  for (const RunSpec& run : scenario.runs) {
    if (!needs_keys(run)) continue;
    if (first == nullptr) first = &run;
    ensure(run.format == first->format && run.seed == first->seed, "the paths of a scenario share format and seed");
  }
  return first != nullptr ? handshake(first->format, first->seed) : Session{};
}

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

/// Waits until a child has something to say, or for as long as a bar may stand still.
void wait_for_any(const std::vector<std::unique_ptr<Child>>& children, std::vector<pollfd>& polled) {
  polled.clear();
  for (const auto& child : children) {
    // poll() passes over negative descriptors.
    polled.push_back({child ? child->descriptor() : -1, POLLIN, 0});
  }
  constexpr int still_ms = 200;
  const int ready = ::poll(polled.data(), polled.size(), still_ms);
  ensure(ready >= 0 || errno == EINTR, "the processes of the paths can be waited for");
  if (ready < 0) polled.clear();
}

}  // namespace

std::string key_log_of(const Scenario& scenario) { return shared_session(scenario).key_log; }

std::vector<Result> run_all(const Scenario& scenario, std::size_t jobs, const ReportProgress& report,
                            const Recording* recording) {
  ensure(jobs > 0, "at least one run at a time");
  Session session = shared_session(scenario);
  const std::size_t count = scenario.runs.size();
  std::vector<Result> results(count);
  std::vector<PathProgress> progress;
  for (const RunSpec& run : scenario.runs) progress.push_back({run.program.name, Bytes(0), run.file.size});

  std::vector<std::unique_ptr<Child>> children(count);
  std::vector<pollfd> polled;
  std::size_t started = 0;
  for (std::size_t finished = 0; finished < count;) {
    for (; started < count && started - finished < jobs; ++started) {
      children[started] = std::make_unique<Child>(scenario.runs[started], session,
                                                  recording != nullptr ? recording->part(started) : CapturePart());
    }
    wait_for_any(children, polled);
    for (std::size_t i = 0; i < polled.size(); ++i) {
      if (polled[i].revents == 0) continue;
      const bool ended = children[i]->receive();
      progress[i].done = children[i]->done();
      if (!ended) continue;
      results[i] = children[i]->result();
      ensure(results[i].path == scenario.runs[i].program.name, "a result is of the path that was run");
      progress[i].done = progress[i].size;
      children[i].reset();
      ++finished;
    }
    if (report) report(progress);
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
