#include "engine/clock.hpp"

#include <catch2/catch.hpp>
#include <csignal>
#include <random>

#include "engine/bus.hpp"
#include "engine/task.hpp"
#include "in_child.hpp"

using namespace cryptopath;
using namespace cryptopath::sim;
using namespace cryptopath::test;
using namespace cryptopath::literals;

namespace {

constexpr Nanoseconds no_limit{std::int64_t{1} << 60};

/// A clock with what SimGrid cannot do without: a network, here an empty one.
struct ClockAlone {
  Clock clock;
  Buses buses{clock};
  ClockAlone() { buses.seal(); }
};

/// Appends its tag, a character, to a string.
void append(void* text, std::uint64_t tag) { static_cast<std::string*>(text)->push_back(static_cast<char>(tag)); }

Task<> wait_and_count(Clock& clock, std::int64_t steps, std::int64_t& waited) {
  std::mt19937_64 random(1);
  for (std::int64_t i = 0; i < steps; ++i) {
    const Nanoseconds step(static_cast<std::int64_t>(random() % 1000));
    const Nanoseconds began = clock.now();
    co_await clock.delay(step);
    ensure(clock.now() == began + step, "a delay was not what it was to be");
    waited += step.count;
  }
}

Task<> throw_after(Clock& clock, Nanoseconds delay) {
  co_await clock.delay(delay);
  throw Fault("a task has failed");
}

Task<Bytes> throwing_value(Clock& clock) {
  co_await clock.delay(1_ns);
  throw InputError("no value");
}

Task<> catch_from_subtask(Clock& clock, std::string& caught) {
  try {
    co_await throwing_value(clock);
  } catch (const InputError& error) {
    caught = error.what();
  }
}

}  // namespace

TEST_CASE("Memory that runs out in an event comes out of the engine as an exception") {
  const auto numbers = in_child([] {
    Clock clock;
    Buses buses(clock);
    buses.seal();
    clock.after(
        5_ns, [](void*, std::uint64_t) { throw std::bad_alloc(); }, nullptr);
    try {
      clock.run(1_ms);
    } catch (const std::bad_alloc&) {
      return Numbers{clock.now().count};
    }
    return Numbers{0};
  });
  CHECK(numbers == Numbers{5});
}

TEST_CASE("The engine leaves to signals what they did before") {
  const auto numbers = in_child([] {
    ::signal(SIGINT, SIG_IGN);
    ::signal(SIGSEGV, SIG_DFL);
    const Clock clock;
    return Numbers{::signal(SIGINT, SIG_DFL) == SIG_IGN, ::signal(SIGSEGV, SIG_DFL) == SIG_DFL};
  });
  CHECK(numbers == Numbers{1, 1});
}

TEST_CASE("Events run in the order of their instants and those of one instant as scheduled") {
  const auto order = in_child([] {
    ClockAlone alone;
    Clock& clock = alone.clock;
    std::string text;
    clock.at(5_ns, append, &text, 'c');
    clock.at(3_ns, append, &text, 'a');
    clock.at(5_ns, append, &text, 'd');
    clock.at(3_ns, append, &text, 'b');
    for (std::uint64_t tag = 'e'; tag <= 'z'; ++tag) clock.at(5_ns, append, &text, tag);
    clock.run(no_limit);
    return text;
  });
  CHECK(order == "abcdefghijklmnopqrstuvwxyz");
}

TEST_CASE("An event scheduled for the current instant runs after those that were already waiting for it") {
  struct Chain : ClockAlone {
    std::string text;
  };
  const auto order = in_child([] {
    Chain chain;
    chain.clock.at(
        1_ns,
        [](void* context, std::uint64_t) {
          auto& self = *static_cast<Chain*>(context);
          self.text += 'a';
          self.clock.after(0_ns, append, &self.text, 'c');
        },
        &chain);
    chain.clock.at(1_ns, append, &chain.text, 'b');
    chain.clock.run(no_limit);
    return chain.text;
  });
  CHECK(order == "abc");
}

TEST_CASE("Instants stay exact over a million events beside transfers that end at fractions") {
  const auto numbers = in_child([] {
    Clock clock;
    Buses buses(clock);
    const RouteIndex route = buses.add_route({buses.add("bus", BitsPerSecond(24'000'000'000))});
    buses.seal();
    std::int64_t waited = 0;
    std::int64_t transfers = 0;
    Nursery tasks(clock);
    tasks.start(wait_and_count(clock, 1'000'000, waited));
    tasks.start([](Buses& all, RouteIndex way, std::int64_t& done) -> Task<> {
      for (; done < 10'000; ++done) co_await all.transfer(way, Bytes(1 + done % 997));
    }(buses, route, transfers));
    clock.run(no_limit);
    return Numbers{waited, clock.now().count, transfers};
  });
  CHECK(numbers.at(0) == numbers.at(1));
  CHECK(numbers.at(2) == 10'000);
}

TEST_CASE("A run that passes its limit of simulated time ends with InputError") {
  const auto run_to = [](Nanoseconds end) {
    return in_child([end] {
      ClockAlone alone;
      Clock& clock = alone.clock;
      std::string text;
      clock.at(end, append, &text, 'x');
      clock.run(1_ms);
      return text;
    });
  };
  CHECK(run_to(1_ms) == "x");
  CHECK_THROWS_AS(run_to(1_ms + 1_ns), InputError);
  CHECK_THROWS_WITH(run_to(1_ms + 1_ns), Catch::Contains("limit of 1 ms of simulated time"));
}

TEST_CASE("An exception in a task ends the run and comes out of it") {
  const auto run = [] {
    return in_child([] {
      ClockAlone alone;
      Clock& clock = alone.clock;
      std::string text;
      clock.at(
          11_ns, [](void*, std::uint64_t) { throw InputError("this event was to be dropped"); }, nullptr);
      Nursery tasks(clock);
      tasks.start(throw_after(clock, 10_ns));
      clock.run(no_limit);
      return text;
    });
  };
  CHECK_THROWS_AS(run(), Fault);
  CHECK_THROWS_WITH(run(), "a task has failed");
}

TEST_CASE("An exception in an event comes out of the run") {
  CHECK_THROWS_WITH(in_child([] {
                      ClockAlone alone;
                      Clock& clock = alone.clock;
                      clock.at(
                          1_ns, [](void*, std::uint64_t) { throw Fault("an event has failed"); }, nullptr);
                      clock.run(no_limit);
                      return Numbers{};
                    }),
                    "an event has failed");
}

TEST_CASE("The one who awaits a task may catch its exception") {
  CHECK(in_child([] {
          ClockAlone alone;
          Clock& clock = alone.clock;
          std::string caught;
          Nursery tasks(clock);
          tasks.start(catch_from_subtask(clock, caught));
          clock.run(no_limit);
          return caught;
        }) == "no value");
}

TEST_CASE("Nothing happens after stop") {
  const auto order = in_child([] {
    struct Stopped : ClockAlone {
      std::string text;
    } stopped;
    stopped.clock.at(1_ns, append, &stopped.text, 'a');
    stopped.clock.at(
        1_ns,
        [](void* context, std::uint64_t) {
          auto& self = *static_cast<Stopped*>(context);
          self.clock.stop();
          self.clock.after(0_ns, append, &self.text, 'b');
          self.clock.after(5_ns, append, &self.text, 'c');
        },
        &stopped);
    stopped.clock.at(1_ns, append, &stopped.text, 'd');
    stopped.clock.at(2_ns, append, &stopped.text, 'e');
    stopped.clock.run(no_limit);
    return stopped.text;
  });
  CHECK(order == "a");
}

TEST_CASE("An event in the past is a fault") {
  CHECK_THROWS_AS(in_child([] {
                    ClockAlone alone;
                    Clock& clock = alone.clock;
                    clock.at(
                        5_ns,
                        [](void* context, std::uint64_t) {
                          static_cast<Clock*>(context)->at(
                              4_ns, [](void*, std::uint64_t) {}, nullptr);
                        },
                        &clock);
                    clock.run(no_limit);
                    return Numbers{};
                  }),
                  Fault);
}

TEST_CASE("A signal wakes those who wait now and in their order") {
  const auto order = in_child([] {
    ClockAlone alone;
    Clock& clock = alone.clock;
    Signal signal(clock);
    std::string text;
    Nursery tasks(clock);
    const auto wait = [](Signal& on, std::string& into, char name) -> Task<> {
      co_await on.wait();
      into += name;
      co_await on.wait();  // of a later notification
      into += static_cast<char>(name - 'a' + 'A');
    };
    for (const char name : {'a', 'b', 'c'}) tasks.start(wait(signal, text, name));
    clock.at(
        1_ns, [](void* context, std::uint64_t) { static_cast<Signal*>(context)->notify(); }, &signal);
    clock.run(no_limit);
    return text;
  });
  CHECK(order == "abc");
}
