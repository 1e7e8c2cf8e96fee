// Where kernel code runs: for a thread, or in an interrupt handler. Both spend processor time, charged differently.
#pragma once

#include "hardware/cpu.hpp"

namespace cryptopath::sim {

class Context {
 public:
  Context(Processor& processor, Thread& thread, ProcessorClass charged)
      : processor_(&processor), thread_(&thread), charged_(charged) {}
  /// Interrupt context.
  explicit Context(Processor& processor) : processor_(&processor) {}

  bool in_interrupt() const { return thread_ == nullptr; }
  ProcessorClass charged() const { return charged_; }
  Processor& processor() const { return *processor_; }
  /// Not in interrupt context.
  Thread& thread() const {
    ensure(thread_ != nullptr, "an interrupt handler must not sleep");
    return *thread_;
  }

  /// `co_await context.run(d)`: the code takes d of processor time.
  auto run(Nanoseconds duration) const { return Run{*this, duration}; }

  /// splnet() and splx(): holds the cards' interrupts off while it lives. Nothing to do in a handler.
  class NetworkLevel {
   public:
    explicit NetworkLevel(const Context& context)
        : thread_(context.thread_), before_(thread_ == nullptr ? InterruptLevel::none : thread_->level) {
      if (thread_ != nullptr) thread_->level = InterruptLevel::network;
    }
    ~NetworkLevel() {
      if (thread_ != nullptr) thread_->level = before_;
    }
    NetworkLevel(const NetworkLevel&) = delete;
    NetworkLevel& operator=(const NetworkLevel&) = delete;

   private:
    Thread* thread_;
    InterruptLevel before_;
  };

 private:
  struct Run {
    const Context& context;
    Nanoseconds duration;
    bool await_ready() const noexcept { return duration.count == 0; }
    void await_suspend(std::coroutine_handle<> coroutine) {
      if (context.thread_ == nullptr) {
        context.processor_->run_in_interrupt(duration).await_suspend(coroutine);
      } else {
        context.processor_->run(*context.thread_, duration, context.charged_).await_suspend(coroutine);
      }
    }
    void await_resume() const noexcept {}
  };

  Processor* processor_;
  Thread* thread_ = nullptr;
  ProcessorClass charged_ = ProcessorClass::interrupt;
};

}  // namespace cryptopath::sim
