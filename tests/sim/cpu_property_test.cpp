// What holds for every mix of threads, sleeps, interrupts and transfers.
#include <rapidcheck.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "in_child.hpp"
#include "mock_threads.hpp"

using namespace cryptopath;
using namespace cryptopath::sim;
using namespace cryptopath::test;
using namespace cryptopath::literals;

namespace {

using Kind = MockStep::Kind;

struct Mix {
  std::vector<std::vector<MockStep>> threads;  // the first is the crypto thread
  struct Interrupt {
    Nanoseconds instant;
    Nanoseconds duration;
    std::size_t wakes;  // index of a thread, or more for none
  };
  std::vector<Interrupt> interrupts;
};

/// A piece of work in the kernel between raised levels and sleeps, then one in user mode.
std::vector<MockStep> any_script(bool process) {
  std::vector<MockStep> script;
  const int rounds = *rc::gen::inRange(0, 6);
  for (int i = 0; i < rounds; ++i) {
    const auto duration = [] { return Nanoseconds(*rc::gen::inRange<std::int64_t>(1, 3000)); };
    const bool raised = *rc::gen::arbitrary<bool>();
    if (raised) script.push_back({Kind::raise_level, 0_ns});
    script.push_back({process ? Kind::kernel : Kind::crypto_thread, duration()});
    if (*rc::gen::arbitrary<bool>()) script.push_back({Kind::transfer, duration()});
    if (*rc::gen::arbitrary<bool>()) script.push_back({Kind::sleep, 0_ns});
    if (raised) script.push_back({Kind::lower_level, 0_ns});
    if (!process) continue;
    script.push_back({Kind::return_to_user, 0_ns});
    script.push_back({Kind::user, duration()});
  }
  return script;
}

Mix any_mix() {
  Mix mix;
  const auto threads = *rc::gen::inRange<std::size_t>(1, 5);
  for (std::size_t i = 0; i < threads; ++i) mix.threads.push_back(any_script(i > 0));
  const auto instant = [] { return Nanoseconds(*rc::gen::inRange<std::int64_t>(0, 40'000)); };
  const auto duration = [] { return Nanoseconds(*rc::gen::inRange<std::int64_t>(0, 800)); };
  const int others = *rc::gen::inRange(0, 10);
  for (int i = 0; i < others; ++i) mix.interrupts.push_back({instant(), duration(), threads});
  // Each sleep is woken by an interrupt of its own, before or after it.
  for (std::size_t i = 0; i < threads; ++i) {
    for (const MockStep& step : mix.threads[i]) {
      if (step.kind == Kind::sleep) mix.interrupts.push_back({instant(), duration(), i});
    }
  }
  return mix;
}

std::int64_t sum_of(const Mix& mix, std::initializer_list<Kind> kinds) {
  std::int64_t sum = 0;
  for (const auto& script : mix.threads) {
    for (const MockStep& step : script) {
      if (std::find(kinds.begin(), kinds.end(), step.kind) != kinds.end()) sum += step.duration.count;
    }
  }
  return sum;
}

}  // namespace

TEST_CASE("In any mix of threads and interrupts each nanosecond is charged once and no work is lost") {
  CHECK(rc::check([] {
    const Mix mix = any_mix();
    const auto numbers = in_child([&mix] {
      MockMachine machine;
      std::vector<MockThread*> threads;
      for (std::size_t i = 0; i < mix.threads.size(); ++i) {
        threads.push_back(&machine.thread(i == 0 ? Priority::lock : Priority::socket, mix.threads[i]));
      }
      std::int64_t handlers = 0;
      for (const Mix::Interrupt& interrupt : mix.interrupts) {
        const bool wakes = interrupt.wakes < threads.size();
        machine.raise_at(interrupt.instant, wakes ? machine.wakes(*threads[interrupt.wakes], interrupt.duration)
                                                  : machine.line(interrupt.duration));
        handlers += interrupt.duration.count;
      }
      machine.run();
      for (const MockThread* thread : threads) {
        Nanoseconds before;
        for (std::size_t i = 0; i < thread->steps.size(); ++i) {
          ensure(thread->ends[i] - before >= thread->steps[i].duration, "a step took less than its time");
          before = thread->ends[i];
        }
      }
      const Ledger& ledger = machine.ledger;
      return Numbers{machine.clock.now().count,
                     ledger.total(Act::cpu_user_ns),
                     ledger.total(Act::cpu_kernel_ns),
                     ledger.total(Act::cpu_crypto_thread_ns),
                     ledger.total(Act::cpu_interrupt_ns),
                     ledger.total(Act::cpu_switch_ns),
                     ledger.total(Act::cpu_idle_ns),
                     machine.processor.busy().count,
                     ledger.total(Act::process_switches),
                     ledger.total(Act::interrupts),
                     handlers};
    });
    std::int64_t classes = 0;
    for (std::size_t i = 1; i <= 6; ++i) classes += numbers[i];
    RC_ASSERT(classes == numbers[0]);
    RC_ASSERT(numbers[1] == sum_of(mix, {Kind::user}));
    // A transfer is charged to the kernel, and so is what interrupts left owed of it.
    RC_ASSERT(numbers[2] == sum_of(mix, {Kind::kernel, Kind::transfer}));
    RC_ASSERT(numbers[3] == sum_of(mix, {Kind::crypto_thread}));
    RC_ASSERT(numbers[9] == static_cast<std::int64_t>(mix.interrupts.size()));
    RC_ASSERT(numbers[4] == numbers[9] * 100 + numbers[10]);
    RC_ASSERT(numbers[5] == numbers[8] * 10);
    RC_ASSERT(numbers[7] == numbers[0] - numbers[6]);
  }));
}
