#include "cryptopath/ledger.hpp"

#include <algorithm>
#include <utility>

namespace cryptopath {

namespace {

constexpr std::array<ActDescription, static_cast<std::size_t>(Act::count)> descriptions = {{
    {"system_calls", "calls", "system calls entered"},
    {"mode_crossings", "crossings", "entries into the kernel plus exits from it, two a call"},
    {"process_switches", "switches", "the processor began to run another process than before, or any after idling"},
    {"wakeups", "wakeups", "a sleeping process or thread was made ready"},
    {"interrupts", "interrupts", "interrupts whose handlers ran, once for all that share the line"},
    {"clock_interrupts", "interrupts", "interrupts of the kernel's clocks, which are not among the others"},
    {"interrupts.held_off", "interrupts", "interrupts that came at a raised level and were replayed when it fell"},
    {"interrupt_controller_writes", "writes", "writes to the interrupt controller on the ISA bus"},
    {"copies.kernel_to_user", "copies", "buffers copied to user space; one copied in pieces counts once"},
    {"copies.user_to_kernel", "copies", "buffers copied from user space; one copied in pieces counts once"},
    {"copies.kernel_to_kernel", "copies", "buffers copied inside the kernel; one copied in pieces counts once"},
    {"copied_bytes.kernel_to_user", "B", "bytes of those copies"},
    {"copied_bytes.user_to_kernel", "B", "bytes of those copies"},
    {"copied_bytes.kernel_to_kernel", "B", "bytes of those copies"},
    {"copies.arguments", "copies", "structures, keys and IVs that a call copied in beside the data"},
    {"dma.host_to_device", "transfers", "DMA transfers of data from memory to a device"},
    {"dma.device_to_host", "transfers", "DMA transfers of data from a device to memory"},
    {"dma.device_to_device", "transfers", "DMA transfers of data from one device to another"},
    {"dma.acknowledgements", "transfers", "DMA transfers of received TCP acknowledgements from the NIC to memory"},
    {"dma_bytes.host_to_device", "B", "bytes of those transfers"},
    {"dma_bytes.device_to_host", "B", "bytes of those transfers"},
    {"dma_bytes.device_to_device", "B", "bytes of those transfers"},
    {"dma_bytes.acknowledgements", "B", "bytes of those transfers"},
    {"memory.read_bytes", "B", "bytes read from memory by the processor's cache misses and by DMA"},
    {"memory.write_bytes", "B", "bytes written to memory by the processor's write-backs and by DMA"},
    {"cpu.user_ns", "ns", "processor time in user mode"},
    {"cpu.kernel_ns", "ns", "processor time in the kernel for a process"},
    {"cpu.crypto_thread_ns", "ns", "processor time of the crypto thread"},
    {"cpu.interrupt_ns", "ns", "processor time in interrupt handlers"},
    {"cpu.switch_ns", "ns", "processor time spent switching between processes"},
    {"cpu.idle_ns", "ns", "processor time with nothing to run"},
    {"crypto_requests", "requests", "requests that the crypto framework completed"},
    {"crypto_migrations", "requests", "requests that came back with EAGAIN and were dispatched again"},
    {"records", "records", "records of the protocol that were protected"},
    {"tcp_segments", "segments", "TCP segments with data sent"},
    {"tcp_acknowledgements", "segments", "TCP acknowledgements received"},
    {"datagrams", "datagrams", "packets of UDP or ESP sent"},
    {"paper.copies", "copies", "as the papers count: copies between user and kernel, one a buffer and direction"},
    {"paper.context_switches", "switches",
     "as the papers count: two a copy, and two for a data call that copied nothing"},
    {"paper.dma", "transfers", "as the papers count: passes of a data buffer over DMA, counted at its first byte"},
}};

}  // namespace

std::span<const ActDescription, static_cast<std::size_t>(Act::count)> acts() { return descriptions; }

BusAccount Ledger::open_bus(std::string name) {
  ensure(std::ranges::find(buses_, name, &Bus::name) == buses_.end(), "a bus has one account: " + name);
  buses_.push_back({std::move(name)});
  return BusAccount{buses_.size() - 1};
}

void Ledger::add_bus(BusAccount account, std::int64_t transactions, Bytes bytes) {
  Bus& bus = buses_.at(account.index);
  bus.transactions += transactions;
  bus.bytes += bytes.count;
}

Counts Ledger::snapshot() const {
  Counts counts;
  for (std::size_t i = 0; i < totals_.size(); ++i) counts.emplace(descriptions.at(i).name, totals_.at(i));
  for (const Bus& bus : buses_) {
    counts.emplace("bus." + bus.name + ".transactions", bus.transactions);
    counts.emplace("bus." + bus.name + ".bytes", bus.bytes);
  }
  return counts;
}

Counts difference(const Counts& later, const Counts& earlier) {
  Counts result = later;
  for (const auto& [name, value] : earlier) {
    const auto found = result.find(name);
    ensure(found != result.end(), "the earlier snapshot has a count that the later one lacks: " + name);
    found->second -= value;
  }
  return result;
}

}  // namespace cryptopath
