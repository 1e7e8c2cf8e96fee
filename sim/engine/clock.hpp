// The clock: SimGrid's, with an exact calendar of events inside SimGrid's own main loop.
//
// One unit of SimGrid's time is 1 ns. Every instant that the project's code sees is a whole number of nanoseconds; the
// end of a bus transfer, which SimGrid computes as a fraction, is seen at the next whole one. Events of one instant run
// in the order in which they were scheduled. As long as no transfer can end, the calendar runs ahead of SimGrid, whose
// every step costs more than most events.
#pragma once

#include <coroutine>
#include <cstdint>
#include <exception>
#include <memory>
#include <queue>
#include <vector>

#include "cryptopath/units.hpp"

namespace simgrid::s4u {
class Engine;
}

namespace cryptopath::sim {

class Clock {
 public:
  /// What an event calls. `tag` is the caller's, for telling stale events from live ones.
  using Action = void (*)(void* context, std::uint64_t tag);

  /// Makes SimGrid's engine: once a process.
  Clock();
  ~Clock();
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;

  Nanoseconds now() const { return now_; }

  void at(Nanoseconds instant, Action action, void* context, std::uint64_t tag = 0);
  void after(Nanoseconds delay, Action action, void* context, std::uint64_t tag = 0) {
    at(now_ + delay, action, context, tag);
  }
  void resume_at(Nanoseconds instant, std::coroutine_handle<> coroutine);

  /// `co_await clock.delay(d)` resumes d later; d = 0 resumes at once.
  auto delay(Nanoseconds duration) {
    struct Delay {
      Clock& clock;
      Nanoseconds duration;
      bool await_ready() const noexcept { return duration.count <= 0; }
      void await_suspend(std::coroutine_handle<> coroutine) { clock.resume_at(clock.now() + duration, coroutine); }
      void await_resume() const noexcept {}
    };
    return Delay{*this, duration};
  }

  /// The same for who only looks whether there is something to do: it does not keep a run alive.
  auto idle_delay(Nanoseconds duration) {
    struct IdleDelay {
      Clock& clock;
      Nanoseconds duration;
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<> coroutine) {
        clock.schedule(
            clock.now() + duration,
            [](void* address, std::uint64_t) { std::coroutine_handle<>::from_address(address).resume(); },
            coroutine.address(), 0, true);
      }
      void await_resume() const noexcept {}
    };
    return IdleDelay{*this, duration};
  }

  /// Runs until nothing is scheduled but idle delays and no transfer is under way, or an exception was kept with
  /// fail(): that is thrown then. Throws InputError when simulated time passes `limit`.
  void run(Nanoseconds limit);
  /// Ends the run: nothing that is scheduled happens any more.
  void stop();
  /// Ends the run with this exception. The first one counts.
  void fail(std::exception_ptr exception);

  /// For bus.cpp: calls `action` at this instant, when SimGrid has come here too. Nothing else runs before.
  void when_simgrid_is_here(Action action, void* context);
  /// The whole nanosecond at which something that ends at such a fraction may be seen: the next one, but for errors of
  /// rounding.
  static Nanoseconds whole(double nanoseconds);
  /// For bus.cpp: the instant at which something that SimGrid ends now may be seen.
  Nanoseconds next_whole_instant() const;

 private:
  class Calendar;
  struct Event {
    std::int64_t instant;
    std::uint64_t order;
    Action action;
    void* context;
    std::uint64_t tag;
    bool idle;
    bool operator>(const Event& other) const {
      return instant != other.instant ? instant > other.instant : order > other.order;
    }
  };
  struct Meeting {
    Action action;
    void* context;
  };

  void schedule(Nanoseconds instant, Action action, void* context, std::uint64_t tag, bool idle);

  std::unique_ptr<simgrid::s4u::Engine> engine_;
  std::shared_ptr<Calendar> calendar_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::vector<Meeting> meetings_;  // with SimGrid, at now_
  std::uint64_t scheduled_ = 0;
  std::int64_t idle_ = 0;  // of the events: idle delays
  Nanoseconds now_;
  Nanoseconds limit_;
  bool stopped_ = false;
  std::exception_ptr failure_;
};

}  // namespace cryptopath::sim
