#include "hardware/interconnect.hpp"

#include <algorithm>
#include <cmath>

namespace cryptopath::sim {

namespace {

/// What a segment moves when every cycle carries data on every lane.
BitsPerSecond peak_rate(const PciSegmentModel& segment) {
  return BitsPerSecond(segment.clock.count * segment.width_bits);
}

}  // namespace

Interconnect::Interconnect(Buses& buses, Ledger& ledger, const Machine& machine)
    : buses_(buses), ledger_(ledger), machine_(machine) {
  for (VertexIndex i = 0; i < machine.vertices().size(); ++i) {
    const Vertex& vertex = machine.vertex(i);
    if (const auto* segment = std::get_if<PciSegmentModel>(&vertex.data)) {
      bus_of_[i] = buses.add(vertex.name, peak_rate(*segment));
      alone_[i] = buses.add_route({bus_of_[i]});
      accounts_[i] = ledger.open_bus(vertex.name);
    } else if (const auto* memory = std::get_if<MemoryModel>(&vertex.data)) {
      memory_ = i;
      bus_of_[i] = buses.add(vertex.name, memory->bandwidth);
      memory_alone_ = buses.add_route({bus_of_[i]});
    } else if (std::holds_alternative<ProcessorModel>(vertex.data)) {
      processor_ = i;
    } else if (const auto* wire = std::get_if<WireModel>(&vertex.data)) {
      wire_name_ = vertex.name;
      wire_rate_ = wire->rate;
      wire_account_ = ledger.open_bus(vertex.name);
    }
  }
  const Vertex& processor = machine.vertex(processor_);
  processor_to_memory_ = add_processor(processor.name, std::get<ProcessorModel>(processor.data).miss_rate);
}

RouteIndex Interconnect::add_processor(const std::string& name, BitsPerSecond miss_rate) {
  const std::size_t misses = buses_.add(name + ".misses", miss_rate);
  return buses_.add_route({misses, bus_of_.at(memory_)});
}

const PciInterface* Interconnect::pci_of(VertexIndex device) const {
  const VertexModel& data = machine_.vertex(device).data;
  if (const auto* card = std::get_if<AcceleratorModel>(&data)) return &card->pci;
  if (const auto* nic = std::get_if<NicModel>(&data)) return &nic->pci;
  return nullptr;
}

Interconnect::Path Interconnect::path(VertexIndex from, VertexIndex to) {
  Way way;
  way.direction = from == memory_ ? DmaDirection::host_to_device
                                  : (to == memory_ ? DmaDirection::device_to_host : DmaDirection::device_to_device);
  const PciInterface* card = pci_of(from == memory_ ? to : from);
  std::vector<std::size_t> shared;
  Cycles bridges;
  const std::vector<VertexIndex> route = machine_.route(from, to);
  for (const VertexIndex vertex : route) {
    if (const auto* bridge = std::get_if<BridgeModel>(&machine_.vertex(vertex).data)) bridges += bridge->latency;
  }
  for (const VertexIndex vertex : route) {
    const auto bus = bus_of_.find(vertex);
    if (bus == bus_of_.end()) continue;
    shared.push_back(bus->second);
    const auto* segment = std::get_if<PciSegmentModel>(&machine_.vertex(vertex).data);
    if (segment == nullptr) continue;
    const Cycles overhead =
        (way.direction == DmaDirection::host_to_device ? segment->read_overhead : segment->write_overhead) + bridges;
    // On segments behind the card's own a bridge is the master.
    const bool own = vertex == (from == memory_ ? *std::prev(route.end(), 2) : route.at(1));
    const int lanes = card == nullptr || !own ? segment->width_bits : std::min(card->width_bits, segment->width_bits);
    way.crossings.push_back({this, bus->second, alone_.at(vertex), accounts_.at(vertex), segment->burst,
                             static_cast<double>(overhead.count * segment->width_bits) / 8,
                             static_cast<double>(segment->width_bits) / lanes - 1});
  }
  way.data = buses_.add_route(shared);
  ways_.push_back(std::move(way));
  return ways_.size() - 1;
}

Bytes Interconnect::wasted(const Crossing& crossing, Bytes size, std::int64_t descriptors,
                           Bytes descriptor_bytes) const {
  const auto transactions = static_cast<double>(pieces(size, crossing.burst) + descriptors);
  const double waste = transactions * crossing.wasted_per_transaction +
                       static_cast<double>((size + descriptor_bytes).count) * crossing.wasted_per_byte;
  return Bytes(static_cast<std::int64_t>(std::ceil(waste)));
}

Task<> Interconnect::waste(Way& way, Bytes size, std::int64_t descriptors, Bytes descriptor_bytes) {
  const Crossing* slowest = nullptr;
  Bytes most;
  Nanoseconds longest;
  for (const Crossing& crossing : way.crossings) {
    const Bytes load = wasted(crossing, size, descriptors, descriptor_bytes);
    const Nanoseconds time = buses_.uncontended(crossing.alone, load);
    if (time <= longest) continue;
    longest = time;
    slowest = &crossing;
    most = load;
  }
  if (slowest == nullptr) co_return;
  for (Crossing& crossing : way.crossings) {
    const Bytes load = wasted(crossing, size, descriptors, descriptor_bytes);
    if (&crossing == slowest || load.count == 0) continue;
    buses_.start(
        crossing.alone, load,
        [](void* context, std::uint64_t bytes) {
          const auto& ended = *static_cast<const Crossing*>(context);
          ended.interconnect->wasted_[ended.bus] += Bytes(static_cast<std::int64_t>(bytes));
        },
        &crossing, static_cast<std::uint64_t>(load.count));
  }
  co_await buses_.transfer(slowest->alone, most);
  wasted_[slowest->bus] += most;
}

Task<> Interconnect::dma(Path path, Bytes size, std::int64_t descriptors, Bytes descriptor_bytes, DmaContent content) {
  Way& way = ways_.at(path);
  co_await waste(way, size, descriptors, descriptor_bytes);
  const Bytes moved = size + descriptor_bytes;
  if (moved.count > 0) co_await buses_.transfer(way.data, moved);
  for (const Crossing& crossing : way.crossings) {
    ledger_.add_bus(crossing.account, pieces(size, crossing.burst) + descriptors, moved);
  }
  if (way.direction == DmaDirection::host_to_device) ledger_.add(Act::memory_read_bytes, moved.count);
  if (way.direction == DmaDirection::device_to_host) ledger_.add(Act::memory_write_bytes, moved.count);
  if (size.count == 0) co_return;
  switch (way.direction) {
    case DmaDirection::host_to_device:
      ledger_.add(Act::dma_host_to_device);
      ledger_.add(Act::dma_bytes_host_to_device, size.count);
      break;
    case DmaDirection::device_to_host: {
      const bool data = content != DmaContent::acknowledgement;
      if (content != DmaContent::rest_of_data) ledger_.add(data ? Act::dma_device_to_host : Act::dma_acknowledgements);
      ledger_.add(data ? Act::dma_bytes_device_to_host : Act::dma_bytes_acknowledgements, size.count);
      break;
    }
    case DmaDirection::device_to_device:
      ledger_.add(Act::dma_device_to_device);
      ledger_.add(Act::dma_bytes_device_to_device, size.count);
      break;
  }
}

void Interconnect::write_back(Bytes dirty) {
  if (dirty.count == 0) return;
  buses_.start(
      memory_alone_, dirty,
      [](void* ledger, std::uint64_t bytes) {
        static_cast<Ledger*>(ledger)->add(Act::memory_write_bytes, static_cast<std::int64_t>(bytes));
      },
      &ledger_, static_cast<std::uint64_t>(dirty.count));
}

Task<> Interconnect::send(Bytes size) {
  ledger_.add_bus(wire_account_, 1, size);
  co_await buses_.clock().delay(time_at(size, wire_rate_));
  wire_carried_ += size;
}

Task<> Interconnect::receive(Bytes size) { co_await buses_.clock().delay(time_at(size, wire_rate_)); }

Nanoseconds Interconnect::uncontended(Path path, Bytes size, std::int64_t descriptors, Bytes descriptor_bytes) const {
  const Way& way = ways_.at(path);
  Nanoseconds wasting;
  for (const Crossing& crossing : way.crossings) {
    wasting =
        std::max(wasting, buses_.uncontended(crossing.alone, wasted(crossing, size, descriptors, descriptor_bytes)));
  }
  return wasting + buses_.uncontended(way.data, size + descriptor_bytes);
}

const std::vector<VertexIndex>& Interconnect::register_route(VertexIndex device) {
  auto& route = register_routes_[device];
  if (route.empty()) route = machine_.route(processor_, device);
  return route;
}

void Interconnect::write_register(VertexIndex device) {
  for (const VertexIndex vertex : register_route(device)) {
    const auto account = accounts_.find(vertex);
    if (account == accounts_.end()) continue;
    ledger_.add_bus(account->second, 1, Bytes(4));
    by_processor_[bus_of_.at(vertex)] += Bytes(4);
  }
}

std::vector<Interconnect::RegisterRead> Interconnect::read_register(VertexIndex device) {
  std::vector<RegisterRead> reads;
  Cycles bridges;
  for (const VertexIndex vertex : register_route(device)) {
    const VertexModel& data = machine_.vertex(vertex).data;
    if (const auto* bridge = std::get_if<BridgeModel>(&data)) bridges += bridge->latency;
    if (const auto* segment = std::get_if<PciSegmentModel>(&data)) {
      constexpr Cycles word(1);
      const Cycles cycles = segment->read_overhead + word + bridges;
      reads.push_back({alone_.at(vertex), Bytes(cycles.count * segment->width_bits / 8), vertex});
    }
  }
  return reads;
}

void Interconnect::account_read(const RegisterRead& read) {
  constexpr Bytes word(4);
  ledger_.add_bus(accounts_.at(read.segment), 1, word);
  wasted_[bus_of_.at(read.segment)] += read.load - word;
}

std::vector<BusFigures> Interconnect::figures(const Counts& counts) const {
  const auto of = [](const std::map<std::size_t, Bytes>& loads, std::size_t bus) {
    const auto found = loads.find(bus);
    return found == loads.end() ? Bytes(0) : found->second;
  };
  std::vector<BusFigures> figures;
  for (const auto& [vertex, index] : bus_of_) {
    const Bus& bus = buses_.bus(index);
    const Bytes ledger(vertex == memory_ ? counts.at("memory.read_bytes") + counts.at("memory.write_bytes")
                                         : counts.at("bus." + bus.name + ".bytes"));
    figures.push_back({bus.name, bus.rate, bus.load_carried, ledger - of(by_processor_, index) + of(wasted_, index)});
  }
  if (wire_rate_.count > 0) {
    figures.push_back({wire_name_, wire_rate_, wire_carried_, Bytes(counts.at("bus." + wire_name_ + ".bytes"))});
  }
  return figures;
}

}  // namespace cryptopath::sim
