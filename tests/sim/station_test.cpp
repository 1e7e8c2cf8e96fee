#include "engine/station.hpp"

#include <catch2/catch.hpp>

#include "engine/bus.hpp"
#include "engine/task.hpp"
#include "in_child.hpp"

using namespace cryptopath;
using namespace cryptopath::sim;
using namespace cryptopath::test;
using namespace cryptopath::literals;

namespace {

/// Lets `body` work with a station and checks the station then.
template <class Body>
Numbers check_after(Body body) {
  return in_child([body] {
    Clock clock;
    Buses buses(clock);
    buses.seal();
    Station station(clock, "server");
    Nursery tasks(clock);
    tasks.start(body(clock, station));
    clock.run(1_ms);
    station.check(clock.now());
    return Numbers{station.busy().count};
  });
}

Task<> two_requests(Clock& clock, Station& station) {
  const Nanoseconds first = station.enter();
  co_await clock.delay(10_ns);
  const Nanoseconds second = station.enter();
  co_await clock.delay(5_ns);
  station.served(15_ns);
  station.leave(first);
  co_await clock.delay(15_ns);
  station.served(15_ns);
  station.leave(second);
}

}  // namespace

TEST_CASE("The operational laws hold for requests that come and go") {
  CHECK(check_after(two_requests) == Numbers{30});
}

TEST_CASE("A request that was lost is a fault") {
  CHECK_THROWS_WITH(check_after([](Clock& clock, Station& station) -> Task<> {
                      station.enter();
                      co_await clock.delay(10_ns);
                    }),
                    Catch::Contains("server: requests went in and did not come out"));
}

TEST_CASE("A residence that is not the request's breaks Little's law") {
  CHECK_THROWS_WITH(check_after([](Clock& clock, Station& station) -> Task<> {
                      const Nanoseconds entered = station.enter();
                      co_await clock.delay(10_ns);
                      station.leave(entered + 1_ns);
                    }),
                    Catch::Contains("Little's law"));
}

TEST_CASE("A server busy for longer than the run is a fault") {
  CHECK_THROWS_WITH(check_after([](Clock& clock, Station& station) -> Task<> {
                      const Nanoseconds entered = station.enter();
                      co_await clock.delay(10_ns);
                      station.served(11_ns);
                      station.leave(entered);
                    }),
                    Catch::Contains("busy for longer than the run"));
}

TEST_CASE("A server busy while nothing is inside is a fault") {
  CHECK_THROWS_WITH(check_after([](Clock& clock, Station& station) -> Task<> {
                      co_await clock.delay(100_ns);
                      const Nanoseconds entered = station.enter();
                      co_await clock.delay(10_ns);
                      station.served(20_ns);
                      station.leave(entered);
                    }),
                    Catch::Contains("served longer than requests stayed"));
}
