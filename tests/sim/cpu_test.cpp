// The processor with mock threads and interrupts, against schedules worked out by hand.
#include "hardware/cpu.hpp"

#include <catch2/catch.hpp>

#include "in_child.hpp"
#include "mock_threads.hpp"

using namespace cryptopath;
using namespace cryptopath::sim;
using namespace cryptopath::test;
using namespace cryptopath::literals;

// In all of these a switch takes 10 ns, an interrupt's entry and exit 100 ns, a quantum 1000 ns, and the bus moves a
// byte a nanosecond.

TEST_CASE("An interrupt lengthens the work of any class by exactly its own time") {
  for (const MockStep::Kind kind : {MockStep::Kind::user, MockStep::Kind::kernel, MockStep::Kind::transfer}) {
    // At the start of the work, in its midst, and shortly before its end.
    for (const Nanoseconds pulled : {10_ns, 5000_ns, 9900_ns}) {
      const auto numbers = in_child([kind, pulled] {
        MockMachine machine;
        InterruptLine& line = machine.line(500_ns);
        MockThread& thread = machine.thread(Priority::socket, {{kind, 10'000_ns}});
        machine.raise_at(pulled, line);
        machine.run();
        return Numbers{thread.ends.at(0).count, machine.ledger.total(Act::cpu_interrupt_ns),
                       machine.ledger.total(Act::interrupts)};
      });
      CHECK(numbers == Numbers{10 + 10'000 + 600, 600, 1});
    }
  }
}

TEST_CASE("Two interrupts during a transfer are both owed") {
  const auto numbers = in_child([] {
    MockMachine machine;
    InterruptLine& line = machine.line(500_ns);
    MockThread& thread = machine.thread(Priority::socket, {{MockStep::Kind::transfer, 10'000_ns}});
    machine.raise_at(3000_ns, line);
    machine.raise_at(9990_ns, line);
    machine.run();
    return Numbers{thread.ends.at(0).count};
  });
  CHECK(numbers == Numbers{10 + 10'000 + 2 * 600});
}

TEST_CASE("An interrupt that comes while owed time is worked off adds its own") {
  const auto numbers = in_child([] {
    MockMachine machine;
    InterruptLine& line = machine.line(500_ns);
    MockThread& thread = machine.thread(Priority::socket, {{MockStep::Kind::transfer, 10'000_ns}});
    machine.raise_at(5000_ns, line);
    machine.raise_at(10'300_ns, line);
    machine.run();
    return Numbers{thread.ends.at(0).count};
  });
  CHECK(numbers == Numbers{10 + 10'000 + 2 * 600});
}

TEST_CASE("A line pulled again before its handler began runs once") {
  const auto numbers = in_child([] {
    MockMachine machine;
    InterruptLine& line = machine.line(500_ns);
    InterruptLine& other = machine.line(50_ns);
    machine.raise_at(1000_ns, other);
    machine.raise_at(1010_ns, line);  // the other's handler is running
    machine.raise_at(1020_ns, line);
    machine.raise_at(1030_ns, line);
    machine.raise_at(1400_ns, line);  // its own is: this one counts
    machine.run();
    return Numbers{machine.ledger.total(Act::interrupts), machine.ledger.total(Act::cpu_interrupt_ns)};
  });
  CHECK(numbers == Numbers{3, 150 + 600 + 600});
}

TEST_CASE("A raised interrupt level holds interrupts off until it is lowered") {
  const auto numbers = in_child([] {
    MockMachine machine;
    InterruptLine& line = machine.line(500_ns);
    MockThread& thread = machine.thread(Priority::socket, {{MockStep::Kind::raise_level, 0_ns},
                                                           {MockStep::Kind::kernel, 1000_ns},
                                                           {MockStep::Kind::kernel, 1000_ns},
                                                           {MockStep::Kind::lower_level, 0_ns},
                                                           {MockStep::Kind::kernel, 1000_ns}});
    machine.raise_at(500_ns, line);
    machine.run();
    return Numbers{thread.ends.at(2).count, machine.handled.at(0).count, thread.ends.at(4).count};
  });
  CHECK(numbers == Numbers{2010, 2110, 3610});
}

TEST_CASE("A raised interrupt level is dropped while its thread sleeps and stands again when it wakes") {
  const auto numbers = in_child([] {
    MockMachine machine;
    MockThread& thread = machine.thread(Priority::socket, {{MockStep::Kind::raise_level, 0_ns},
                                                           {MockStep::Kind::kernel, 1000_ns},
                                                           {MockStep::Kind::sleep, 0_ns},
                                                           {MockStep::Kind::kernel, 1000_ns},
                                                           {MockStep::Kind::lower_level, 0_ns},
                                                           {MockStep::Kind::kernel, 1000_ns}});
    machine.raise_at(500_ns, machine.wakes(thread, 500_ns));
    machine.raise_at(1700_ns, machine.line(300_ns));
    machine.run();
    return Numbers{thread.ends.at(1).count, thread.ends.at(2).count, thread.ends.at(3).count, thread.ends.at(5).count};
  });
  // Asleep at 1010, woken by the handler that ends at 1610, without a switch; the second handler waits until 2610.
  CHECK(numbers == Numbers{1010, 1610, 2610, 2610 + 400 + 1000});
}

TEST_CASE("A woken thread takes the processor from user work at once") {
  const auto numbers = in_child([] {
    MockMachine machine;
    MockThread& kernel_thread =
        machine.thread(Priority::lock, {{MockStep::Kind::sleep, 0_ns}, {MockStep::Kind::crypto_thread, 200_ns}});
    MockThread& process = machine.thread(Priority::socket, {{MockStep::Kind::user, 1000_ns}});
    machine.raise_at(520_ns, machine.wakes(kernel_thread, 0_ns));
    machine.run();
    return Numbers{kernel_thread.ends.at(1).count, process.ends.at(0).count};
  });
  // Two first switches, 500 ns of work, the interrupt, a switch, 200 ns, a switch back, the other 500 ns.
  CHECK(numbers == Numbers{830, 1340});
}

TEST_CASE("A woken thread waits for kernel work and takes over on the way back to user mode") {
  const auto numbers = in_child([] {
    MockMachine machine;
    MockThread& kernel_thread =
        machine.thread(Priority::lock, {{MockStep::Kind::sleep, 0_ns}, {MockStep::Kind::crypto_thread, 200_ns}});
    MockThread& process = machine.thread(Priority::socket, {{MockStep::Kind::kernel, 1000_ns},
                                                            {MockStep::Kind::kernel, 1000_ns},
                                                            {MockStep::Kind::return_to_user, 0_ns},
                                                            {MockStep::Kind::kernel, 100_ns}});
    machine.raise_at(520_ns, machine.wakes(kernel_thread, 0_ns));
    machine.run();
    return Numbers{process.ends.at(1).count, kernel_thread.ends.at(1).count, process.ends.at(3).count};
  });
  CHECK(numbers == Numbers{2120, 2330, 2440});
}

TEST_CASE("Round robin shares the processor in quanta") {
  const auto numbers = in_child([] {
    MockMachine machine;
    std::vector<MockThread*> threads;
    for (int i = 0; i < 3; ++i)
      threads.push_back(&machine.thread(Priority::socket, {{MockStep::Kind::user, 10'000_ns}}));
    machine.run();
    Numbers ends;
    for (const MockThread* thread : threads) ends.push_back(thread->ends.at(0).count);
    ends.push_back(machine.ledger.total(Act::process_switches));
    return ends;
  });
  // A turn is a switch and 990 ns of work: 30 full turns, then 100 ns are left to each.
  CHECK(numbers == Numbers{30'110, 30'220, 30'330, 33});
}

TEST_CASE("A round ends for all at the same instant however long each has run") {
  const auto numbers = in_child([] {
    MockMachine machine;
    MockThread& first = machine.thread(Priority::socket, {{MockStep::Kind::user, 600_ns}});
    MockThread& second = machine.thread(Priority::socket, {{MockStep::Kind::user, 2000_ns}});
    MockThread& third = machine.thread(Priority::socket, {{MockStep::Kind::user, 500_ns}});
    machine.run();
    return Numbers{first.ends.at(0).count, second.ends.at(0).count, third.ends.at(0).count};
  });
  // The second runs from 620 to 1000 and from 1520 on.
  CHECK(numbers == Numbers{610, 3140, 1510});
}

TEST_CASE("A process that loses the processor to a better one comes back behind its equals") {
  const auto numbers = in_child([] {
    MockMachine machine;
    MockThread& better =
        machine.thread(Priority::lock, {{MockStep::Kind::sleep, 0_ns}, {MockStep::Kind::crypto_thread, 50_ns}});
    MockThread& first = machine.thread(Priority::socket, {{MockStep::Kind::user, 800_ns}});
    MockThread& second = machine.thread(Priority::socket, {{MockStep::Kind::user, 100_ns}});
    machine.raise_at(500_ns, machine.wakes(better, 0_ns));
    machine.run();
    return Numbers{better.ends.at(1).count, second.ends.at(0).count, first.ends.at(0).count};
  });
  // Switches at 0 and 10; the interrupt takes 100; then switch and 50, switch and 100, switch and what is left.
  CHECK(numbers == Numbers{660, 770, 780 + 800 - (500 - 20)});
}

TEST_CASE("A process alone is not switched at the end of its quantum") {
  const auto numbers = in_child([] {
    MockMachine machine;
    MockThread& thread = machine.thread(Priority::socket, {{MockStep::Kind::user, 10'000_ns}});
    machine.run();
    return Numbers{thread.ends.at(0).count, machine.ledger.total(Act::process_switches)};
  });
  CHECK(numbers == Numbers{10'010, 1});
}

TEST_CASE("A quantum that ends in the kernel is heeded on the way back") {
  const auto numbers = in_child([] {
    MockMachine machine;
    MockThread& first = machine.thread(
        Priority::socket,
        {{MockStep::Kind::kernel, 3000_ns}, {MockStep::Kind::return_to_user, 0_ns}, {MockStep::Kind::kernel, 100_ns}});
    MockThread& second = machine.thread(Priority::socket, {{MockStep::Kind::user, 500_ns}});
    machine.run();
    return Numbers{first.ends.at(0).count, second.ends.at(0).count, first.ends.at(2).count};
  });
  CHECK(numbers == Numbers{3010, 3520, 3630});
}

TEST_CASE("User to thread to idle to interrupt to thread to user is three switches") {
  const auto numbers = in_child([] {
    MockMachine machine;
    MockThread& thread = machine.thread(Priority::lock, {{MockStep::Kind::sleep, 0_ns},
                                                         {MockStep::Kind::crypto_thread, 50_ns},
                                                         {MockStep::Kind::sleep, 0_ns},
                                                         {MockStep::Kind::crypto_thread, 50_ns},
                                                         {MockStep::Kind::wake, 0_ns}});
    MockThread& process =
        machine.thread(Priority::socket,
                       {{MockStep::Kind::kernel, 100_ns}, {MockStep::Kind::wake, 0_ns}, {MockStep::Kind::sleep, 0_ns}});
    machine.wakes_another(process, thread);
    machine.wakes_another(thread, process);
    machine.raise_at(5000_ns, machine.wakes(thread, 0_ns));
    machine.run();
    return Numbers{machine.ledger.total(Act::process_switches) - 2, machine.ledger.total(Act::wakeups),
                   process.ends.at(2).count, machine.ledger.total(Act::cpu_idle_ns)};
  });
  // Woken: the thread by the process and by the interrupt, the process by the thread. The interrupt finds it idle since
  // 10 + 10 + 100 + 10 + 50 = 180 ns.
  CHECK(numbers == Numbers{3, 3, 5000 + 100 + 10 + 50 + 10, 5000 - 180});
}

TEST_CASE("User to thread to user is two switches") {
  const auto numbers = in_child([] {
    MockMachine machine;
    MockThread& thread = machine.thread(
        Priority::lock,
        {{MockStep::Kind::sleep, 0_ns}, {MockStep::Kind::crypto_thread, 50_ns}, {MockStep::Kind::wake, 0_ns}});
    MockThread& process =
        machine.thread(Priority::socket,
                       {{MockStep::Kind::kernel, 100_ns}, {MockStep::Kind::wake, 0_ns}, {MockStep::Kind::sleep, 0_ns}});
    machine.wakes_another(process, thread);
    machine.wakes_another(thread, process);
    machine.run();
    return Numbers{machine.ledger.total(Act::process_switches) - 2, machine.ledger.total(Act::wakeups),
                   process.ends.at(2).count};
  });
  CHECK(numbers == Numbers{2, 2, 190});
}

TEST_CASE("Only the running thread may work or sleep") {
  CHECK_THROWS_AS(in_child([] {
                    MockMachine machine;
                    Thread stranger("stranger");
                    machine.tasks.start([](Processor& processor, Thread& thread) -> Task<> {
                      co_await processor.run(thread, 5_ns, ProcessorClass::user);
                    }(machine.processor, stranger));
                    machine.run();
                    return Numbers{};
                  }),
                  Fault);
}
