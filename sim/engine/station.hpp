// What the operational laws are checked on: a place that requests enter and leave (Denning and Buzen 1978).
#pragma once

#include <string>

#include "engine/clock.hpp"

namespace cryptopath::sim {

class Station {
 public:
  Station(Clock& clock, std::string name) : clock_(clock), name_(std::move(name)) {}

  /// A request enters; keep the returned instant for leave().
  Nanoseconds enter() {
    accumulate();
    ++inside_;
    return clock_.now();
  }
  void leave(Nanoseconds entered) {
    accumulate();
    --inside_;
    residence_ += clock_.now() - entered;
  }
  /// The server worked for `duration`, which ended now or will have ended when the request leaves.
  void served(Nanoseconds duration) { busy_ += duration; }

  const std::string& name() const { return name_; }
  Nanoseconds busy() const { return busy_; }

  /// Throws Fault unless nothing is inside, Little's law holds (the number inside, integrated over time, is the sum of
  /// the residence times), and the server was busy for no longer than `elapsed` and than requests were inside.
  void check(Nanoseconds elapsed) const {
    ensure(inside_ == 0, name_ + ": requests went in and did not come out");
    ensure(area_ == residence_, name_ + ": Little's law does not hold");
    ensure(busy_ <= elapsed, name_ + ": busy for longer than the run took");
    ensure(busy_ <= residence_, name_ + ": served longer than requests stayed");
  }

 private:
  void accumulate() {
    area_ += (clock_.now() - changed_) * inside_;
    changed_ = clock_.now();
  }

  Clock& clock_;
  std::string name_;
  std::int64_t inside_ = 0;
  Nanoseconds changed_;
  Nanoseconds area_;
  Nanoseconds residence_;
  Nanoseconds busy_;
};

}  // namespace cryptopath::sim
