// Transfers on the buses and the DMA that is made of them.
#include <cmath>
#include <utility>

#include "heap_loop/world.hpp"

namespace cryptopath::heap_loop {

void World::start_transfer(Master master, Buses::Route route, Bytes load) {
  if (const auto end = buses_.start(master, route, load, now_)) {
    after(buses_.uncontended(route, load), Happening::transfer_ends, *end);
  }
}

void World::on_transfer_end(Buses::End end) {
  if (!buses_.leave(end)) return;
  switch (const Master master = Buses::master_of(end)) {
    case Master::processor:
      return on_processor_transfer_end();
    case Master::handler:
      return on_register_read();
    case Master::card_write_back:
      return on_written_back(Master::card_input);
    case Master::nic_write_back:
      return on_written_back(Master::nic_transmit);
    default:
      return continue_dma(master);
  }
}

void World::start_dma(Master master, const Load& load) {
  Dma& dma = dma_[static_cast<std::size_t>(master)];
  dma.load = load;
  dma.began = now_;
  if (dma.dirty.count > 0) {
    const bool card = master == Master::card_input;
    ensure(dma.writes_back.count == 0, "the heap loop's write-backs do not overlap");
    dma.writes_back = std::exchange(dma.dirty, Bytes(0));
    start_transfer(card ? Master::card_write_back : Master::nic_write_back, memory_, dma.writes_back);
  }
  dma.at = Dma::At::waste;
  if (const Bytes waste = wasted(dma.segment, dma.load); waste.count > 0) {
    return start_transfer(master, dma.segment.alone, waste);
  }
  continue_dma(master);
}

void World::on_written_back(Master reads) {
  Dma& dma = dma_[static_cast<std::size_t>(reads)];
  ledger_.add(Act::memory_write_bytes, std::exchange(dma.writes_back, Bytes(0)).count);
}

void World::continue_dma(Master master) {
  Dma& dma = dma_[static_cast<std::size_t>(master)];
  switch (dma.at) {
    case Dma::At::waste:
      dma.at = Dma::At::data;
      if (dma.load.moved().count > 0) return start_transfer(master, dma.route, dma.load.moved());
      [[fallthrough]];
    case Dma::At::data:
      count_dma(master);
  }
  if (master == Master::card_input) return on_card_input();
  if (master == Master::card_output) return on_card_output();
  if (master == Master::nic_transmit) return on_packet_fetched();
  on_acknowledgement_stored();
}

void World::count_dma(Master master) {
  const Dma& dma = dma_[static_cast<std::size_t>(master)];
  const Bytes size = dma.load.size;
  const Bytes moved = dma.load.moved();
  ledger_.add_bus(dma.segment.account, pieces(size, dma.segment.burst) + dma.load.descriptors, moved);
  ledger_.add(dma.from_host ? Act::memory_read_bytes : Act::memory_write_bytes, moved.count);
  if (size.count == 0) return;
  const bool data = master != Master::nic_receive;
  const Act to_host = data ? Act::dma_device_to_host : Act::dma_acknowledgements;
  const Act bytes_to_host = data ? Act::dma_bytes_device_to_host : Act::dma_bytes_acknowledgements;
  if (!dma.load.goes_on) ledger_.add(dma.from_host ? Act::dma_host_to_device : to_host);
  ledger_.add(dma.from_host ? Act::dma_bytes_host_to_device : bytes_to_host, size.count);
}

Bytes World::wasted(const Segment& segment, const Load& load) const {
  const auto transactions = static_cast<double>(pieces(load.size, segment.burst) + load.descriptors);
  return Bytes(static_cast<std::int64_t>(std::ceil(transactions * segment.wasted_per_transaction +
                                                   static_cast<double>(load.moved().count) * segment.wasted_per_byte)));
}

Nanoseconds World::uncontended(Master master, const Load& load) const {
  const Dma& dma = dma_[static_cast<std::size_t>(master)];
  return buses_.uncontended(dma.segment.alone, wasted(dma.segment, load)) + buses_.uncontended(dma.route, load.moved());
}

}  // namespace cryptopath::heap_loop
