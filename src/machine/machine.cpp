#include "cryptopath/machine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/graph/connected_components.hpp>
#include <boost/range/iterator_range.hpp>
#include <set>
#include <utility>

#include "graph.hpp"

namespace cryptopath {

namespace {

std::string names_of(const std::vector<Vertex>& vertices) {
  constexpr std::size_t shown = 16;
  std::string names;
  for (std::size_t i = 0; i < std::min(vertices.size(), shown); ++i) {
    names += (i == 0 ? "" : ", ") + in_quotes(vertices[i].name);
  }
  return vertices.size() <= shown ? names : fmt::format("{} and {} more", names, vertices.size() - shown);
}

VertexIndex find_end(const std::vector<Vertex>& vertices, const Connection& connection, const std::string& end) {
  const auto found = std::ranges::find(vertices, end, &Vertex::name);
  if (found != vertices.end()) return static_cast<VertexIndex>(found - vertices.begin());
  throw InputError(fmt::format("the connection of {} and {}: there is no vertex {}; there are {}",
                               in_quotes(connection.from), in_quotes(connection.to), in_quotes(end),
                               names_of(vertices)));
}

void check_names(const std::vector<Vertex>& vertices) {
  std::set<std::string_view> names;
  for (const Vertex& vertex : vertices) {
    if (!names.insert(vertex.name).second) {
      throw InputError(fmt::format("two vertices are named {}; each needs a name of its own", in_quotes(vertex.name)));
    }
  }
}

Adjacency connect(const std::vector<Vertex>& vertices, const std::vector<Connection>& connections) {
  Adjacency adjacency(vertices.size());
  for (const Connection& connection : connections) {
    const VertexIndex from = find_end(vertices, connection, connection.from);
    const VertexIndex to = find_end(vertices, connection, connection.to);
    if (from == to) {
      throw InputError(
          fmt::format("{} is connected to itself; connect it to another vertex", in_quotes(connection.from)));
    }
    if (!boost::add_edge(from, to, adjacency).second) {
      throw InputError(fmt::format("{} and {} are connected twice; once is enough", in_quotes(connection.from),
                                   in_quotes(connection.to)));
    }
  }
  return adjacency;
}

template <class Model>
void check_single(const std::vector<Vertex>& vertices, std::string_view what) {
  std::vector<Vertex> found;
  std::ranges::copy_if(vertices, std::back_inserter(found),
                       [](const Vertex& vertex) { return std::holds_alternative<Model>(vertex.data); });
  if (found.empty()) throw InputError(fmt::format("the machine has no {0}; add one vertex that is a {0}", what));
  if (found.size() > 1) {
    throw InputError(fmt::format("the machine has {} vertices that are a {}: {}; exactly one would do", found.size(),
                                 what, names_of(found)));
  }
}

void check_reachable(const std::vector<Vertex>& vertices, const Adjacency& adjacency) {
  std::vector<std::size_t> component(vertices.size());
  boost::connected_components(adjacency, component.data());
  for (VertexIndex vertex = 0; vertex < vertices.size(); ++vertex) {
    if (component[vertex] != component.front()) {
      throw InputError(fmt::format("nothing leads from {} to {}; connect each vertex with the rest of the machine",
                                   in_quotes(vertices.front().name), in_quotes(vertices[vertex].name)));
    }
  }
}

void check_positive(const Vertex& vertex, std::string_view what, std::int64_t count) {
  if (count > 0) return;
  throw InputError(fmt::format("{} has a {} of {}; it must be positive", in_quotes(vertex.name), what, count));
}

void check_width(const Vertex& vertex, int width_bits) {
  if (width_bits == 32 || width_bits == 64) return;
  throw InputError(fmt::format("{} is {} bits wide; PCI is 32 or 64 bits wide", in_quotes(vertex.name), width_bits));
}

/// The PCI interface of a vertex that is a card.
const PciInterface* interface_of(const Vertex& vertex) {
  if (const auto* nic = std::get_if<NicModel>(&vertex.data)) return &nic->pci;
  if (const auto* accelerator = std::get_if<AcceleratorModel>(&vertex.data)) return &accelerator->pci;
  return nullptr;
}

void check_model(const Vertex& vertex) {
  if (const auto* memory = std::get_if<MemoryModel>(&vertex.data)) {
    check_positive(vertex, "bandwidth", memory->bandwidth.count);
  } else if (const auto* segment = std::get_if<PciSegmentModel>(&vertex.data)) {
    check_width(vertex, segment->width_bits);
    check_positive(vertex, "clock", segment->clock.count);
    check_positive(vertex, "burst", segment->burst.count);
  } else if (const auto* disk = std::get_if<DiskModel>(&vertex.data)) {
    check_positive(vertex, "rate", disk->rate.count);
  } else if (const auto* wire = std::get_if<WireModel>(&vertex.data)) {
    check_positive(vertex, "rate", wire->rate.count);
  } else if (const auto* slot = std::get_if<SlotModel>(&vertex.data)) {
    check_width(vertex, slot->width_bits);
  } else if (const PciInterface* card = interface_of(vertex)) {
    check_width(vertex, card->width_bits);
    check_positive(vertex, "clock", card->clock.count);
  }
}

PciSegmentModel& segment_of(VertexIndex card, std::vector<Vertex>& vertices, const Adjacency& adjacency) {
  std::vector<Vertex> found;
  PciSegmentModel* segment = nullptr;
  for (const VertexIndex neighbour : boost::make_iterator_range(boost::adjacent_vertices(card, adjacency))) {
    auto* const candidate = std::get_if<PciSegmentModel>(&vertices[neighbour].data);
    if (candidate == nullptr) continue;
    segment = candidate;
    found.push_back(vertices[neighbour]);
  }
  if (found.size() == 1) return *segment;
  const std::string where = found.empty() ? "no PCI segment" : "several PCI segments: " + names_of(found);
  throw InputError(
      fmt::format("the card {} is on {}; connect it to exactly one", in_quotes(vertices[card].name), where));
}

/// A PCI segment runs no faster than its slowest card (PCI Local Bus Specification 2.2, chapter 7: M66EN).
void settle_clocks(std::vector<Vertex>& vertices, const Adjacency& adjacency) {
  for (VertexIndex vertex = 0; vertex < vertices.size(); ++vertex) {
    const PciInterface* card = interface_of(vertices[vertex]);
    if (card == nullptr) continue;
    PciSegmentModel& segment = segment_of(vertex, vertices, adjacency);
    segment.clock = std::min(segment.clock, card->clock);
  }
}

}  // namespace

Machine::Machine(std::string name, std::vector<Vertex> vertices, const std::vector<Connection>& connections)
    : graph_(std::make_unique<Graph>()) {
  check_names(vertices);
  std::ranges::for_each(vertices, check_model);
  check_single<ProcessorModel>(vertices, "processor");
  check_single<MemoryModel>(vertices, "memory");
  graph_->adjacency = connect(vertices, connections);
  check_reachable(vertices, graph_->adjacency);
  settle_clocks(vertices, graph_->adjacency);
  graph_->name = std::move(name);
  graph_->vertices = std::move(vertices);
}

Machine::~Machine() = default;
Machine::Machine(Machine&&) noexcept = default;
Machine& Machine::operator=(Machine&&) noexcept = default;

const std::string& Machine::name() const { return graph_->name; }
const std::vector<Vertex>& Machine::vertices() const { return graph_->vertices; }

VertexIndex Machine::find(std::string_view name) const {
  const auto found = std::ranges::find(vertices(), name, &Vertex::name);
  if (found != vertices().end()) return static_cast<VertexIndex>(found - vertices().begin());
  throw InputError(fmt::format("the machine {} has no vertex {}; it has {}", in_quotes(graph_->name), in_quotes(name),
                               names_of(vertices())));
}

}  // namespace cryptopath
