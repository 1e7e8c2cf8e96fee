#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "cryptopath/ledger.hpp"

using namespace cryptopath;

TEST_CASE("every act has a name of its own and a unit and a meaning") {
  std::set<std::string_view> names;
  for (const ActDescription& act : acts()) {
    CAPTURE(act.name);
    CHECK_FALSE(act.name.empty());
    CHECK(names.insert(act.name).second);
    CHECK_FALSE(act.unit.empty());
    CHECK_FALSE(act.meaning.empty());
  }
}

TEST_CASE("acts have the names that results use") {
  const auto name_of = [](Act act) { return acts()[static_cast<std::size_t>(act)].name; };
  CHECK(name_of(Act::system_calls) == "system_calls");
  CHECK(name_of(Act::copies_kernel_to_user) == "copies.kernel_to_user");
  CHECK(name_of(Act::copied_bytes_kernel_to_kernel) == "copied_bytes.kernel_to_kernel");
  CHECK(name_of(Act::copies_arguments) == "copies.arguments");
  CHECK(name_of(Act::dma_bytes_device_to_device) == "dma_bytes.device_to_device");
  CHECK(name_of(Act::memory_write_bytes) == "memory.write_bytes");
  CHECK(name_of(Act::cpu_crypto_thread_ns) == "cpu.crypto_thread_ns");
  CHECK(name_of(Act::cpu_idle_ns) == "cpu.idle_ns");
  CHECK(name_of(Act::tcp_acknowledgements) == "tcp_acknowledgements");
  CHECK(name_of(Act::paper_context_switches) == "paper.context_switches");
  CHECK(name_of(Act::paper_dma) == "paper.dma");
}

TEST_CASE("a ledger adds up what is written into it") {
  Ledger ledger;
  ledger.add(Act::system_calls);
  ledger.add(Act::system_calls);
  ledger.add(Act::dma_bytes_host_to_device, 8192);
  CHECK(ledger.total(Act::system_calls) == 2);
  CHECK(ledger.total(Act::dma_bytes_host_to_device) == 8192);
  CHECK(ledger.total(Act::interrupts) == 0);
}

TEST_CASE("a snapshot has every act and every bus") {
  Ledger ledger;
  const BusAccount pci = ledger.open_bus("pci1");
  ledger.open_bus("pci2");
  ledger.add_bus(pci, 3, Bytes(384));
  ledger.add_bus(pci, 1, Bytes(8));
  ledger.add(Act::wakeups, 5);
  const Counts counts = ledger.snapshot();
  CHECK(counts.size() == static_cast<std::size_t>(Act::count) + 4);
  CHECK(counts.at("wakeups") == 5);
  CHECK(counts.at("bus.pci1.transactions") == 4);
  CHECK(counts.at("bus.pci1.bytes") == 392);
  CHECK(counts.at("bus.pci2.bytes") == 0);
}

TEST_CASE("a bus has one account only") {
  Ledger ledger;
  ledger.open_bus("pci1");
  CHECK_THROWS_AS(ledger.open_bus("pci1"), Fault);
}

TEST_CASE("the difference of two snapshots is what happened between them") {
  Ledger ledger;
  ledger.add(Act::interrupts, 2);
  const Counts earlier = ledger.snapshot();
  ledger.add(Act::interrupts, 3);
  ledger.add_bus(ledger.open_bus("pci1"), 1, Bytes(64));
  const Counts between = difference(ledger.snapshot(), earlier);
  CHECK(between.at("interrupts") == 3);
  CHECK(between.at("wakeups") == 0);
  CHECK(between.at("bus.pci1.bytes") == 64);
}

TEST_CASE("a difference to a snapshot of something else is a fault") {
  CHECK_THROWS_AS(difference(Counts{{"a", 1}}, Counts{{"b", 1}}), Fault);
}
