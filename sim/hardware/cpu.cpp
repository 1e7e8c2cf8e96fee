#include "hardware/cpu.hpp"

#include <algorithm>
#include <utility>

namespace cryptopath::sim {

namespace {

constexpr std::array class_acts = {Act::cpu_user_ns,      Act::cpu_kernel_ns, Act::cpu_crypto_thread_ns,
                                   Act::cpu_interrupt_ns, Act::cpu_switch_ns, Act::cpu_idle_ns};

// sys/arch/i386/isa/vector.s, for a line of the second controller (irq 8 and above).
constexpr std::int64_t writes_an_interrupt = 4;
constexpr std::int64_t writes_to_mask = 3;

std::size_t index_of(Priority priority) { return static_cast<std::size_t>(priority); }

}  // namespace

Processor::Processor(Clock& clock, Buses& buses, Ledger& ledger, Costs costs)
    : clock_(clock), buses_(buses), ledger_(ledger), costs_(costs) {}

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
  if (thread.work_class_ == ProcessorClass::user && thread.work_ == Thread::Work::compute &&
      (want_resched_ || quantum_over_)) {
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

void Processor::make_ready(Thread& thread) {
  ready_[index_of(thread.priority_)].push_back(&thread);
  if (idle()) {
    dispatch();
  } else {
    if (current_ != nullptr && index_of(thread.priority_) < index_of(current_->priority_)) want_resched_ = true;
    watch_round_robin();
  }
}

void Processor::dispatch() {
  ensure(idle(), "the processor is taken");
  if (take_pending_interrupt()) return;
  for (auto& queue : ready_) {
    if (queue.empty()) continue;
    current_ = queue.front();
    queue.pop_front();
    want_resched_ = quantum_over_ = false;
    if (current_ == previous_) {
      on_switched();
      return;
    }
    ledger_.add(Act::process_switches);
    switching_ = true;
    charge(ProcessorClass::switching);
    clock_.after(
        costs_.process_switch, [](void* self, std::uint64_t) { static_cast<Processor*>(self)->on_switched(); }, this);
    return;
  }
  charge(ProcessorClass::idle);
  previous_ = nullptr;
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
  const std::deque<Thread*> sleepers = std::exchange(channel.sleepers_, {});
  for (Thread* thread : sleepers) {
    ledger_.add(Act::wakeups);
    thread->waits_for_ = nullptr;
    // A process that slept in the kernel comes back ahead of those in user mode.
    if (thread->priority_ == Priority::user) thread->priority_ = Priority::woken_in_kernel;
    make_ready(*thread);
  }
}

void Processor::yield_to_better(Thread& thread) {
  ensure(current_ == &thread && !in_interrupt_, "only the running thread may return to user mode");
  if (thread.priority_ == Priority::woken_in_kernel) thread.priority_ = Priority::user;
  if (want_resched_ || (quantum_over_ && !ready_[index_of(thread.priority_)].empty())) {
    preempt();
    return;
  }
  resume_current();
}

void Processor::preempt() {
  Thread& thread = *std::exchange(current_, nullptr);
  quantum_over_ = false;
  ready_[index_of(thread.priority_)].push_back(&thread);
  watch_round_robin();
  dispatch();
}

void Processor::exit(Thread& thread) {
  ensure(current_ == &thread && !in_interrupt_, "only the running thread may exit");
  current_ = nullptr;
  dispatch();
}

// roundrobin(): a timer of the machine, not of each process. It is off while no process waits in user mode.
void Processor::watch_round_robin() {
  if (round_robin_watched_ || ready_[index_of(Priority::user)].empty()) return;
  round_robin_watched_ = true;
  const std::int64_t rounds = clock_.now().count / costs_.quantum.count;
  clock_.at(
      costs_.quantum * (rounds + 1), [](void* self, std::uint64_t) { static_cast<Processor*>(self)->round_robin(); },
      this);
}

void Processor::round_robin() {
  round_robin_watched_ = false;
  watch_round_robin();
  if (current_ == nullptr || ready_[index_of(Priority::user)].empty()) return;
  quantum_over_ = true;  // in the kernel it is heeded on the way back to user mode
  if (in_interrupt_ || switching_ || current_->work_ != Thread::Work::compute ||
      current_->work_class_ != ProcessorClass::user) {
    return;
  }
  interrupt_work();
  preempt();
}

}  // namespace cryptopath::sim
