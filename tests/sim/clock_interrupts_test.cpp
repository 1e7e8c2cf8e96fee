// The kernel's clocks: how often they interrupt, what that takes, and what does not hold them off.
#include <catch2/catch.hpp>

#include "in_child.hpp"
#include "mock_threads.hpp"

using namespace cryptopath;
using namespace cryptopath::sim;
using namespace cryptopath::test;
using namespace cryptopath::literals;

namespace {

constexpr Processor::Costs costs{.process_switch = 10_ns,
                                 .interrupt = 100_ns,
                                 .quantum = 100_ms,
                                 .isa_write = 20_ns,
                                 .hardclock = 10_ms,
                                 .statclock = 7'812'500_ns,
                                 .hardclock_handler = 3000_ns,
                                 .statclock_handler = 5000_ns};

}  // namespace

TEST_CASE("The clocks interrupt at their rates and take their writes and handlers") {
  const auto numbers = in_child([] {
    MockMachine machine(costs, 1);
    MockThread& thread = machine.thread(Priority::socket, {{MockStep::Kind::user, 10'000_ms}});
    machine.run();
    return Numbers{machine.ledger.total(Act::clock_interrupts), machine.ledger.total(Act::interrupts),
                   machine.ledger.total(Act::interrupt_controller_writes), machine.ledger.total(Act::cpu_interrupt_ns),
                   thread.ends.at(0).count};
  });
  const std::int64_t clocks = numbers.at(0);
  const std::int64_t writes = numbers.at(2);
  const std::int64_t time = numbers.at(3);
  // Each has four writes but those of hardclock(), which have three.
  const std::int64_t hard = 4 * clocks - writes;
  const std::int64_t statistics = clocks - hard;
  CHECK(std::abs(hard - 1000) <= 1);
  CHECK(std::abs(statistics - 1280) <= 3);
  CHECK(numbers.at(1) == 0);
  CHECK(time == clocks * 100 + writes * 20 + hard * 3000 + statistics * 5000);
  CHECK(numbers.at(4) == 10'000'000'000 + 10 + time);
}

TEST_CASE("No level of devices holds a clock off and its interrupt lets none of theirs in") {
  const auto numbers = in_child([] {
    MockMachine machine(costs, 1);
    MockThread& thread = machine.thread(Priority::socket, {{MockStep::Kind::raise_level, 0_ns},
                                                           {MockStep::Kind::kernel, 1000_ms},
                                                           {MockStep::Kind::lower_level, 0_ns},
                                                           {MockStep::Kind::kernel, 1000_ns}});
    machine.raise_at(1000_ns, machine.line(300_ns));
    machine.run();
    return Numbers{machine.ledger.total(Act::clock_interrupts),
                   machine.ledger.total(Act::interrupts),
                   machine.ledger.total(Act::interrupts_held_off),
                   machine.handled.at(0).count,
                   thread.ends.at(1).count,
                   machine.processor.taken_from_held_off().count};
  });
  CHECK(std::abs(numbers.at(0) - 228) <= 4);
  CHECK(numbers.at(1) == 1);
  CHECK(numbers.at(2) == 1);  // the card's, and none of a clock
  CHECK(numbers.at(3) == numbers.at(4) + 100 + 4 * 20);
  CHECK(numbers.at(5) == numbers.at(4) - 10 - 1'000'000'000);
}

TEST_CASE("The seed fixes the instants at which the clocks interrupt") {
  const auto end = [](std::uint64_t seed) {
    return in_child([seed] {
      MockMachine machine(costs, seed);
      const MockThread& thread =
          machine.thread(Priority::socket, std::vector<MockStep>(100, {MockStep::Kind::user, 300_us}));
      machine.run();
      Numbers ends;
      for (const Nanoseconds instant : thread.ends) ends.push_back(instant.count);
      return ends;
    });
  };
  CHECK(end(1) == end(1));
  CHECK(end(1) != end(2));
}
