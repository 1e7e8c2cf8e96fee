// Of the processor: who has it, and the clocks that see to it.
#include <utility>

#include "hardware/cpu.hpp"

namespace cryptopath::sim {

namespace {

// Each fourth tick of the statistics clock is charged (sys/kern/kern_clock.c).
constexpr std::int64_t looks_a_charge = 4;
constexpr Nanoseconds between_agings(1'000'000'000);

}  // namespace

void Processor::begin_thread(Thread& thread) {
  scheduler_.begin(thread);
  make_ready(thread);
}

void Processor::make_ready(Thread& thread) {
  scheduler_.enqueue(thread);
  if (idle()) dispatch();
}

void Processor::dispatch() {
  ensure(idle(), "the processor is taken");
  if (take_pending_interrupt()) return;
  current_ = scheduler_.dequeue();
  if (current_ == nullptr) {
    charge(ProcessorClass::idle);
    previous_ = nullptr;
    return;
  }
  want_resched_ = false;
  if (current_ == previous_) {
    on_switched();
    return;
  }
  ledger_.add(Act::process_switches);
  switching_ = true;
  charge(ProcessorClass::switching);
  clock_.after(
      costs_.process_switch, [](void* self, std::uint64_t) { static_cast<Processor*>(self)->on_switched(); }, this);
}

void Processor::on_switched() {
  switching_ = false;
  previous_ = current_;
  if (take_pending_interrupt()) return;
  resume_current();
}

void Processor::fall_asleep(Thread& thread) {
  ensure(current_ == &thread && !in_interrupt_, "only the running thread may sleep");
  thread.waits_for_->sleepers_.push_back(&thread);
  current_ = nullptr;
  dispatch();
}

void Processor::wakeup(WaitChannel& channel) {
  const auto sleepers = std::exchange(channel.sleepers_, {});
  for (Thread* thread : sleepers) {
    ledger_.add(Act::wakeups);
    thread->waits_for_ = nullptr;
    thread->priority_ = channel.priority_;
    scheduler_.woken(*thread);
    // wakeup() compares no priorities: what sleeps in the kernel is taken to be better than any user mode.
    want_resched_ = true;
    make_ready(*thread);
  }
}

void Processor::leave_kernel(Thread& thread) {
  ensure(current_ == &thread && !in_interrupt_, "only the running thread may return to user mode");
  thread.priority_ = Scheduler::user_priority(thread);
  if (want_resched_) {
    preempt();
    return;
  }
  resume_current();
}

void Processor::preempt() {
  Thread& thread = *std::exchange(current_, nullptr);
  thread.priority_ = Scheduler::user_priority(thread);
  scheduler_.enqueue(thread);
  dispatch();
}

void Processor::exit(Thread& thread) {
  ensure(current_ == &thread && !in_interrupt_, "only the running thread may exit");
  scheduler_.exit(thread);
  current_ = nullptr;
  dispatch();
}

// The clocks.

void Processor::start(Nursery& tasks) {
  tasks.start(serve_interrupts());
  tasks.start(keep_time());
  tasks.start(look_at_what_runs());
  tasks.start(round_robin());
  tasks.start(age_priorities());
}

void Processor::reschedule() {
  if (current_ == nullptr) return;
  want_resched_ = true;
  if (in_interrupt_ || switching_ || current_->work_ != Thread::Work::compute ||
      current_->work_class_ != ProcessorClass::user) {
    return;
  }
  interrupt_work();
  preempt();
}

Nanoseconds Processor::any_instant_of(Nanoseconds interval) {
  return Nanoseconds(static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(interval.count)));
}

Task<> Processor::keep_time() {
  co_await clock_.idle_delay(any_instant_of(costs_.hardclock));
  for (;;) {
    raise(hardclock_);
    co_await clock_.idle_delay(costs_.hardclock);
  }
}

Task<> Processor::look_at_what_runs() {
  for (;;) {
    // At any instant of each period: in step with a load that repeats itself, it would find the same one each time.
    const Nanoseconds until_look = any_instant_of(costs_.statclock);
    co_await clock_.idle_delay(until_look);
    raise(statclock_);
    co_await clock_.idle_delay(costs_.statclock - until_look);
  }
}

Task<> Processor::on_hardclock() { co_await clock_.delay(costs_.hardclock_handler); }

Task<> Processor::on_statclock() {
  co_await clock_.delay(costs_.statclock_handler);
  if (++looks_ % looks_a_charge == 0) scheduler_.charge_tick(current_);
}

Task<> Processor::round_robin() {
  for (;;) {
    co_await clock_.idle_delay(costs_.quantum);
    reschedule();
  }
}

Task<> Processor::age_priorities() {
  for (;;) {
    co_await clock_.idle_delay(between_agings);
    if (scheduler_.age(current_)) reschedule();
  }
}

}  // namespace cryptopath::sim
