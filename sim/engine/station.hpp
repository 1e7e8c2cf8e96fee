// A place that requests enter and leave, and the figures that the operational laws are checked on (Denning and Buzen
// 1978).
#pragma once

#include <algorithm>
#include <optional>
#include <string>

#include "engine/clock.hpp"

namespace cryptopath::sim {

/// What was observed at a station until the end of a run.
struct StationFigures {
  std::string name;
  std::int64_t arrivals = 0;     // counted where requests are handed in
  std::int64_t completions = 0;  // counted by whoever takes the results
  Nanoseconds area;              // the number inside, integrated over time
  Nanoseconds residence;         // of each request by its own stamp, summed
  Nanoseconds busy;              // of the server, by the clock, in services that have ended
  Nanoseconds busy_by_now;       // and in the one that goes on
  Nanoseconds least_busy;        // what the completions need at the server's own rate
  std::optional<Nanoseconds> most_busy;
};

/// Throws Fault unless all that arrived was completed, Little's law holds (the number inside, integrated over time, is
/// the sum of the residence times), the server was busy for no longer than `elapsed` and than requests were inside, and
/// the utilization law holds (it was busy for its completions' service).
inline void check(const StationFigures& station, Nanoseconds elapsed) {
  ensure(station.arrivals == station.completions, station.name + ": requests went in and did not come out");
  ensure(station.area == station.residence, station.name + ": Little's law does not hold");
  ensure(station.busy <= elapsed, station.name + ": busy for longer than the run took");
  ensure(station.busy <= station.residence, station.name + ": served longer than requests stayed");
  ensure(station.busy >= station.least_busy, station.name + ": faster than its own rate");
  ensure(!station.most_busy || station.busy <= *station.most_busy, station.name + ": busy with more than its requests");
}

class Station {
 public:
  Station(Clock& clock, std::string name) : clock_(clock), name_(std::move(name)) {}

  /// A request enters; keep the returned instant for leave().
  Nanoseconds enter() {
    accumulate();
    ++arrivals_;
    return clock_.now();
  }
  void leave(Nanoseconds entered) {
    accumulate();
    ++departures_;
    residence_ += clock_.now() - entered;
  }
  /// The server begins to work now, or began at an instant that is known only now; it works on one request at a time.
  void begin_service() { begin_service(clock_.now()); }
  void begin_service(Nanoseconds began) {
    // No ensure() here and below, which would put its message together each time.
    if (serving_ || began > clock_.now()) throw Fault(name_ + ": the server is taken");
    serving_ = std::max(began, served_until_);
  }
  /// It has ended.
  void end_service() {
    if (!serving_) throw Fault(name_ + ": nothing is served");
    busy_ += clock_.now() - *serving_;
    served_until_ = clock_.now();
    serving_.reset();
  }

  const std::string& name() const { return name_; }
  Nanoseconds busy() const { return busy_; }

  StationFigures figures(std::int64_t completions, Nanoseconds least_busy = {},
                         std::optional<Nanoseconds> most_busy = {}) const {
    Nanoseconds by_now = busy_;
    if (serving_) by_now += std::max(Nanoseconds(0), clock_.now() - *serving_);
    return {name_, arrivals_, completions, area_, residence_, busy_, by_now, least_busy, most_busy};
  }
  /// The laws for a station whose departures nobody else counts.
  void check(Nanoseconds elapsed) const { sim::check(figures(departures_), elapsed); }

 private:
  void accumulate() {
    area_ += (clock_.now() - changed_) * (arrivals_ - departures_);
    changed_ = clock_.now();
  }

  Clock& clock_;
  std::string name_;
  std::int64_t arrivals_ = 0;
  std::int64_t departures_ = 0;
  Nanoseconds changed_;
  Nanoseconds area_;
  Nanoseconds residence_;
  Nanoseconds busy_;
  std::optional<Nanoseconds> serving_;  // since when
  Nanoseconds served_until_;
};

}  // namespace cryptopath::sim
