// A processor alone, with threads that follow a script and interrupt lines whose handlers take a given time.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "hardware/cpu.hpp"

namespace cryptopath::test {

struct MockStep {
  enum class Kind : std::uint8_t {
    user,  // work of a class
    kernel,
    crypto_thread,
    transfer,  // in the kernel, of as many bytes as `duration` has nanoseconds
    sleep,     // until woken; not at all when a wakeup has come meanwhile
    wake,      // another thread, see wakes_another()
    raise_level,
    lower_level,
    return_to_user,
  };
  Kind kind{};
  Nanoseconds duration;
};

struct MockThread {
  MockThread(sim::Priority priority, std::vector<MockStep> script)
      : thread("mock"), steps(std::move(script)), channel("mock", priority) {}
  sim::Thread thread;
  std::vector<MockStep> steps;
  sim::WaitChannel channel;
  std::int64_t wakeups = 0;  // came and are not yet slept for
  MockThread* wakes = nullptr;
  std::vector<Nanoseconds> ends;  // of the steps
};

class MockMachine {
 public:
  sim::Clock clock;
  Ledger ledger;

 private:
  sim::Buses buses_{clock};
  sim::RouteIndex route_ = buses_.add_route({buses_.add("bus", BitsPerSecond(8'000'000'000))});

 public:
  sim::Processor processor;
  std::vector<Nanoseconds> handled;  // when handlers began

  explicit MockMachine(Nanoseconds isa_write = {}, Nanoseconds quantum = Nanoseconds(1000))
      : MockMachine(sim::Processor::Costs{Nanoseconds(10), Nanoseconds(100), quantum, isa_write}, 1) {}
  MockMachine(sim::Processor::Costs costs, std::uint64_t seed) : processor(clock, buses_, ledger, costs, seed) {
    buses_.seal();
    processor.start(tasks);
  }

  MockThread& thread(sim::Priority priority, std::vector<MockStep> script) {
    return threads_.emplace_back(priority, std::move(script));
  }
  /// A line whose handler takes `duration`.
  sim::InterruptLine& line(Nanoseconds duration) {
    return lines_.emplace_back("line", [this, duration] { return handle(duration, nullptr); });
  }
  /// Another device on the line, whose handler takes `duration`.
  void share(sim::InterruptLine& line, Nanoseconds duration) {
    line.add([this, duration] { return handle(duration, nullptr); });
  }
  /// A line whose handler takes `duration` and then wakes the thread.
  sim::InterruptLine& wakes(MockThread& thread, Nanoseconds duration) {
    return lines_.emplace_back("line", [this, duration, &thread] { return handle(duration, &thread); });
  }
  void wakes_another(MockThread& from, MockThread& to) { from.wakes = &to; }
  void raise_at(Nanoseconds instant, sim::InterruptLine& line) { tasks.start(raise_later(instant, line)); }

  /// Runs the threads, which begin at 0 in the order in which they were made, to the end.
  void run() {
    for (MockThread& thread : threads_) tasks.start(follow(thread));
    clock.run(Nanoseconds(100'000'000'000));
    for (const MockThread& thread : threads_) {
      ensure(thread.ends.size() == thread.steps.size(), "a thread has not come to its end");
    }
    processor.settle();
  }

 private:
  using Class = sim::ProcessorClass;

  sim::Task<> raise_later(Nanoseconds instant, sim::InterruptLine& line) {
    co_await clock.delay(instant);
    processor.raise(line);
  }

  sim::Task<> handle(Nanoseconds duration, MockThread* woken) {
    handled.push_back(clock.now());
    co_await processor.run_in_interrupt(duration);
    if (woken != nullptr) wake(*woken);
  }

  void wake(MockThread& thread) {
    ++thread.wakeups;
    processor.wakeup(thread.channel);
  }

  sim::Task<> follow(MockThread& self) {
    co_await processor.begin(self.thread);
    for (const MockStep& step : self.steps) {
      switch (step.kind) {
        case MockStep::Kind::user:
          co_await processor.run(self.thread, step.duration, Class::user);
          break;
        case MockStep::Kind::kernel:
          co_await processor.run(self.thread, step.duration, Class::kernel);
          break;
        case MockStep::Kind::crypto_thread:
          co_await processor.run(self.thread, step.duration, Class::crypto_thread);
          break;
        case MockStep::Kind::transfer:
          co_await processor.run_transfer(self.thread, route_, Bytes(step.duration.count), Class::kernel);
          break;
        case MockStep::Kind::sleep:
          while (self.wakeups == 0) co_await processor.sleep(self.thread, self.channel);
          --self.wakeups;
          break;
        case MockStep::Kind::wake:
          wake(*self.wakes);
          break;
        case MockStep::Kind::raise_level:
          self.thread.level = sim::InterruptLevel::network;
          break;
        case MockStep::Kind::lower_level:
          self.thread.level = sim::InterruptLevel::none;
          break;
        case MockStep::Kind::return_to_user:
          co_await processor.return_to_user(self.thread);
          break;
      }
      self.ends.push_back(clock.now());
    }
    processor.exit(self.thread);
  }

  std::deque<MockThread> threads_;
  std::deque<sim::InterruptLine> lines_;

 public:
  sim::Nursery tasks{clock};  // last, so that no task outlives what it uses
};

}  // namespace cryptopath::test
