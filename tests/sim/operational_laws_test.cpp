// Figures of a run that cannot be: a whole run cannot be brought to them.
#include "operational_laws.hpp"

#include <catch2/catch.hpp>

#include "example_host.hpp"
#include "in_child.hpp"

using namespace cryptopath;
using namespace cryptopath::sim;
using namespace cryptopath::test;
using namespace cryptopath::literals;
using Catch::Matchers::Contains;

namespace {

RunFigures good_run() {
  RunFigures run;
  run.elapsed = run.processor_classes = 1000_ns;
  run.stations.push_back({"card", 1, 1, 500_ns, 500_ns, 250_ns, 250_ns, 250_ns, {}});
  run.buses.push_back({"pci0", 4000_Mbit_s, 100_B, 100_B});
  return run;
}

TransferFigures good_transfer() {
  return {.file = 90_B, .accepted = 90_B, .sent = 95_B, .records = 95_B, .received = 95_B};
}

template <class Check>
std::string fault_of(Check check) {
  try {
    check();
  } catch (const Fault& fault) {
    return fault.what();
  }
  return "no fault";
}

template <class Change>
std::string fault_after(Change change) {
  RunFigures run = good_run();
  change(run);
  Checks checks;
  return fault_of([&] { checked_shares(run, checks); });
}

template <class Change>
std::string fault_of_transfer(Change change) {
  TransferFigures transfer = good_transfer();
  change(transfer);
  Checks checks;
  return fault_of([&] { check(transfer, checks); });
}

}  // namespace

TEST_CASE("The shares of a run are what was busy of its time") {
  Checks checks;
  CHECK(checked_shares(good_run(), checks) == std::map<std::string, double>{{"card", 0.25}, {"pci0", 0.2}});
  RunFigures nothing;
  nothing.buses.push_back({"pci0", 4000_Mbit_s, 0_B, 0_B});
  CHECK(checked_shares(nothing, checks) == std::map<std::string, double>{{"pci0", 0}});
}

TEST_CASE("A run whose figures contradict each other is a fault") {
  CHECK_THAT(fault_after([](auto& run) { run.stations[0].completions = 0; }), Contains("did not come out"));
  CHECK_THAT(fault_after([](auto& run) { run.buses[0].accounted = 101_B; }),
             Contains("bus pci0 carried another load than the ledger has"));
  CHECK_THAT(fault_after([](auto& run) { run.buses[0].load_carried = run.buses[0].accounted = 501_B; }),
             Contains("bus pci0 carried more than it can"));
  CHECK_THAT(fault_after([](auto& run) { run.processor_classes = 999_ns; }), Contains("do not sum"));
}

TEST_CASE("A transfer whose bytes are not all there is a fault") {
  Checks checks;
  check(good_transfer(), checks);
  CHECK(checks.size() == 4);
  CHECK_THAT(fault_of_transfer([](auto& sums) { sums.accepted = 89_B; }), Contains("not accepted the whole file"));
  CHECK_THAT(fault_of_transfer([](auto& sums) { sums.received = 94_B; }), Contains("bytes were lost"));
  CHECK_THAT(fault_of_transfer([](auto& sums) { sums.sent = sums.received = 98_B; }),
             Contains("the wire does not end where its last record does"));
  CHECK_THAT(fault_of_transfer([](auto& sums) { sums.file = sums.accepted = 96_B; }),
             Contains("fewer bytes were sent"));
}

TEST_CASE("A report of another number of bytes than were sent is a fault") {
  WireReport report;
  report.wire = 95_B;
  report.plaintext = 90_B;
  Checks checks;
  CHECK_THROWS_AS(checked(report, 96_B, 90_B, checks), Fault);
  CHECK_THROWS_AS(checked(report, 95_B, 89_B, checks), Fault);
  CHECK(checks.empty());
  CHECK(checked(report, 95_B, 90_B, checks).wire == 95_B);
  CHECK(checks == Checks{"bytes read by the peer"});
}

TEST_CASE("What the cache writes back for a device crosses the memory bus before the device reads") {
  const auto numbers = in_child([] {
    HostModels models;
    models.memory.bandwidth = 800_Mbit_s;  // a tenth of a byte a nanosecond
    ExampleHost host(models);
    const BufferPointer buffer = host.memory.allocate(1000_B);
    host.cache.write(buffer->identity(), 0_B, 1000_B);
    AcceleratorOperation operation;
    operation.source = operation.destination = {{buffer, 0_B, 1000_B}};
    operation.processed = 1000_B;
    operation.rate = host.models.card.engines.at(cipher_name);
    Accelerator& card = host.cards.front()->device;
    Nanoseconds ended;
    card.on_interrupt([&] { ended = host.clock.now(); });
    card.submit({operation});
    host.run_devices();
    Numbers loads = {ended.count, host.ledger.total(Act::memory_read_bytes),
                     host.ledger.total(Act::memory_write_bytes)};
    for (const BusFigures& bus : host.interconnect.figures(host.ledger.snapshot())) {
      ensure(bus.load_carried == bus.accounted, bus.name);
      if (bus.name == "memory") loads.push_back(bus.load_carried.count);
    }
    return loads;
  });
  // 10 us to write back, 10 us to fetch, 10 us to store, the engine at the same rate a FIFO of 500 B behind.
  CHECK(numbers.at(0) == 10'000 + 10'000 + 5'000 + 5'000);
  CHECK(numbers.at(1) == 1000);
  CHECK(numbers.at(2) == 1000 + 1000);
  CHECK(numbers.at(3) == 3000);
}
