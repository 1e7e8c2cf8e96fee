#include "cli/children.hpp"

#include <poll.h>

#include <cerrno>
#include <memory>

namespace cryptopath {

namespace {

/// Waits until a child has something to say, or for as long as a bar may stand still.
void wait_for_any(const std::vector<std::unique_ptr<Child>>& children, std::vector<pollfd>& polled) {
  polled.clear();
  for (const auto& child : children) {
    // poll() passes over negative descriptors.
    polled.push_back({child ? child->descriptor() : -1, POLLIN, 0});
  }
  constexpr int still_ms = 200;
  const int ready = ::poll(polled.data(), polled.size(), still_ms);
  ensure(ready >= 0 || errno == EINTR, "the processes of the runs can be waited for");
  if (ready < 0) polled.clear();
}

}  // namespace

std::vector<Result> run_in_children(const std::vector<Simulation>& simulations, std::size_t jobs,
                                    const ReportProgress& report) {
  ensure(jobs > 0, "at least one run at a time");
  const std::size_t count = simulations.size();
  std::vector<Result> results(count);
  std::vector<PathProgress> progress;
  for (const Simulation& simulation : simulations) progress.push_back({simulation.name, Bytes(0), simulation.size});

  std::vector<std::unique_ptr<Child>> children(count);
  std::vector<pollfd> polled;
  std::size_t started = 0;
  for (std::size_t finished = 0; finished < count;) {
    for (; started < count && started - finished < jobs; ++started) {
      children[started] = std::make_unique<Child>(simulations[started]);
    }
    wait_for_any(children, polled);
    for (std::size_t i = 0; i < polled.size(); ++i) {
      if (polled[i].revents == 0) continue;
      const bool ended = children[i]->receive();
      progress[i].done = children[i]->done();
      if (!ended) continue;
      results[i] = children[i]->result();
      progress[i].done = progress[i].size;
      children[i].reset();
      ++finished;
    }
    if (report) report(progress);
  }
  return results;
}

}  // namespace cryptopath
