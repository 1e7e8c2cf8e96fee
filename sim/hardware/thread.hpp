// What a processor runs, and what it waits for.
#pragma once

#include <boost/container/small_vector.hpp>
#include <coroutine>
#include <cstdint>
#include <string>

#include "cryptopath/units.hpp"
#include "engine/bus.hpp"

namespace cryptopath::sim {

enum class ProcessorClass : std::uint8_t { user, kernel, crypto_thread, interrupt, switching, idle };

/// Whether device interrupts are held off. OpenBSD has more levels; splnet and splimp hold off the same cards here.
enum class InterruptLevel : std::uint8_t { none, network };

/// Smaller is better; in between there are more (sys/sys/param.h). Who slept comes back with the priority that it slept
/// with, and has that of user mode, or worse, from its return there on.
enum class Priority : std::uint8_t {
  disk = 16,    // PRIBIO
  socket = 24,  // PSOCK, which /dev/crypto sleeps with too
  lock = 36,    // PLOCK: the crypto thread, so that all who were woken together run before it does
  user = 50,    // PUSER
};

class Thread;

/// What threads sleep on, and what they are woken by. `name` is the wait message that a stuck run reports.
class WaitChannel {
 public:
  /// The name is a literal.
  WaitChannel(const char* name, Priority priority) : name_(name), priority_(priority) {}
  const char* name() const { return name_; }
  bool has_sleepers() const { return !sleepers_.empty(); }

 private:
  friend class Processor;
  const char* name_;
  Priority priority_;
  boost::container::small_vector<Thread*, 1> sleepers_;  // one as a rule, for which nothing is allocated
};

/// A schedulable thread of control: a process or a kernel thread.
class Thread {
 public:
  explicit Thread(std::string name) : name_(std::move(name)) {}
  const std::string& name() const { return name_; }

  InterruptLevel level = InterruptLevel::none;  // set by spl; counts while the thread has the processor
  /// The channel slept on, or null.
  const WaitChannel* waits_for() const { return waits_for_; }

 private:
  friend class Processor;
  friend class Scheduler;
  enum class Work : std::uint8_t { none, compute, transfer };
  std::string name_;
  Priority priority_ = Priority::user;
  unsigned recent_use_ = 0;  // p_estcpu: ticks of the processor's clock that found it running, and decay
  unsigned asleep_for_ = 0;  // p_slptime: seconds
  std::size_t place_ = 0;    // among those that the scheduler knows
  Work work_ = Work::none;
  ProcessorClass work_class_ = ProcessorClass::idle;
  bool transfer_started_ = false;
  bool transfer_ended_ = false;
  Nanoseconds remaining_;  // of compute
  RouteIndex route_ = 0;   // of transfer
  Bytes load_;
  Nanoseconds interrupted_for_;  // while its transfer went on; owed afterwards
  std::coroutine_handle<> continuation_;
  WaitChannel* waits_for_ = nullptr;
};

}  // namespace cryptopath::sim
