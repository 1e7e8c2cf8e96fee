#include "engine/clock.hpp"

#include <xbt/log.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <csignal>
#include <limits>
#include <simgrid/kernel/resource/Model.hpp>
#include <simgrid/s4u.hpp>
#include <string>

namespace cryptopath::sim {

// A resource model without resources: SimGrid asks it for its next event and tells it when time has come there. What it
// names as its next event is the next instant at which something wants SimGrid; all before that it has already done.
class Clock::Calendar final : public simgrid::kernel::resource::Model {
 public:
  explicit Calendar(Clock& clock) : Model("calendar"), clock_(clock) {}

  double next_occurring_event(double now) override {
    const double end = next_end(now);
    while (clock_.meetings_.empty() && something_is_to_come(end) &&
           static_cast<double>(clock_.events_.top().instant) <= end) {
      run_instant(clock_.events_.top().instant);
    }
    if (!clock_.meetings_.empty()) return std::max(0.0, static_cast<double>(clock_.now_.count) - now);
    if (!something_is_to_come(end)) return -1;
    return std::max(0.0, static_cast<double>(clock_.events_.top().instant) - now);
  }

  void update_actions_state(double now, double /*delta*/) override {
    // SimGrid adds deltas to its clock, so that it can stand a rounding error beside a whole nanosecond.
    if (std::abs(now - static_cast<double>(clock_.now_.count)) > 0.25) return;
    met_.swap(clock_.meetings_);
    for (const Meeting& meeting : met_) guarded([&] { meeting.action(meeting.context, 0); });
    met_.clear();
  }

 private:
  /// When the first of the transfers under way ends, as things stand.
  double next_end(double now) const {
    double end = std::numeric_limits<double>::infinity();
    for (simgrid::kernel::resource::Model* model : clock_.engine_->get_all_models()) {
      if (model == this || model->get_started_action_set()->empty()) continue;
      const double delta = model->next_occurring_event(now);
      if (delta >= 0) end = std::min(end, now + delta);
    }
    return end;
  }

  /// An event, and not only idle delays with nobody to end them.
  bool something_is_to_come(double end) const {
    if (clock_.events_.empty()) return false;
    return static_cast<std::int64_t>(clock_.events_.size()) > clock_.idle_ || std::isfinite(end);
  }

  void run_instant(std::int64_t instant) {
    if (instant > clock_.limit_.count) {
      clock_.fail(std::make_exception_ptr(
          InputError("the run did not end within its limit of " + to_string(clock_.limit_) +
                     " of simulated time; a larger \"time_limit\" or less to do in it would do")));
      return;
    }
    clock_.now_ = Nanoseconds(instant);
    while (!clock_.events_.empty() && clock_.events_.top().instant == instant) {
      const Event event = clock_.events_.top();
      clock_.events_.pop();
      if (event.idle) --clock_.idle_;
      guarded([&] { event.action(event.context, event.tag); });
    }
  }

  /// SimGrid's loop is no place for an exception to pass through.
  template <class Action>
  void guarded(Action action) {
    try {
      action();
    } catch (...) {
      clock_.fail(std::current_exception());
    }
  }

  Clock& clock_;
  std::vector<Meeting> met_;
};

namespace {

/// Puts back what signals did before: SimGrid's engine installs handlers of its own for SIGINT and SIGSEGV.
class KeptSignals {
 public:
  KeptSignals() {
    for (std::size_t i = 0; i < signals.size(); ++i) ::sigaction(signals[i], nullptr, &kept_[i]);
  }
  ~KeptSignals() {
    for (std::size_t i = 0; i < signals.size(); ++i) ::sigaction(signals[i], &kept_[i], nullptr);
  }
  KeptSignals(const KeptSignals&) = delete;
  KeptSignals& operator=(const KeptSignals&) = delete;

 private:
  static constexpr std::array signals = {SIGINT, SIGTERM, SIGHUP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT};
  std::array<struct sigaction, signals.size()> kept_{};
};

std::unique_ptr<simgrid::s4u::Engine> make_engine() {
  const KeptSignals kept;
  xbt_log_control_set("root.thresh:error");  // before any option is set, which it would report
  static std::string name = "cryptopath";    // SimGrid keeps what it is given; it is not to see the user's own options
  static std::array<char*, 2> arguments = {name.data(), nullptr};
  int count = 1;
  auto engine = std::make_unique<simgrid::s4u::Engine>(&count, arguments.data());
  // SimGrid's network models are made for TCP over the Internet. These settings make a link an ideal bus: it gives each
  // transfer its max-min share of the capacity, neither more nor less.
  simgrid::s4u::Engine::set_config("network/model:CM02");
  simgrid::s4u::Engine::set_config("network/crosstraffic:0");
  simgrid::s4u::Engine::set_config("network/TCP-gamma:1e30");
  return engine;
}

}  // namespace

Clock::Clock() : engine_(make_engine()) {}
Clock::~Clock() = default;

void Clock::at(Nanoseconds instant, Action action, void* context, std::uint64_t tag) {
  schedule(instant, action, context, tag, false);
}

void Clock::schedule(Nanoseconds instant, Action action, void* context, std::uint64_t tag, bool idle) {
  ensure(instant >= now_, "an event was scheduled in the past");
  if (stopped_) return;
  events_.push({instant.count, scheduled_++, action, context, tag, idle});
  if (idle) ++idle_;
}

void Clock::resume_at(Nanoseconds instant, std::coroutine_handle<> coroutine) {
  at(
      instant, [](void* address, std::uint64_t) { std::coroutine_handle<>::from_address(address).resume(); },
      coroutine.address());
}

void Clock::when_simgrid_is_here(Action action, void* context) {
  if (!stopped_) meetings_.push_back({action, context});
}

void Clock::run(Nanoseconds limit) {
  limit_ = limit;
  calendar_ = std::make_shared<Calendar>(*this);
  engine_->add_model(calendar_);
  engine_->run();
  if (failure_) std::rethrow_exception(failure_);
}

void Clock::fail(std::exception_ptr exception) {
  if (!failure_) failure_ = std::move(exception);
  stop();
}

void Clock::stop() {
  stopped_ = true;
  meetings_.clear();
  idle_ = 0;
  events_ = {};  // SimGrid's loop ends when the transfers under way have
}

Nanoseconds Clock::whole(double nanoseconds) {
  const double nearest = std::round(nanoseconds);
  return Nanoseconds(
      static_cast<std::int64_t>(std::abs(nanoseconds - nearest) < 1e-3 ? nearest : std::ceil(nanoseconds)));
}

Nanoseconds Clock::next_whole_instant() const { return std::max(now_, whole(simgrid::s4u::Engine::get_clock())); }

}  // namespace cryptopath::sim
