// One processor and what shares it, as an i386 BSD kernel of its time has it.
//
// Interrupt handlers come first; a thread that runs in the kernel gives the processor up only when it sleeps. A process
// in user mode, or on its way there, gives it up when anybody has been woken since it was dispatched, and when a round
// ends, every `quantum` of the machine's time; it comes back behind its equals (sys/kern/kern_synch.c: wakeup(),
// roundrobin(), preempt()). A thread at a raised interrupt priority level (spl) holds interrupts off until it lowers it
// or sleeps.
//
// Interrupts as OpenBSD's i386 has them (sys/arch/i386/isa/vector.s; Keromytis et al. 2006, 5.4): each costs four
// writes to the interrupt controller on the ISA bus. Raising the level writes nothing there; an interrupt that comes
// while it is held off takes three writes at once, to mask its line, and the four when the level has fallen and it is
// replayed. The clocks' come through it too, and no level of devices holds them off.
//
// All processor time is charged to exactly one class, so that the classes sum to the elapsed time.
#pragma once

#include <coroutine>
#include <cstdint>
#include <deque>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "cryptopath/ledger.hpp"
#include "engine/bus.hpp"
#include "engine/clock.hpp"
#include "engine/task.hpp"
#include "hardware/scheduler.hpp"
#include "hardware/thread.hpp"

namespace cryptopath::sim {

/// An interrupt line and what the kernel has hooked to it. Devices may share a line: each of their handlers runs at
/// each interrupt and asks its device whether it was the one.
class InterruptLine {
 public:
  using Handler = std::function<Task<>()>;
  // To the controller on the ISA bus at an interrupt (sys/arch/i386/isa/vector.s): of irq 0 to 7, and of irq 8 and
  // above, for which the second controller is told too.
  static constexpr std::int64_t writes_on_first_controller = 3;
  static constexpr std::int64_t writes_on_second_controller = 4;

  explicit InterruptLine(std::string name) : name_(std::move(name)) {}
  InterruptLine(std::string name, Handler handler) : name_(std::move(name)) { add(std::move(handler)); }
  /// From one local interrupt controller (APIC) to another: takes no writes to the one on the ISA bus.
  static InterruptLine between_processors(std::string name, Handler handler) {
    InterruptLine line(std::move(name), std::move(handler));
    line.writes_ = 0;
    return line;
  }
  /// A clock's, whose level is above that of all devices: it takes so many writes.
  static InterruptLine of_clock(std::string name, std::int64_t writes, Handler handler) {
    InterruptLine line(std::move(name), std::move(handler));
    line.clock_ = true;
    line.writes_ = writes;
    return line;
  }
  void add(Handler handler) { handlers_.push_back(std::move(handler)); }

 private:
  friend class Processor;
  std::string name_;
  std::int64_t writes_ = writes_on_second_controller;
  bool clock_ = false;
  std::vector<Handler> handlers_;
  bool pending_ = false;
};

class Processor {
 public:
  struct Costs {
    Nanoseconds process_switch;
    Nanoseconds interrupt;  // entry and exit
    Nanoseconds quantum;
    Nanoseconds isa_write = {};  // to the interrupt controller
    // The clocks on i386 (sys/kern/kern_clock.c): their periods, and what their handlers take.
    Nanoseconds hardclock{10'000'000};
    Nanoseconds statclock{7'812'500};
    Nanoseconds hardclock_handler = {};
    Nanoseconds statclock_handler = {};
  };

  Processor(Clock& clock, Buses& buses, Ledger& ledger, Costs costs, std::uint64_t seed);

  /// Gives a new thread its first turn when the scheduler comes to it: `co_await processor.begin(thread)`.
  auto begin(Thread& thread) {
    return Suspend{*this, thread, [](Processor& self, Thread& t) { self.begin_thread(t); }};
  }
  /// Serves `duration` to the running thread.
  auto run(Thread& thread, Nanoseconds duration, ProcessorClass charged) {
    thread.work_ = Thread::Work::compute;
    thread.work_class_ = charged;
    thread.remaining_ = duration;
    return Suspend{*this, thread, [](Processor& self, Thread& t) { self.start_work(t); }};
  }
  /// Keeps the processor busy while `load` crosses `route`. An interrupt does not stop the transfer, since memory keeps
  /// streaming; the handler's time is owed at the end.
  auto run_transfer(Thread& thread, RouteIndex route, Bytes load, ProcessorClass charged) {
    thread.work_ = Thread::Work::transfer;
    thread.work_class_ = charged;
    thread.route_ = route;
    thread.load_ = load;
    thread.transfer_started_ = thread.transfer_ended_ = false;
    thread.interrupted_for_ = Nanoseconds(0);
    return Suspend{*this, thread, [](Processor& self, Thread& t) { self.start_work(t); }};
  }
  /// tsleep(9): gives up the processor until `channel` is woken. The interrupt level does not count meanwhile
  /// and stands again afterwards.
  auto sleep(Thread& thread, WaitChannel& channel) {
    thread.waits_for_ = &channel;
    return Suspend{*this, thread, [](Processor& self, Thread& t) { self.fall_asleep(t); }};
  }
  /// On the way back to user mode, where the thread may lose the processor (userret(), preempt()).
  auto return_to_user(Thread& thread) {
    return Suspend{*this, thread, [](Processor& self, Thread& t) { self.leave_kernel(t); }};
  }
  /// The thread is done: the processor is free, and the thread is not to be used again.
  void exit(Thread& thread);

  /// wakeup(9): makes all sleepers of `channel` ready. The cost is the caller's.
  void wakeup(WaitChannel& channel);

  /// A device pulls its line: the handler runs as soon as nothing holds it off. Pulled twice before, it runs once.
  void raise(InterruptLine& line);
  /// Serves `duration` to the handler that runs.
  auto run_in_interrupt(Nanoseconds duration) {
    ensure(in_interrupt_, "only a handler runs in interrupt context");
    return clock_.delay(duration);
  }
  /// Starts what runs beside the threads: the tasks of interrupts, and the clocks that the scheduler counts by.
  void start(Nursery& tasks);

  bool in_interrupt() const { return in_interrupt_; }
  /// Charges the time up to now. Call before reading the ledger.
  void settle() { charge(charged_); }
  bool idle() const { return current_ == nullptr && !in_interrupt_ && !switching_; }
  Nanoseconds busy() const { return busy_; }
  /// What the masking of lines, and clocks, have taken from code that holds devices off.
  Nanoseconds taken_from_held_off() const { return taken_from_held_off_; }

 private:
  struct Suspend {
    Processor& processor;
    Thread& thread;
    void (*act)(Processor&, Thread&);
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> coroutine) {
      thread.continuation_ = coroutine;
      act(processor, thread);
    }
    void await_resume() const noexcept {}
  };

  void start_work(Thread& thread);
  void finish_work(Thread& thread);
  void on_compute_end(std::uint64_t activity);
  void on_transfer_end();
  void interrupt_work();
  void fall_asleep(Thread& thread);
  void begin_thread(Thread& thread);
  void leave_kernel(Thread& thread);
  void make_ready(Thread& thread);
  void dispatch();
  void on_switched();
  void resume_current();
  bool held_off() const;
  /// The next line that nothing holds off, or the end.
  std::deque<InterruptLine*>::iterator next_pending();
  bool take_pending_interrupt();
  void leave_interrupt();
  void after_interrupt();
  void preempt();
  /// Preempts what runs in user mode, at once or as soon as the handler or the kernel that has the processor returns.
  void reschedule();
  /// Handlers run inside this task, one after the other.
  Task<> serve_interrupts();
  Nanoseconds any_instant_of(Nanoseconds interval);
  Task<> keep_time();          // raises hardclock()
  Task<> look_at_what_runs();  // raises statclock()
  Task<> round_robin();        // roundrobin()
  Task<> age_priorities();     // schedcpu()
  Task<> on_hardclock();
  Task<> on_statclock();
  void charge(ProcessorClass next);

  Clock& clock_;
  Buses& buses_;
  Ledger& ledger_;
  Costs costs_;

  Thread* current_ = nullptr;
  Thread* previous_ = nullptr;  // who ran last, or null after idling
  bool switching_ = false;
  bool in_interrupt_ = false;
  bool want_resched_ = false;   // somebody was woken, or a round has ended, since the running thread was dispatched
  std::uint64_t activity_ = 0;  // changes whenever a scheduled end of work goes stale
  Nanoseconds work_began_;
  Nanoseconds interrupt_began_;
  Scheduler scheduler_;
  std::mt19937_64 random_;  // for the instants of clocks
  InterruptLine hardclock_;
  InterruptLine statclock_;
  std::int64_t looks_ = 0;              // of statclock()
  std::deque<InterruptLine*> pending_;  // their handlers are to run
  std::int64_t to_mask_ = 0;            // lines of them that came while held off, not masked yet
  const InterruptLine* served_ = nullptr;
  std::coroutine_handle<> interrupt_service_;
  ProcessorClass charged_ = ProcessorClass::idle;
  Nanoseconds charged_until_;
  Nanoseconds busy_;
  Nanoseconds taken_from_held_off_;
};

}  // namespace cryptopath::sim
