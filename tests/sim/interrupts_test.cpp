// Interrupt lines that devices share, the interrupt controller's writes, and who runs when a process returns to user
// mode: schedules worked out by hand, as in cpu_test.cpp. A switch takes 10 ns, an interrupt's entry and exit 100 ns.
#include <catch2/catch.hpp>

#include "in_child.hpp"
#include "mock_threads.hpp"

using namespace cryptopath;
using namespace cryptopath::sim;
using namespace cryptopath::test;
using namespace cryptopath::literals;

namespace {

constexpr Nanoseconds isa_write{20};
constexpr std::int64_t entry = 100 + 4 * 20;  // of an interrupt, with its four writes
constexpr std::int64_t mask = 3 * 20;

/// What the controller was asked for: interrupts, those held off, writes.
void append_controller(Numbers& numbers, const Ledger& ledger) {
  numbers.push_back(ledger.total(Act::interrupts));
  numbers.push_back(ledger.total(Act::interrupts_held_off));
  numbers.push_back(ledger.total(Act::interrupt_controller_writes));
}

Numbers times_of(const MockMachine& machine) {
  Numbers times;
  for (const Nanoseconds instant : machine.handled) times.push_back(instant.count);
  return times;
}

}  // namespace

TEST_CASE("Of a line that devices share each handler runs once an interrupt") {
  const auto run = [](bool counts) {
    return in_child([counts] {
      MockMachine machine;
      InterruptLine& line = machine.line(500_ns);
      machine.share(line, 300_ns);
      machine.share(line, 50_ns);
      machine.raise_at(1000_ns, line);
      machine.raise_at(5000_ns, line);
      machine.run();
      if (!counts) return times_of(machine);
      return Numbers{machine.ledger.total(Act::interrupts), machine.ledger.total(Act::cpu_interrupt_ns)};
    });
  };
  CHECK(run(false) == Numbers{1100, 1600, 1900, 5100, 5600, 5900});
  CHECK(run(true) == Numbers{2, 2 * (100 + 500 + 300 + 50)});
}

TEST_CASE("An interrupt takes four writes to the interrupt controller") {
  const auto numbers = in_child([] {
    MockMachine machine(isa_write);
    MockThread& thread = machine.thread(Priority::socket, {{MockStep::Kind::user, 2000_ns}});
    machine.raise_at(500_ns, machine.line(300_ns));
    machine.run();
    Numbers result = {thread.ends.at(0).count, machine.handled.at(0).count,
                      machine.processor.taken_from_held_off().count};
    append_controller(result, machine.ledger);
    return result;
  });
  CHECK(numbers == Numbers{10 + 2000 + entry + 300, 500 + entry, 0, 1, 0, 4});
}

TEST_CASE("An interrupt that is held off is masked at once with three writes and replayed with four") {
  const auto numbers = in_child([] {
    MockMachine machine(isa_write);
    InterruptLine& line = machine.line(300_ns);
    MockThread& thread = machine.thread(Priority::socket, {{MockStep::Kind::raise_level, 0_ns},
                                                           {MockStep::Kind::kernel, 1000_ns},
                                                           {MockStep::Kind::kernel, 1000_ns},
                                                           {MockStep::Kind::lower_level, 0_ns},
                                                           {MockStep::Kind::kernel, 1000_ns}});
    machine.raise_at(500_ns, line);
    machine.raise_at(1500_ns, line);  // it is masked already
    machine.run();
    Numbers result = {thread.ends.at(1).count, thread.ends.at(2).count, machine.handled.at(0).count,
                      thread.ends.at(4).count, machine.processor.taken_from_held_off().count};
    append_controller(result, machine.ledger);
    result.push_back(machine.ledger.total(Act::cpu_kernel_ns));
    result.push_back(machine.ledger.total(Act::cpu_interrupt_ns));
    return result;
  });
  constexpr std::int64_t lowered = 10 + 2000 + mask;
  CHECK(numbers == Numbers{1010 + mask, lowered, lowered + entry, lowered + entry + 300 + 1000, mask, 1, 1, 7, 3000,
                           mask + entry + 300});
}

TEST_CASE("An interrupt that comes while a handler runs is masked after it and then served") {
  const auto run = [](bool same_line) {
    return in_child([same_line] {
      MockMachine machine(isa_write);
      InterruptLine& first = machine.line(500_ns);
      InterruptLine& second = machine.line(500_ns);
      machine.raise_at(1000_ns, first);
      machine.raise_at(1200_ns, same_line ? first : second);
      machine.run();
      Numbers result = times_of(machine);
      append_controller(result, machine.ledger);
      return result;
    });
  };
  constexpr std::int64_t served = 1000 + entry + 500;
  CHECK(run(false) == Numbers{1000 + entry, served + mask + entry, 2, 1, 4 + 3 + 4});
  // A line that is being served is masked already.
  CHECK(run(true) == Numbers{1000 + entry, served + entry, 2, 0, 4 + 4});
}

TEST_CASE(
    "A process that returns to user mode gives way to whoever was woken meanwhile even if that one was no better") {
  const auto numbers = in_child([] {
    MockMachine machine;
    MockThread& kernel_thread =
        machine.thread(Priority::lock, {{MockStep::Kind::sleep, 0_ns}, {MockStep::Kind::crypto_thread, 200_ns}});
    MockThread& process = machine.thread(Priority::socket, {{MockStep::Kind::sleep, 0_ns},
                                                            {MockStep::Kind::kernel, 1000_ns},
                                                            {MockStep::Kind::return_to_user, 0_ns},
                                                            {MockStep::Kind::user, 500_ns}});
    machine.raise_at(1000_ns, machine.wakes(process, 0_ns));
    machine.raise_at(1500_ns, machine.wakes(kernel_thread, 0_ns));
    machine.run();
    return Numbers{process.ends.at(1).count, process.ends.at(3).count, kernel_thread.ends.at(1).count};
  });
  // The crypto thread was not better than this one when it was woken, but is better than it in user mode.
  CHECK(numbers == Numbers{1000 + 100 + 10 + 1000 + 100, 2420 + 10 + 500, 2210 + 10 + 200});
}

TEST_CASE("A process that returns to user mode gives way to one that was woken meanwhile and not that one to it") {
  const auto numbers = in_child([] {
    MockMachine machine;
    MockThread& woken = machine.thread(Priority::socket, {{MockStep::Kind::sleep, 0_ns},
                                                          {MockStep::Kind::kernel, 200_ns},
                                                          {MockStep::Kind::return_to_user, 0_ns},
                                                          {MockStep::Kind::user, 300_ns}});
    MockThread& process = machine.thread(
        Priority::socket,
        {{MockStep::Kind::kernel, 1000_ns}, {MockStep::Kind::return_to_user, 0_ns}, {MockStep::Kind::user, 100_ns}});
    machine.raise_at(500_ns, machine.wakes(woken, 0_ns));
    machine.run();
    return Numbers{process.ends.at(0).count, woken.ends.at(3).count, process.ends.at(2).count,
                   machine.ledger.total(Act::process_switches)};
  });
  CHECK(numbers == Numbers{1120, 1120 + 10 + 200 + 300, 1630 + 10 + 100, 4});
}
