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
  station.begin_service();
  co_await clock.delay(10_ns);
  const Nanoseconds second = station.enter();
  co_await clock.delay(5_ns);
  station.end_service();
  station.leave(first);
  station.begin_service();
  co_await clock.delay(15_ns);
  station.end_service();
  station.leave(second);
}

/// What 100 ns with two requests, one after the other, of 30 and 40 ns look like.
StationFigures two_served() { return {"server", 2, 2, 70_ns, 70_ns, 60_ns, 60_ns, 55_ns, 65_ns}; }

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

TEST_CASE("A server that began before it was seen to is busy from there or from its last request on") {
  CHECK(check_after([](Clock& clock, Station& station) -> Task<> {
          const Nanoseconds first = station.enter();
          co_await clock.delay(10_ns);
          station.begin_service(4_ns);
          co_await clock.delay(10_ns);
          station.end_service();
          station.leave(first);
          const Nanoseconds second = station.enter();
          station.begin_service(15_ns);
          co_await clock.delay(3_ns);
          station.end_service();
          station.leave(second);
        }) == Numbers{16 + 3});
}

TEST_CASE("A server works on one request at a time") {
  CHECK_THROWS_WITH(check_after([](Clock& clock, Station& station) -> Task<> {
                      station.begin_service();
                      co_await clock.delay(10_ns);
                      station.begin_service();
                    }),
                    Catch::Contains("server: the server is taken"));
}

TEST_CASE("Figures that break an operational law are a fault each") {
  CHECK_NOTHROW(check(two_served(), 100_ns));
  const auto fault_of = [](auto change) {
    StationFigures figures = two_served();
    change(figures);
    try {
      check(figures, 100_ns);
    } catch (const Fault& fault) {
      return std::string(fault.what());
    }
    return std::string("no fault");
  };
  using Catch::Matchers::Contains;
  CHECK_THAT(fault_of([](auto& f) { f.completions = 1; }), Contains("did not come out"));
  CHECK_THAT(fault_of([](auto& f) { f.area = 71_ns; }), Contains("Little's law"));
  CHECK_THAT(fault_of([](auto& f) {
               f.busy = 101_ns;
               f.area = f.residence = 200_ns;
               f.most_busy = std::nullopt;
             }),
             Contains("busy for longer than the run"));
  CHECK_THAT(fault_of([](auto& f) { f.area = f.residence = 59_ns; }), Contains("served longer than requests stayed"));
  CHECK_THAT(fault_of([](auto& f) { f.busy = 54_ns; }), Contains("faster than its own rate"));
  CHECK_THAT(fault_of([](auto& f) { f.busy = 66_ns; }), Contains("busy with more than its requests"));
}
