// Buses against the textbook's results for processor sharing and max-min fairness.
#include "engine/bus.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>

#include "engine/task.hpp"
#include "in_child.hpp"

using namespace cryptopath;
using namespace cryptopath::sim;
using namespace cryptopath::test;
using namespace cryptopath::literals;

namespace {

constexpr BitsPerSecond byte_per_nanosecond{8'000'000'000};
constexpr Nanoseconds no_limit{std::int64_t{1} << 60};

struct TransferAt {
  Nanoseconds start;
  std::size_t route = 0;
  Bytes load;
};

Task<> transfer_at(Clock& clock, Buses& buses, TransferAt transfer, std::int64_t& end) {
  co_await clock.delay(transfer.start);
  co_await buses.transfer(transfer.route, transfer.load);
  end = clock.now().count;
}

/// The instants at which the transfers end. `routes` names the buses of each route.
Numbers ends(const std::vector<BitsPerSecond>& rates, const std::vector<std::vector<std::size_t>>& routes,
             const std::vector<TransferAt>& transfers) {
  return in_child([&] {
    Clock clock;
    Buses buses(clock);
    for (std::size_t i = 0; i < rates.size(); ++i) buses.add("bus" + std::to_string(i), rates[i]);
    for (const auto& route : routes) buses.add_route(route);
    buses.seal();
    Numbers result(transfers.size());
    Nursery tasks(clock);
    for (std::size_t i = 0; i < transfers.size(); ++i) {
      tasks.start(transfer_at(clock, buses, transfers[i], result[i]));
    }
    clock.run(no_limit);
    ensure(buses.under_way() == 0, "a transfer is left");
    Bytes carried;
    Bytes expected;
    for (std::size_t i = 0; i < rates.size(); ++i) carried += buses.bus(i).load_carried;
    for (const TransferAt& transfer : transfers) {
      expected += transfer.load * static_cast<std::int64_t>(routes[transfer.route].size());
    }
    ensure(carried == expected, "a bus has carried another load than it was given");
    return result;
  });
}

/// By hand: at each beginning and end, fill all transfers under way alike until a bus is full, which stops those on it.
std::vector<double> max_min_ends(const std::vector<BitsPerSecond>& rates,
                                 const std::vector<std::vector<std::size_t>>& routes,
                                 const std::vector<TransferAt>& transfers) {
  std::vector<double> left;
  for (const TransferAt& transfer : transfers) left.push_back(static_cast<double>(transfer.load.count));
  std::vector<double> ended(transfers.size(), -1);
  const auto start = [&](std::size_t i) { return static_cast<double>(transfers[i].start.count); };
  double now = 0;
  while (std::count(ended.begin(), ended.end(), -1.0) > 0) {
    std::vector<double> share(transfers.size(), 0);
    std::vector<double> free;
    for (const BitsPerSecond rate : rates) free.push_back(static_cast<double>(rate.count) / 8e9);
    std::vector<std::size_t> growing;
    for (std::size_t i = 0; i < transfers.size(); ++i) {
      if (ended[i] < 0 && start(i) <= now) growing.push_back(i);
    }
    while (!growing.empty()) {
      std::vector<double> users(rates.size(), 0);
      for (const std::size_t i : growing) {
        for (const std::size_t bus : routes[transfers[i].route]) ++users[bus];
      }
      double step = 1e18;
      for (std::size_t bus = 0; bus < rates.size(); ++bus) {
        if (users[bus] > 0) step = std::min(step, free[bus] / users[bus]);
      }
      for (const std::size_t i : growing) share[i] += step;
      for (std::size_t bus = 0; bus < rates.size(); ++bus) free[bus] -= step * users[bus];
      std::erase_if(growing, [&](std::size_t i) {
        const auto& route = routes[transfers[i].route];
        return std::any_of(route.begin(), route.end(), [&](std::size_t bus) { return free[bus] < 1e-9; });
      });
    }
    double until = 1e18;
    for (std::size_t i = 0; i < transfers.size(); ++i) {
      if (ended[i] >= 0) continue;
      until = std::min(until, start(i) > now ? start(i) : now + left[i] / share[i]);
    }
    for (std::size_t i = 0; i < transfers.size(); ++i) {
      if (ended[i] >= 0 || start(i) > now) continue;
      left[i] -= share[i] * (until - now);
      if (left[i] < 1e-6) ended[i] = until;
    }
    now = until;
  }
  return ended;
}

Numbers ends_on_one_bus(const std::vector<TransferAt>& transfers, BitsPerSecond rate = byte_per_nanosecond) {
  return ends({rate}, {{0}}, transfers);
}

}  // namespace

TEST_CASE("A transfer alone takes its load over the rate and ends at a whole nanosecond") {
  CHECK(ends_on_one_bus({{0_ns, 0, 1000_B}}) == Numbers{1000});
  CHECK(ends_on_one_bus({{17_ns, 0, 1_B}}) == Numbers{18});
  CHECK(ends_on_one_bus({{0_ns, 0, 1000_B}}, 24000_Mbit_s) == Numbers{334});
  CHECK(ends_on_one_bus({{0_ns, 0, 1000_B}}, 1_Mbit_s) == Numbers{8'000'000});
}

TEST_CASE("Equal transfers that begin together take as many times as long and end together") {
  for (const std::size_t count : {2U, 3U, 7U, 16U}) {
    const std::vector<TransferAt> transfers(count, {5_ns, 0, 1000_B});
    CHECK(ends_on_one_bus(transfers) == Numbers(count, 5 + 1000 * static_cast<std::int64_t>(count)));
  }
}

TEST_CASE("A transfer that comes half-way shares what is left") {
  // The first has 500 B left at 500 ns; at half the rate they take until 1500 ns. The second then has 500 B left.
  CHECK(ends_on_one_bus({{0_ns, 0, 1000_B}, {500_ns, 0, 1000_B}}) == Numbers{1500, 2000});
  // A short one overtakes: 100 B at half the rate.
  CHECK(ends_on_one_bus({{0_ns, 0, 1000_B}, {500_ns, 0, 100_B}}) == Numbers{1100, 700});
}

TEST_CASE("A transfer that begins when another ends has the bus to itself") {
  CHECK(ends_on_one_bus({{0_ns, 0, 1000_B}, {1000_ns, 0, 1000_B}}) == Numbers{1000, 2000});
  // The first ends at 333.3 ns and is seen at 334, when the second begins.
  CHECK(ends_on_one_bus({{0_ns, 0, 1000_B}, {334_ns, 0, 1000_B}}, 24000_Mbit_s) == Numbers{334, 668});
}

TEST_CASE("Transfers over one bus end when processor sharing has each of them done") {
  CHECK(rc::check([] {
    const auto gaps = *rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(0, 1500));
    const auto loads =
        *rc::gen::container<std::vector<std::int64_t>>(gaps.size(), rc::gen::inRange<std::int64_t>(1, 3000));
    std::vector<TransferAt> transfers;
    Nanoseconds start;
    for (std::size_t i = 0; i < gaps.size(); ++i) {
      start += Nanoseconds(gaps[i]);
      transfers.push_back({start, 0, Bytes(loads[i])});
    }
    const Numbers ended = ends_on_one_bus(transfers);
    // By hand: everybody under way gets as much of each stretch of time between two beginnings or ends.
    std::vector<double> left(loads.begin(), loads.end());
    double now = 0;
    for (std::size_t begun = 0, done = 0; done < loads.size();) {
      std::vector<std::size_t> under_way;
      for (std::size_t i = 0; i < begun; ++i) {
        if (left[i] > 0) under_way.push_back(i);
      }
      double until = begun < loads.size() ? static_cast<double>(transfers[begun].start.count) : 1e18;
      for (const std::size_t i : under_way) {
        until = std::min(until, now + left[i] * static_cast<double>(under_way.size()));
      }
      for (const std::size_t i : under_way) {
        left[i] -= (until - now) / static_cast<double>(under_way.size());
        if (left[i] > 1e-6) continue;
        left[i] = 0;
        ++done;
        // A nanosecond late is seen rounded up, and holds the bus for so long.
        RC_ASSERT(static_cast<double>(ended[i]) >= until - 1e-3);
        RC_ASSERT(static_cast<double>(ended[i]) <= until + 1 + static_cast<double>(loads.size()));
      }
      now = until;
      if (begun < loads.size() && now >= static_cast<double>(transfers[begun].start.count)) ++begun;
    }
  }));
}

TEST_CASE("A route is as fast as the slowest of its buses") {
  CHECK(ends({byte_per_nanosecond, 2000_Mbit_s, 64000_Mbit_s}, {{0, 1, 2}}, {{0_ns, 0, 1000_B}}) == Numbers{4000});
  CHECK(ends({byte_per_nanosecond, 2000_Mbit_s}, {{0, 1}, {0}}, {{0_ns, 1, 1000_B}}) == Numbers{1000});
}

TEST_CASE("Two routes over one bus get max-min shares") {
  // Bus 0 gives 1 B/ns, bus 1 a quarter of that: the route over both is held to 1/4 and leaves 3/4 to the other.
  const std::vector<BitsPerSecond> rates = {byte_per_nanosecond, 2000_Mbit_s};
  const std::vector<std::vector<std::size_t>> routes = {{0}, {0, 1}};
  CHECK(ends(rates, routes, {{0_ns, 0, 7500_B}, {0_ns, 1, 2500_B}}) == Numbers{10'000, 10'000});
  // When the narrow one ends, the other gets the whole bus: 3000 B in 4000 ns, 4500 B after them.
  CHECK(ends(rates, routes, {{0_ns, 0, 7500_B}, {0_ns, 1, 1000_B}}) == Numbers{8500, 4000});
  // Two over both buses: 1/8 each, 3/4 for the third.
  CHECK(ends(rates, routes, {{0_ns, 0, 6000_B}, {0_ns, 1, 1000_B}, {0_ns, 1, 1000_B}}) == Numbers{8000, 8000, 8000});
}

TEST_CASE("Transfers that together ask no bus for more than it has do not slow each other") {
  const std::vector<BitsPerSecond> rates = {byte_per_nanosecond, 2000_Mbit_s, 6000_Mbit_s};
  const std::vector<std::vector<std::size_t>> routes = {{1, 0}, {2, 0}};
  CHECK(ends(rates, routes, {{0_ns, 0, 1000_B}, {1_ns, 1, 750_B}, {1500_ns, 1, 75_B}}) == Numbers{4000, 1001, 1600});
  // A third asks bus 1 for more than it has, which is half the rate for two, and nothing to the one over bus 2.
  CHECK(ends(rates, routes, {{0_ns, 0, 1000_B}, {1000_ns, 1, 7500_B}, {2000_ns, 0, 250_B}}) ==
        Numbers{5000, 11'000, 4000});
}

TEST_CASE("Transfers over several buses end when max-min shares have each of them done") {
  CHECK(rc::check([] {
    const auto rates = *rc::gen::container<std::vector<std::int64_t>>(4, rc::gen::inRange<std::int64_t>(1, 9));
    // Bus 0 is on every route, as memory is.
    const std::vector<std::vector<std::size_t>> routes = {{0}, {0, 1}, {0, 2}, {0, 2, 3}};
    const auto count = *rc::gen::inRange<std::size_t>(1, 12);
    std::vector<TransferAt> transfers;
    for (std::size_t i = 0; i < count; ++i) {
      transfers.push_back({Nanoseconds(*rc::gen::inRange<std::int64_t>(0, 4000)), *rc::gen::inRange<std::size_t>(0, 4),
                           Bytes(*rc::gen::inRange<std::int64_t>(1, 3000))});
    }
    std::vector<BitsPerSecond> bus_rates;
    for (const std::int64_t rate : rates) bus_rates.emplace_back(rate * 2'000'000'000);
    const Numbers ended = ends(bus_rates, routes, transfers);
    const std::vector<double> expected = max_min_ends(bus_rates, routes, transfers);
    for (std::size_t i = 0; i < count; ++i) {
      RC_ASSERT(static_cast<double>(ended[i]) >= expected[i] - 1 - static_cast<double>(count));
      RC_ASSERT(static_cast<double>(ended[i]) <= expected[i] + 1 + static_cast<double>(count));
    }
  }));
}

TEST_CASE("A transfer alone never takes less than its time whatever fraction the last one ended at") {
  CHECK(rc::check([] {
    const auto loads = *rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(1, 5000));
    const auto rate = *rc::gen::inRange<std::int64_t>(1'000'000'000, 70'000'000'000);
    const Numbers took = in_child([&] {
      Clock clock;
      Buses buses(clock);
      const RouteIndex route = buses.add_route({buses.add("bus", BitsPerSecond(rate))});
      buses.seal();
      Numbers result;
      Nursery tasks(clock);
      tasks.start([](Clock& now, Buses& all, RouteIndex way, std::vector<std::int64_t> sizes, Numbers& into) -> Task<> {
        for (const std::int64_t size : sizes) {
          const Nanoseconds began = now.now();
          co_await all.transfer(way, Bytes(size));
          into.push_back((now.now() - began).count);
        }
      }(clock, buses, route, loads, result));
      clock.run(no_limit);
      return result;
    });
    RC_ASSERT(took.size() == loads.size());
    for (std::size_t i = 0; i < loads.size(); ++i) {
      const double exact = static_cast<double>(loads[i]) * 8e9 / static_cast<double>(rate);
      constexpr double rounding = 1e-3;  // an end so near to a whole nanosecond is taken for it
      RC_ASSERT(static_cast<double>(took[i]) >= exact - rounding);
      RC_ASSERT(static_cast<double>(took[i]) <= exact + 1 + rounding);
    }
  }));
}

TEST_CASE("A transfer of nothing is a fault") { CHECK_THROWS_AS(ends_on_one_bus({{0_ns, 0, 0_B}}), Fault); }

TEST_CASE("The mean response of M/M/1 processor sharing is one over the difference of the rates") {
  // Mean load 1000 B at 1 B/ns, arrivals every 2000 ns: 1/(1/1000 - 1/2000) = 2000 ns. Over seeds, means of 20,000
  // transfers scatter by some 2%; the average of three seeds is held to 4%.
  double sum = 0;
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    constexpr std::size_t count = 20'000;
    std::mt19937_64 random(seed);
    const auto exponential = [&random](double mean) {
      const double uniform = (static_cast<double>(random() >> 11U) + 0.5) / 0x1p53;
      return -mean * std::log(uniform);
    };
    std::vector<TransferAt> transfers;
    double instant = 0;
    for (std::size_t i = 0; i < count; ++i) {
      instant += exponential(2000);
      const auto load = static_cast<std::int64_t>(std::max(1.0, std::round(exponential(1000))));
      transfers.push_back({Nanoseconds(static_cast<std::int64_t>(instant)), 0, Bytes(load)});
    }
    const Numbers ended = ends_on_one_bus(transfers);
    double responses = 0;
    for (std::size_t i = 0; i < count; ++i) {
      responses += static_cast<double>(ended[i] - transfers[i].start.count);
    }
    sum += responses / count;
  }
  CHECK(sum / 3 == Approx(2000).epsilon(0.04));
}
