// Who runs next: the run queues of a BSD kernel, and priorities that worsen with use (sys/kern/kern_synch.c:
// setrunqueue(), schedclock(), schedcpu(), updatepri(); sys/uvm/uvm_meter.c: uvm_loadav()).
//
// A process in user mode has a priority that is worse by one for each tick of the statistics clock's quarter that has
// found it running lately. Once a second this memory of its use decays, the less the more processes there are to run.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <vector>

#include "hardware/thread.hpp"

namespace cryptopath::sim {

class Scheduler {
 public:
  /// From now on the thread takes part, until exit().
  void begin(Thread& thread);
  void exit(Thread& thread);

  /// The priority of user mode, after what the thread has used lately.
  static Priority user_priority(const Thread& thread);

  /// setrunqueue(): behind the others of its queue.
  void enqueue(Thread& thread);
  /// The first of the best queue, which is in no queue any more; null when all are empty.
  Thread* dequeue();

  /// Who has slept has a use that is out of date.
  void woken(Thread& thread);
  /// schedclock(): a tick has found `running`, or nothing.
  void charge_tick(Thread* running);
  /// schedcpu(), once a second. Whether anybody in user mode is better now than `running`, which may be null.
  bool age(const Thread* running);

 private:
  static constexpr std::size_t queues = 32;  // NQS, each of so many priorities:
  static constexpr unsigned priorities_a_queue = 4;
  static std::size_t queue_of(Priority priority) { return static_cast<std::size_t>(priority) / priorities_a_queue; }
  /// Of a recent use, after another second.
  unsigned decayed(unsigned use) const;

  std::vector<Thread*> threads_;
  std::array<std::deque<Thread*>, queues> ready_;
  std::int64_t ready_count_ = 0;
  std::int64_t seconds_ = 0;
  std::int64_t ticks_ = 0;
  std::int64_t found_to_run_ = 0;  // at all ticks
  double load_ = 0;                // average number to run, over a minute
};

}  // namespace cryptopath::sim
