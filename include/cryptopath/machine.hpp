// A machine is a graph: processors, memory, bridges, bus segments, cards, NICs, disks and the wire are vertices; edges
// say what connects to what. A DMA's route is the graph's shortest path, so whether a transfer passes through memory or
// goes from card to card follows from the graph.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cryptopath/models.hpp"

namespace cryptopath {

/// A slot is where a card may go: a vertex without a model until the scenario fills it.
struct SlotModel {
  int width_bits = 32;
};

using VertexModel = std::variant<ProcessorModel, MemoryModel, PciSegmentModel, BridgeModel, DiskModel, NicModel,
                                 WireModel, AcceleratorModel, SlotModel>;

struct Vertex {
  std::string name;   // unique in the machine: "cpu0", "memory", "pci1", "vpn1201"
  std::string model;  // which file of models/ it came from, or empty for what the machine file itself describes
  VertexModel data;
  std::string interrupt = {};  // the line that a card shares, "irq 11"; empty: a line of its own
};

/// An undirected connection by the vertices' names.
struct Connection {
  std::string from;
  std::string to;
};

using VertexIndex = std::size_t;

/// The capacity between two vertices when nothing on the way limits it.
inline constexpr BitsPerSecond unlimited_rate{std::int64_t{1} << 62};

/// Immutable once made. Vertices are those given, in the order given.
class Machine {
 public:
  /// Throws InputError: a name twice, a connection to an unknown vertex, a vertex that nothing reaches,
  /// no or several processors or memories, a PCI card that is not on exactly one segment.
  Machine(std::string name, std::vector<Vertex> vertices, const std::vector<Connection>& connections);
  ~Machine();
  Machine(Machine&&) noexcept;
  Machine& operator=(Machine&&) noexcept;

  const std::string& name() const;
  const std::vector<Vertex>& vertices() const;
  const Vertex& vertex(VertexIndex index) const { return vertices().at(index); }
  /// Throws InputError for an unknown name, with those that are known.
  VertexIndex find(std::string_view name) const;

  /// The vertices of the shortest path, both ends included; the fewest bridges and segments win. Data passes
  /// through bridges, segments and NICs only: processors, memory and cards are ends. Throws InputError where there is
  /// no path.
  std::vector<VertexIndex> route(VertexIndex from, VertexIndex to) const;

  /// The upper bound of the rate between two vertices: the graph's maximum flow, with each shared segment, memory and
  /// wire counted once.
  BitsPerSecond capacity(VertexIndex from, VertexIndex to) const;

 private:
  struct Graph;
  std::unique_ptr<Graph> graph_;
};

/// Data rate of a segment in back-to-back full bursts of writes: what its width and clock leave after the overhead of
/// each transaction. Cards slower than the segment slow it: the Machine has already lowered its clock.
BitsPerSecond burst_rate(const PciSegmentModel& segment);

}  // namespace cryptopath
