#include "hardware/scheduler.hpp"

#include <algorithm>
#include <cmath>

#include "cryptopath/errors.hpp"

namespace cryptopath::sim {

namespace {

constexpr unsigned most_recent_use = 36;           // ESTCPULIM: 20 levels of nice, each two priorities, less one queue
constexpr std::int64_t seconds_between_loads = 5;  // uvm_meter() looks at the queues
const double load_kept = std::exp(-5.0 / 60.0);    // from one such look to the next

}  // namespace

void Scheduler::begin(Thread& thread) {
  thread.place_ = threads_.size();
  threads_.push_back(&thread);
}

void Scheduler::exit(Thread& thread) {
  ensure(thread.place_ < threads_.size() && threads_[thread.place_] == &thread, "a thread exits that has not begun");
  threads_[thread.place_] = threads_.back();
  threads_.back()->place_ = thread.place_;
  threads_.pop_back();
}

Priority Scheduler::user_priority(const Thread& thread) {
  return static_cast<Priority>(static_cast<unsigned>(Priority::user) + thread.recent_use_);
}

void Scheduler::enqueue(Thread& thread) {
  ready_.at(queue_of(thread.priority_)).push_back(&thread);
  ++ready_count_;
}

Thread* Scheduler::dequeue() {
  if (ready_count_ == 0) return nullptr;
  const auto best = std::ranges::find_if(ready_, [](const auto& queue) { return !queue.empty(); });
  Thread* const thread = best->front();
  best->pop_front();
  --ready_count_;
  return thread;
}

unsigned Scheduler::decayed(unsigned use) const {
  // In the source's fixed point, whose fractions are cut.
  constexpr unsigned one = 2048;
  const auto factor = static_cast<unsigned>(2 * load_ * one);
  return factor * use / (factor + one);
}

void Scheduler::woken(Thread& thread) {
  // The first second of its sleep has been seen by age(); the source leaves out the one that has just begun.
  for (; thread.asleep_for_ > 2; --thread.asleep_for_) thread.recent_use_ = decayed(thread.recent_use_);
  thread.asleep_for_ = 0;
}

void Scheduler::charge_tick(Thread* running) {
  ++ticks_;
  found_to_run_ += ready_count_;
  if (running == nullptr) return;
  ++found_to_run_;
  running->recent_use_ = std::min(running->recent_use_ + 1, most_recent_use);
  if (running->priority_ >= Priority::user) running->priority_ = user_priority(*running);
}

bool Scheduler::age(const Thread* running) {
  ++seconds_;
  if (seconds_ == 1) {
    ensure(ticks_ > 0, "a second has passed without a tick of the clock");
    // What runs has run for minutes, as in any benchmark: its first second stands for them.
    load_ = static_cast<double>(found_to_run_) / static_cast<double>(ticks_);
  } else if (seconds_ % seconds_between_loads == 0) {
    const auto to_run = static_cast<double>(ready_count_ + (running != nullptr ? 1 : 0));
    load_ = load_ * load_kept + to_run * (1 - load_kept);
  }
  bool better = false;
  for (Thread* thread : threads_) {
    if (thread->waits_for_ != nullptr) ++thread->asleep_for_;
    if (thread->asleep_for_ > 1) continue;  // it is caught up with when it wakes
    thread->recent_use_ = decayed(thread->recent_use_);
    const Priority priority = user_priority(*thread);
    if (running != nullptr && priority < user_priority(*running)) better = true;
    if (thread->priority_ < Priority::user) continue;
    auto& queue = ready_.at(queue_of(thread->priority_));
    const bool moves = queue_of(priority) != queue_of(thread->priority_) && std::erase(queue, thread) > 0;
    thread->priority_ = priority;
    if (moves) ready_.at(queue_of(priority)).push_back(thread);
  }
  return better;
}

}  // namespace cryptopath::sim
