#include "cli/explain_machine.hpp"

#include <fmt/format.h>

#include <map>
#include <optional>

namespace cryptopath {

namespace {

std::string describe(const ProcessorModel& cpu) {
  return fmt::format("processor, {}, {} of cache", to_string(cpu.clock), to_string(cpu.cache));
}
std::string describe(const MemoryModel& memory) {
  return fmt::format("memory, {}, {}", to_string(memory.size), to_string(memory.bandwidth));
}
std::string describe(const PciSegmentModel& segment) {
  return fmt::format("PCI segment, {} bit, {}, {:.0f} Mbit/s in bursts", segment.width_bits, to_string(segment.clock),
                     static_cast<double>(burst_rate(segment).count) / 1e6);
}
std::string describe(const BridgeModel& bridge) { return fmt::format("bridge, {}", to_string(bridge.latency)); }
std::string describe(const DiskModel& disk) {
  return fmt::format("disk, {}, {} to position", to_string(disk.rate), to_string(disk.positioning));
}
std::string engines_of(const std::map<std::string, BitsPerSecond>& engines) {
  std::string text;
  for (const auto& [transform, rate] : engines) text += fmt::format(", {} at {}", transform, to_string(rate));
  return text;
}
std::string describe(const NicModel& nic) {
  return fmt::format("NIC{}, packets of {} B, {} bit PCI at {}", engines_of(nic.engines), nic.maximum_packet.count,
                     nic.pci.width_bits, to_string(nic.pci.clock));
}
std::string describe(const WireModel& wire) {
  return fmt::format("wire, {} each way, {}", to_string(wire.rate), to_string(wire.propagation));
}
std::string describe(const AcceleratorModel& card) {
  const std::int64_t units = card.key_engine.units;
  const std::string keys = units == 0 ? "" : fmt::format(", public keys by {} unit{}", units, units == 1 ? "" : "s");
  return fmt::format("accelerator{}{}, {} bit PCI at {}", engines_of(card.engines), keys, card.pci.width_bits,
                     to_string(card.pci.clock));
}
std::string describe(const SlotModel& slot) { return fmt::format("empty slot, {} bit", slot.width_bits); }

std::string line_about(const Vertex& vertex) {
  const std::string what = std::visit([](const auto& model) { return describe(model); }, vertex.data);
  const std::string model = vertex.model.empty() ? "" : fmt::format(" ({})", vertex.model);
  const std::string interrupt = vertex.interrupt.empty() ? "" : ", " + vertex.interrupt;
  return fmt::format("{}{}: {}{}\n", vertex.name, model, what, interrupt);
}

template <class Model>
std::vector<VertexIndex> all(const Machine& machine) {
  std::vector<VertexIndex> found;
  for (VertexIndex i = 0; i < machine.vertices().size(); ++i) {
    if (std::holds_alternative<Model>(machine.vertex(i).data)) found.push_back(i);
  }
  return found;
}

/// Nothing where the graph has no way for data: processors do not pass it on.
std::optional<std::vector<VertexIndex>> route(const Machine& machine, VertexIndex from, VertexIndex to) {
  try {
    return machine.route(from, to);
  } catch (const InputError&) {
    return std::nullopt;
  }
}

using Children = std::map<VertexIndex, std::vector<VertexIndex>>;

void draw(const Machine& machine, const Children& children, VertexIndex parent, const std::string& indentation,
          std::string& text) {
  const auto found = children.find(parent);
  if (found == children.end()) return;
  for (const VertexIndex child : found->second) {
    const bool last = child == found->second.back();
    text += indentation + (last ? "└─ " : "├─ ") + line_about(machine.vertex(child));
    draw(machine, children, child, indentation + (last ? "   " : "│  "), text);
  }
}

std::string route_line(const Machine& machine, VertexIndex from, VertexIndex to) {
  const auto way = route(machine, from, to);
  const std::string ends = fmt::format("{} to {}", machine.vertex(from).name, machine.vertex(to).name);
  if (!way) return fmt::format("  {:<24}  no route\n", ends);
  std::string names;
  for (const VertexIndex vertex : *way) names += (names.empty() ? "" : " - ") + machine.vertex(vertex).name;
  const BitsPerSecond most = machine.capacity(from, to);
  const std::string rate = most >= unlimited_rate
                               ? std::string("no limit")
                               : fmt::format("{:.0f} Mbit/s at most", static_cast<double>(most.count) / 1e6);
  return fmt::format("  {:<24}  {:>19}  {}\n", ends, rate, names);
}

}  // namespace

std::string machine_tree(const Machine& machine) {
  const VertexIndex memory = all<MemoryModel>(machine).at(0);
  Children children;
  std::string apart;
  for (VertexIndex i = 0; i < machine.vertices().size(); ++i) {
    if (i == memory) continue;
    if (const auto way = route(machine, memory, i)) {
      children[way->at(way->size() - 2)].push_back(i);
    } else {
      apart += "no data from memory: " + line_about(machine.vertex(i));
    }
  }
  std::string text = line_about(machine.vertex(memory));
  draw(machine, children, memory, "", text);
  return text + apart;
}

std::string data_routes(const Machine& machine) {
  const VertexIndex memory = all<MemoryModel>(machine).at(0);
  const auto nics = all<NicModel>(machine);
  std::string text;
  for (const VertexIndex disk : all<DiskModel>(machine)) text += route_line(machine, disk, memory);
  for (const VertexIndex card : all<AcceleratorModel>(machine)) {
    if (std::get<AcceleratorModel>(machine.vertex(card).data).engines.empty()) continue;  // public keys, no data
    text += route_line(machine, memory, card);
    text += route_line(machine, card, memory);
    for (const VertexIndex nic : nics) text += route_line(machine, card, nic);
  }
  for (const VertexIndex nic : nics) text += route_line(machine, memory, nic);
  for (const VertexIndex wire : all<WireModel>(machine)) {
    for (const VertexIndex nic : nics) text += route_line(machine, nic, wire);
  }
  return text;
}

}  // namespace cryptopath
