#include "hardware/cpu.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace cryptopath::sim {

namespace {

constexpr std::array class_acts = {Act::cpu_user_ns,      Act::cpu_kernel_ns, Act::cpu_crypto_thread_ns,
                                   Act::cpu_interrupt_ns, Act::cpu_switch_ns, Act::cpu_idle_ns};

// sys/arch/i386/isa/vector.s, for a line of the second controller (irq 8 and above).
constexpr std::int64_t writes_an_interrupt = 4;
constexpr std::int64_t writes_to_mask = 3;

// The statistics clock ticks 128 times a second on i386, and each fourth tick is charged (sys/kern/kern_clock.c).
constexpr Nanoseconds between_ticks(1'000'000'000 / 32);
constexpr Nanoseconds between_agings(1'000'000'000);

}  // namespace

Processor::Processor(Clock& clock, Buses& buses, Ledger& ledger, Costs costs, std::uint64_t seed)
    : clock_(clock), buses_(buses), ledger_(ledger), costs_(costs), random_(seed) {}

void Processor::charge(ProcessorClass next) {
  const Nanoseconds spent = clock_.now() - charged_until_;
  ledger_.add(class_acts[static_cast<std::size_t>(charged_)], spent.count);
  if (charged_ != ProcessorClass::idle) busy_ += spent;
  charged_until_ = clock_.now();
  charged_ = next;
}

// Work of the running thread.

void Processor::start_work(Thread& thread) {
  ensure(current_ == &thread && !in_interrupt_ && !switching_, "only the running thread may use the processor");
  if (take_pending_interrupt()) return;  // it comes back through resume_current()
  resume_current();
}

void Processor::resume_current() {
  Thread& thread = *current_;
  if (thread.work_class_ == ProcessorClass::user && thread.work_ == Thread::Work::compute && want_resched_) {
    preempt();
    return;
  }
  switch (thread.work_) {
    case Thread::Work::none:
      thread.continuation_.resume();
      return;
    case Thread::Work::compute:
      charge(thread.work_class_);
      work_began_ = clock_.now();
      clock_.after(
          thread.remaining_,
          [](void* self, std::uint64_t activity) { static_cast<Processor*>(self)->on_compute_end(activity); }, this,
          ++activity_);
      return;
    case Thread::Work::transfer:
      charge(thread.work_class_);
      if (!thread.transfer_started_) {
        thread.transfer_started_ = true;
        buses_.start(
            thread.route_, thread.load_,
            [](void* self, std::uint64_t) { static_cast<Processor*>(self)->on_transfer_end(); }, this);
      } else if (thread.transfer_ended_) {  // it ended while a handler ran: what is owed is left
        thread.work_ = Thread::Work::compute;
        thread.remaining_ = thread.interrupted_for_;
        resume_current();
      }
      return;
  }
}

void Processor::finish_work(Thread& thread) {
  thread.work_ = Thread::Work::none;
  thread.continuation_.resume();
}

void Processor::on_compute_end(std::uint64_t activity) {
  if (activity == activity_) finish_work(*current_);
}

void Processor::on_transfer_end() {
  // Handlers come between, but nobody else runs: code that waits for memory is not preempted.
  ensure(current_ != nullptr && current_->work_ == Thread::Work::transfer, "a thread lost the processor to no handler");
  Thread& thread = *current_;
  thread.transfer_ended_ = true;
  if (in_interrupt_) {
    thread.interrupted_for_ += clock_.now() - interrupt_began_;
    return;
  }
  if (thread.interrupted_for_.count == 0) {
    finish_work(thread);
    return;
  }
  thread.work_ = Thread::Work::compute;
  thread.remaining_ = thread.interrupted_for_;
  resume_current();
}

void Processor::interrupt_work() {
  if (current_ == nullptr || current_->work_ != Thread::Work::compute) return;
  current_->remaining_ -= clock_.now() - work_began_;
  ++activity_;
}

// Interrupts.

bool Processor::held_off() const { return current_ != nullptr && current_->level != InterruptLevel::none; }

void Processor::raise(InterruptLine& line) {
  if (line.pending_) return;
  line.pending_ = true;
  pending_.push_back(&line);
  if (in_interrupt_ || switching_) {
    // Handlers of cards do not nest, and cpu_switch() runs at splhigh. A line that is being served is masked already.
    if (&line != served_ && line.through_isa_) ++to_mask_;
    return;
  }
  if (held_off()) {
    if (!line.through_isa_) return;  // it is taken when the level has fallen, and nothing is written before
    ++to_mask_;
  }
  // Code of the running thread that is between two pieces of work takes it when it starts the next one.
  if (current_ != nullptr && current_->work_ == Thread::Work::none) return;
  interrupt_work();
  take_pending_interrupt();
}

bool Processor::take_pending_interrupt() {
  if (in_interrupt_ || switching_) return false;
  if (to_mask_ == 0 && (pending_.empty() || held_off())) return false;
  in_interrupt_ = true;
  interrupt_began_ = clock_.now();
  charge(ProcessorClass::interrupt);
  clock_.resume_at(clock_.now(), interrupt_service_);
  return true;
}

Task<> Processor::serve_interrupts() {
  struct NextInterrupt {
    Processor& processor;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> coroutine) { processor.interrupt_service_ = coroutine; }
    void await_resume() const noexcept {}
  };
  for (;;) {
    co_await NextInterrupt{*this};
    for (;;) {
      if (to_mask_ > 0) {
        --to_mask_;
        ledger_.add(Act::interrupts_held_off);
        ledger_.add(Act::interrupt_controller_writes, writes_to_mask);
        co_await clock_.delay(costs_.isa_write * writes_to_mask);
        masking_ += costs_.isa_write * writes_to_mask;
        continue;
      }
      if (pending_.empty() || held_off()) break;
      InterruptLine& line = *pending_.front();
      pending_.pop_front();
      line.pending_ = false;
      served_ = &line;
      ledger_.add(Act::interrupts);
      const std::int64_t writes = line.through_isa_ ? writes_an_interrupt : 0;
      ledger_.add(Act::interrupt_controller_writes, writes);
      co_await clock_.delay(costs_.interrupt + costs_.isa_write * writes);
      for (const InterruptLine::Handler& handler : line.handlers_) co_await handler();
      served_ = nullptr;
    }
    leave_interrupt();
  }
}

void Processor::leave_interrupt() {
  // The service task is to reach its wait for the next interrupt before anything else runs.
  clock_.after(
      Nanoseconds(0), [](void* self, std::uint64_t) { static_cast<Processor*>(self)->after_interrupt(); }, this);
}

void Processor::after_interrupt() {
  in_interrupt_ = false;
  if (current_ == nullptr) {
    dispatch();
    return;
  }
  if (current_->work_ == Thread::Work::transfer && current_->transfer_started_ && !current_->transfer_ended_) {
    current_->interrupted_for_ += clock_.now() - interrupt_began_;
  }
  if (!take_pending_interrupt()) resume_current();
}

// Scheduling.

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
  const std::vector<Thread*> sleepers = std::exchange(channel.sleepers_, {});
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

// The clocks. Their interrupts take no time.

void Processor::start(Nursery& tasks) {
  tasks.start(serve_interrupts());
  tasks.start(round_robin());
  tasks.start(charge_ticks());
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

Task<> Processor::round_robin() {
  for (;;) {
    co_await clock_.idle_delay(costs_.quantum);
    reschedule();
  }
}

Task<> Processor::charge_ticks() {
  for (;;) {
    // At any instant of each interval: in step with a load that repeats itself, it would find the same one each time.
    const auto interval = static_cast<std::uint64_t>(between_ticks.count);
    const auto until_tick = Nanoseconds(static_cast<std::int64_t>(random_() % interval));
    co_await clock_.idle_delay(until_tick);
    scheduler_.charge_tick(current_);
    co_await clock_.idle_delay(between_ticks - until_tick);
  }
}

Task<> Processor::age_priorities() {
  for (;;) {
    co_await clock_.idle_delay(between_agings);
    if (scheduler_.age(current_)) reschedule();
  }
}

}  // namespace cryptopath::sim
