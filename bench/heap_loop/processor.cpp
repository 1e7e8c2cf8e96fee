#include <algorithm>

#include "heap_loop/world.hpp"

namespace cryptopath::heap_loop {

namespace {
constexpr std::array charge_acts = {Act::cpu_user_ns,      Act::cpu_kernel_ns, Act::cpu_crypto_thread_ns,
                                    Act::cpu_interrupt_ns, Act::cpu_switch_ns, Act::cpu_idle_ns};
constexpr std::size_t woken_in_kernel = 0;
constexpr std::size_t in_user_mode = 2;
// To the interrupt controller at an interrupt, by its line.
constexpr std::array<std::int64_t, 4> writes_an_interrupt = {4, 4, 3, 4};
constexpr std::int64_t writes_to_mask = 3;
}  // namespace

void World::charge(Charge next) {
  ledger_.add(charge_acts[static_cast<std::size_t>(charged_)], (now_ - charged_until_).count);
  charged_until_ = now_;
  charged_ = next;
}

bool World::compute(Thread& thread, Nanoseconds duration, Charge charged) {
  if (duration.count == 0) return true;
  thread.work = Thread::Work::compute;
  thread.charge = charged;
  thread.remaining = duration;
  start_work(thread);
  return false;
}

void World::transfer(Thread& thread, Bytes load, Charge charged) {
  thread.work = Thread::Work::transfer;
  thread.charge = charged;
  thread.load = load;
  thread.transfer_started = thread.transfer_ended = false;
  thread.interrupted_for = Nanoseconds(0);
  start_work(thread);
}

void World::start_work(Thread& thread) {
  ensure(current_ == &thread && !in_interrupt_ && !switching_, "only the running thread may use the processor");
  if (!take_pending_interrupt()) resume_current();
}

void World::resume_current() {
  Thread& thread = *current_;
  if (thread.charge == Charge::user && thread.work == Thread::Work::compute && want_resched_) return preempt();
  switch (thread.work) {
    case Thread::Work::none:
      return run_thread(thread);
    case Thread::Work::compute:
      charge(thread.charge);
      work_began_ = now_;
      return after(thread.remaining, Happening::compute_ends, ++activity_);
    case Thread::Work::transfer:
      charge(thread.charge);
      if (!thread.transfer_started) {
        thread.transfer_started = true;
        start_transfer(Master::processor, misses_, thread.load);
      } else if (thread.transfer_ended) {  // while a handler ran, whose time is owed
        thread.work = Thread::Work::compute;
        thread.remaining = thread.interrupted_for;
        resume_current();
      }
      return;
  }
}

void World::run_thread(Thread& thread) {
  if (&thread == &process_) return run_process();
  run_crypto_thread();
}

void World::finish_work(Thread& thread) {
  thread.work = Thread::Work::none;
  run_thread(thread);
}

void World::on_compute_end(std::uint64_t activity) {
  if (activity == activity_) finish_work(*current_);
}

void World::on_processor_transfer_end() {
  Thread& thread = *current_;
  thread.transfer_ended = true;
  if (in_interrupt_) {
    thread.interrupted_for += now_ - interrupt_began_;
  } else if (thread.interrupted_for.count == 0) {
    finish_work(thread);
  } else {
    thread.work = Thread::Work::compute;
    thread.remaining = thread.interrupted_for;
    resume_current();
  }
}

bool World::held_off() const { return current_ != nullptr && current_->holds_off_interrupts; }

void World::raise(Line line) {
  bool& pending = line_pending_[static_cast<std::size_t>(line)];
  if (pending) return;
  pending = true;
  pending_lines_.push_back(line);
  if (in_interrupt_ || switching_) {
    if (served_ != line && !is_clock(line)) ++to_mask_;
    return;
  }
  if (held_off() && !is_clock(line)) ++to_mask_;
  if (current_ != nullptr) {
    if (current_->work == Thread::Work::none) return;  // it takes the interrupt when it starts its next work
    if (current_->work == Thread::Work::compute) {
      current_->remaining -= now_ - work_began_;
      ++activity_;
    }
  }
  take_pending_interrupt();
}

std::deque<Line>::iterator World::next_line() {
  return std::ranges::find_if(pending_lines_, [this](Line line) { return is_clock(line) || !held_off(); });
}

bool World::take_pending_interrupt() {
  if (in_interrupt_ || switching_) return false;
  if (to_mask_ == 0 && next_line() == pending_lines_.end()) return false;
  in_interrupt_ = true;
  interrupt_began_ = now_;
  charge(Charge::interrupt);
  after(Nanoseconds(0), Happening::interrupt_taken);
  return true;
}

void World::serve_interrupt() {
  served_.reset();
  if (to_mask_ > 0) {
    --to_mask_;
    ledger_.add(Act::interrupts_held_off);
    ledger_.add(Act::interrupt_controller_writes, writes_to_mask);
    return after(costs_.isa_write * writes_to_mask, Happening::interrupt_taken);
  }
  const auto next = next_line();
  if (next == pending_lines_.end()) return after(Nanoseconds(0), Happening::interrupt_left);
  served_ = *next;
  pending_lines_.erase(next);
  const auto line = static_cast<std::size_t>(*served_);
  line_pending_[line] = false;
  ledger_.add(is_clock(*served_) ? Act::clock_interrupts : Act::interrupts);
  ledger_.add(Act::interrupt_controller_writes, writes_an_interrupt[line]);
  handler_at_ = HandlerAt::entered;
  if (handler_delay(costs_.interrupt + costs_.isa_write * writes_an_interrupt[line])) advance_handler();
}

void World::leave_interrupt() {
  in_interrupt_ = false;
  if (current_ == nullptr) return dispatch();
  if (current_->work == Thread::Work::transfer && current_->transfer_started && !current_->transfer_ended) {
    current_->interrupted_for += now_ - interrupt_began_;
  }
  if (!take_pending_interrupt()) resume_current();
}

void World::make_ready(Thread& thread) {
  ready_[thread.priority] = &thread;
  if (current_ == nullptr && !in_interrupt_ && !switching_) dispatch();
}

void World::dispatch() {
  if (take_pending_interrupt()) return;
  for (Thread*& ready : ready_) {
    if (ready == nullptr) continue;
    current_ = ready;
    ready = nullptr;
    want_resched_ = false;
    if (current_ == previous_) return on_switched();
    ledger_.add(Act::process_switches);
    switching_ = true;
    charge(Charge::switching);
    return after(costs_.process_switch, Happening::switched);
  }
  charge(Charge::idle);
  previous_ = nullptr;
}

void World::on_switched() {
  switching_ = false;
  previous_ = current_;
  if (!take_pending_interrupt()) resume_current();
}

void World::sleep(Thread& thread, Channel channel) {
  sleepers_[static_cast<std::size_t>(channel)] = &thread;
  current_ = nullptr;
  dispatch();
}

void World::wake(Channel channel) {
  Thread*& sleeper = sleepers_[static_cast<std::size_t>(channel)];
  if (sleeper == nullptr) return;
  Thread& thread = *sleeper;
  sleeper = nullptr;
  ledger_.add(Act::wakeups);
  if (thread.priority == in_user_mode) thread.priority = woken_in_kernel;
  want_resched_ = true;
  make_ready(thread);
}

bool World::return_to_user() {
  if (process_.priority == woken_in_kernel) process_.priority = in_user_mode;
  if (!want_resched_) return true;
  preempt();
  return false;
}

void World::preempt() {
  ready_[current_->priority] = current_;
  current_ = nullptr;
  dispatch();
}

}  // namespace cryptopath::heap_loop
