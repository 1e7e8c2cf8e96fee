// Who runs next, after what each has used: the arithmetic of BSD's priorities, worked out by hand.
#include "hardware/scheduler.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "in_child.hpp"
#include "mock_threads.hpp"

using namespace cryptopath;
using namespace cryptopath::sim;
using namespace cryptopath::test;
using namespace cryptopath::literals;

namespace {

void charge(Scheduler& scheduler, Thread& thread, int ticks) {
  for (int i = 0; i < ticks; ++i) scheduler.charge_tick(&thread);
}

/// One thread runs while another waits.
struct OneWaits {
  OneWaits() {
    scheduler.begin(running);
    scheduler.begin(waiting);
    scheduler.enqueue(waiting);
  }
  Scheduler scheduler;
  Thread running{"running"};
  Thread waiting{"waiting"};
};

std::string order(Scheduler& scheduler) {
  std::string names;
  while (const Thread* thread = scheduler.dequeue()) names += thread->name();
  return names;
}

}  // namespace

TEST_CASE("Threads of one queue of four priorities take turns and a worse queue waits") {
  Scheduler scheduler;
  Thread a("a");
  Thread b("b");
  Thread c("c");
  for (Thread* thread : {&a, &b, &c}) scheduler.begin(*thread);
  charge(scheduler, a, 2);  // 50 and 51 share their queue with 48 and 49
  charge(scheduler, b, 1);
  for (Thread* thread : {&a, &b, &c}) scheduler.enqueue(*thread);
  CHECK(order(scheduler) == "bca");
}

TEST_CASE("Recent use has a limit") {
  Scheduler scheduler;
  Thread thread("thread");
  charge(scheduler, thread, 200);
  CHECK(static_cast<unsigned>(Scheduler::user_priority(thread)) == 50 + 36);
}

TEST_CASE("Each second recent use decays by the load") {
  OneWaits at;
  charge(at.scheduler, at.running, 30);
  // Two at each tick of the first second: four fifths are kept, cut to a whole number each time.
  at.scheduler.age(&at.running);
  CHECK(static_cast<unsigned>(Scheduler::user_priority(at.running)) == 50 + 24);
  at.scheduler.age(&at.running);
  CHECK(static_cast<unsigned>(Scheduler::user_priority(at.running)) == 50 + 19);
}

TEST_CASE("With nothing to run recent use is forgotten") {
  Scheduler scheduler;
  Thread thread("thread");
  scheduler.begin(thread);
  for (int i = 0; i < 32; ++i) scheduler.charge_tick(nullptr);
  scheduler.age(nullptr);
  charge(scheduler, thread, 30);
  scheduler.age(nullptr);
  CHECK(static_cast<unsigned>(Scheduler::user_priority(thread)) == 50);
}

TEST_CASE("Who waits in a queue moves to another one when its recent use has decayed") {
  Scheduler scheduler;
  Thread before("before");
  Thread after("after");
  for (Thread* thread : {&before, &after}) scheduler.begin(*thread);
  charge(scheduler, before, 4);
  scheduler.enqueue(before);
  scheduler.charge_tick(nullptr);
  // One waits at the only tick after the first four, of which each found one running: 1 in all. Two thirds are kept.
  CHECK(scheduler.age(nullptr) == false);
  charge(scheduler, after, 2);
  scheduler.enqueue(after);
  CHECK(order(scheduler) == "beforeafter");
}

TEST_CASE("Whether somebody is better than what runs is said once a second") {
  OneWaits at;
  at.scheduler.charge_tick(nullptr);
  CHECK_FALSE(at.scheduler.age(&at.running));
  charge(at.scheduler, at.running, 8);
  CHECK(at.scheduler.age(&at.running));
}

TEST_CASE("Of two processes that compute for long each gets half and a third that wakes goes first") {
  const auto numbers = in_child([] {
    MockMachine machine(0_ns, 100_ms);
    std::vector<MockThread*> long_ones;
    for (int i = 0; i < 2; ++i)
      long_ones.push_back(&machine.thread(Priority::socket, {{MockStep::Kind::user, 10'000_ms}}));
    MockThread& woken = machine.thread(
        Priority::socket,
        {{MockStep::Kind::sleep, 0_ns}, {MockStep::Kind::return_to_user, 0_ns}, {MockStep::Kind::user, 50_ms}});
    machine.raise_at(5'010_ms, machine.wakes(woken, 0_ns));
    machine.run();
    Numbers ends;
    for (const MockThread* thread : long_ones) ends.push_back(thread->ends.at(0).count);
    ends.push_back(woken.ends.at(2).count);
    return ends;
  });
  CHECK(static_cast<double>(std::min(numbers.at(0), numbers.at(1))) > 19e9);
  // It has used nothing, and nobody takes the processor from it when its round ends; but 11 or 12 interrupts of clocks.
  constexpr std::int64_t alone = 5'010'000'000 + 100 + 10 + 50'000'000;
  CHECK(numbers.at(2) >= alone + 1000);
  CHECK(numbers.at(2) <= alone + 1200);
}

TEST_CASE("Who has slept for long has its recent use decayed when it wakes and goes on to forget each second") {
  const auto numbers = in_child([] {
    MockMachine machine(0_ns, 100_ms);
    MockThread& thread = machine.thread(
        Priority::socket,
        {{MockStep::Kind::user, 4000_ms}, {MockStep::Kind::sleep, 0_ns}, {MockStep::Kind::user, 3000_ms}});
    machine.raise_at(10'500_ms, machine.wakes(thread, 0_ns));
    Numbers recent_use;
    const auto look = [&machine, &thread, &recent_use](Nanoseconds instant) -> Task<> {
      co_await machine.clock.delay(instant);
      recent_use.push_back(static_cast<std::int64_t>(Scheduler::user_priority(thread.thread)) - 50);
    };
    for (const Nanoseconds instant : {3999_ms, 10'499_ms, 10'501_ms, 12'001_ms}) machine.tasks.start(look(instant));
    machine.run();
    return recent_use;
  });
  CHECK(numbers.at(0) == 36);
  CHECK(numbers.at(1) == Approx(36 * 4.0 / 9).margin(1));  // two thirds at 4 s and at 5 s, in its first second asleep
  CHECK(numbers.at(2) <= 4);
  CHECK(numbers.at(3) <= 24);
}
