#include "hardware/cpu.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace cryptopath::sim {

namespace {

constexpr std::array class_acts = {Act::cpu_user_ns,      Act::cpu_kernel_ns, Act::cpu_crypto_thread_ns,
                                   Act::cpu_interrupt_ns, Act::cpu_switch_ns, Act::cpu_idle_ns};

// sys/arch/i386/isa/vector.s, of a line of the second controller.
constexpr std::int64_t writes_to_mask = 3;

}  // namespace

Processor::Processor(Clock& clock, Buses& buses, Ledger& ledger, Costs costs, std::uint64_t seed)
    : clock_(clock),
      buses_(buses),
      ledger_(ledger),
      costs_(costs),
      random_(seed),
      hardclock_(InterruptLine::of_clock("hardclock", InterruptLine::writes_on_first_controller,
                                         [this] { return on_hardclock(); })),
      statclock_(InterruptLine::of_clock("statclock", InterruptLine::writes_on_second_controller,
                                         [this] { return on_statclock(); })) {}

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

std::deque<InterruptLine*>::iterator Processor::next_pending() {
  return std::ranges::find_if(pending_, [this](const InterruptLine* line) { return line->clock_ || !held_off(); });
}

void Processor::raise(InterruptLine& line) {
  if (line.pending_) return;
  line.pending_ = true;
  pending_.push_back(&line);
  // What is held off and comes through the controller is masked there; a clock only waits for a handler to end, which
  // in the source it interrupts.
  const bool to_be_masked = !line.clock_ && line.writes_ > 0;
  if (in_interrupt_ || switching_) {
    // Handlers of cards do not nest, and cpu_switch() runs at splhigh. A line that is being served is masked already.
    if (&line != served_ && to_be_masked) ++to_mask_;
    return;
  }
  if (held_off() && !line.clock_) {
    if (!to_be_masked) return;  // it is taken when the level has fallen, and nothing is written before
    ++to_mask_;
  }
  // Code of the running thread that is between two pieces of work takes it when it starts the next one.
  if (current_ != nullptr && current_->work_ == Thread::Work::none) return;
  interrupt_work();
  take_pending_interrupt();
}

bool Processor::take_pending_interrupt() {
  if (in_interrupt_ || switching_) return false;
  if (to_mask_ == 0 && next_pending() == pending_.end()) return false;
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
        taken_from_held_off_ += costs_.isa_write * writes_to_mask;
        continue;
      }
      const auto next = next_pending();
      if (next == pending_.end()) break;
      InterruptLine& line = **next;
      pending_.erase(next);
      line.pending_ = false;
      served_ = &line;
      const Nanoseconds began = clock_.now();
      ledger_.add(line.clock_ ? Act::clock_interrupts : Act::interrupts);
      ledger_.add(Act::interrupt_controller_writes, line.writes_);
      co_await clock_.delay(costs_.interrupt + costs_.isa_write * line.writes_);
      for (const InterruptLine::Handler& handler : line.handlers_) co_await handler();
      served_ = nullptr;
      if (held_off()) taken_from_held_off_ += clock_.now() - began;
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

}  // namespace cryptopath::sim
