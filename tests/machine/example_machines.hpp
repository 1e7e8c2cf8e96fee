// Machines that several tests share.
#pragma once

#include <string>
#include <vector>

#include "cryptopath/machine.hpp"

namespace cryptopath::examples {

using namespace literals;

inline Vertex processor(std::string name = "cpu0") { return {std::move(name), "", ProcessorModel{}}; }
inline Vertex bridge(std::string name) { return {std::move(name), "", BridgeModel{}}; }

inline Vertex memory(BitsPerSecond bandwidth = 8000_Mbit_s, std::string name = "memory") {
  MemoryModel model;
  model.bandwidth = bandwidth;
  return {std::move(name), "", model};
}

/// Without overhead, so that its burst rate is width times clock.
inline Vertex segment(std::string name, int width_bits = 32, Hertz clock = 33_MHz) {
  PciSegmentModel model;
  model.width_bits = width_bits;
  model.clock = clock;
  model.burst = 64_B;
  return {std::move(name), "", model};
}

inline Vertex nic(std::string name, Hertz clock = 133_MHz) {
  NicModel model;
  model.pci = {64, clock};
  return {std::move(name), "", model};
}

inline Vertex accelerator(std::string name, Hertz clock = 133_MHz) {
  AcceleratorModel model;
  model.pci = {32, clock};
  return {std::move(name), "", model};
}

inline Vertex wire(std::string name, BitsPerSecond rate = 1000_Mbit_s) {
  WireModel model;
  model.rate = rate;
  return {std::move(name), "", model};
}

inline Vertex disk(std::string name, BitsPerSecond rate = 400_Mbit_s) {
  DiskModel model;
  model.rate = rate;
  return {std::move(name), "", model};
}

/// The vertices of a server with two PCI segments, an accelerator on one and a NIC on the other.
inline std::vector<Vertex> server_vertices() {
  return {processor(),
          memory(),
          bridge("north"),
          segment("pci0", 32, 33_MHz),
          segment("pci1", 64, 66_MHz),
          accelerator("card"),
          nic("nic0"),
          wire("wire"),
          disk("disk")};
}

inline std::vector<Connection> server_connections() {
  return {{"cpu0", "north"}, {"memory", "north"}, {"north", "pci0"}, {"north", "pci1"},
          {"card", "pci0"},  {"nic0", "pci1"},    {"nic0", "wire"},  {"disk", "north"}};
}

inline Machine server() { return Machine("server", server_vertices(), server_connections()); }

/// The names along a route, for comparison and for messages.
inline std::string route_names(const Machine& machine, std::string_view from, std::string_view to) {
  std::string names;
  for (const VertexIndex vertex : machine.route(machine.find(from), machine.find(to))) {
    names += (names.empty() ? "" : " ") + machine.vertex(vertex).name;
  }
  return names;
}

inline BitsPerSecond capacity(const Machine& machine, std::string_view from, std::string_view to) {
  return machine.capacity(machine.find(from), machine.find(to));
}

}  // namespace cryptopath::examples
