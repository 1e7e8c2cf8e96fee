// Delays of who only looks whether there is something to do.
#include <catch2/catch.hpp>

#include "engine/bus.hpp"
#include "engine/clock.hpp"
#include "engine/task.hpp"
#include "in_child.hpp"

using namespace cryptopath;
using namespace cryptopath::sim;
using namespace cryptopath::test;
using namespace cryptopath::literals;

namespace {

Task<> transfer(Buses& buses, RouteIndex route, Bytes load, Numbers& ends) {
  co_await buses.transfer(route, load);
  ends.push_back(buses.clock().now().count);
}

}  // namespace

TEST_CASE("Idle delays do not keep a run alive") {
  const auto numbers = in_child([] {
    Clock clock;
    Buses buses(clock);
    buses.seal();
    std::int64_t looks = 0;
    Nursery tasks(clock);
    tasks.start([](Clock& on, std::int64_t& count) -> Task<> {
      for (;; ++count) co_await on.idle_delay(10_ns);
    }(clock, looks));
    clock.at(
        35_ns, [](void*, std::uint64_t) {}, nullptr);
    clock.run(1_ms);
    return Numbers{looks, clock.now().count};
  });
  CHECK(numbers == Numbers{3, 35});
}

TEST_CASE("What follows an idle delay shares a bus with the transfers that keep the run alive") {
  const auto ends = in_child([] {
    Clock clock;
    Buses buses(clock);
    const RouteIndex route = buses.add_route({buses.add("bus", BitsPerSecond(8'000'000'000))});
    buses.seal();
    Numbers result;
    Nursery tasks(clock);
    for (int i = 0; i < 2; ++i) tasks.start(transfer(buses, route, 500_B, result));
    tasks.start([](Buses& all, RouteIndex way, Numbers& into) -> Task<> {
      co_await all.clock().idle_delay(600_ns);  // later than either would end alone
      co_await transfer(all, way, 50_B, into);
    }(buses, route, result));
    clock.run(1_ms);
    return result;
  });
  // A third of 1 B/ns from 600 ns on; the two have moved 300 and then 50 B each, and share the bus again.
  CHECK(ends == Numbers{750, 750 + 2 * 150, 750 + 2 * 150});
}
