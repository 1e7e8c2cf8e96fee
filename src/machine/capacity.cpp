#include <algorithm>
#include <boost/graph/push_relabel_max_flow.hpp>
#include <boost/range/iterator_range.hpp>
#include <cmath>

#include "cryptopath/machine.hpp"
#include "graph.hpp"

namespace cryptopath {

namespace {

// A directed graph whose arcs carry what Boost.Graph's maximum flow asks for.
using Traits = boost::adjacency_list_traits<boost::vecS, boost::vecS, boost::directedS>;
using FlowGraph = boost::adjacency_list<
    boost::vecS, boost::vecS, boost::directedS, boost::no_property,
    boost::property<boost::edge_capacity_t, std::int64_t,
                    boost::property<boost::edge_residual_capacity_t, std::int64_t,
                                    boost::property<boost::edge_reverse_t, Traits::edge_descriptor>>>>;

void add_arc(FlowGraph& graph, std::size_t from, std::size_t to, BitsPerSecond capacity) {
  const auto forward = boost::add_edge(from, to, graph).first;
  const auto backward = boost::add_edge(to, from, graph).first;
  boost::put(boost::edge_capacity, graph, forward, capacity.count);
  boost::put(boost::edge_capacity, graph, backward, 0);
  boost::put(boost::edge_reverse, graph, forward, backward);
  boost::put(boost::edge_reverse, graph, backward, forward);
}

const PciInterface* pci_of(const Vertex& vertex) {
  if (const auto* card = std::get_if<AcceleratorModel>(&vertex.data)) return &card->pci;
  if (const auto* nic = std::get_if<NicModel>(&vertex.data)) return &nic->pci;
  return nullptr;
}

/// What a card with so many data lines gets through its segment, which may be wider.
BitsPerSecond burst_rate(PciSegmentModel segment, const PciInterface& card) {
  segment.width_bits = std::min(segment.width_bits, card.width_bits);
  return burst_rate(segment);
}

/// What one vertex lets through: shared media, memory and a card's lanes have a limit, the rest is bounded by what it
/// connects to.
BitsPerSecond own_capacity(const Adjacency& adjacency, const std::vector<Vertex>& vertices, VertexIndex index) {
  const Vertex& vertex = vertices[index];
  if (const PciInterface* card = pci_of(vertex)) {
    for (const VertexIndex neighbour : boost::make_iterator_range(boost::adjacent_vertices(index, adjacency))) {
      if (const auto* segment = std::get_if<PciSegmentModel>(&vertices[neighbour].data)) {
        return burst_rate(*segment, *card);
      }
    }
  }
  if (const auto* memory = std::get_if<MemoryModel>(&vertex.data)) return memory->bandwidth;
  if (const auto* segment = std::get_if<PciSegmentModel>(&vertex.data)) return burst_rate(*segment);
  if (const auto* disk = std::get_if<DiskModel>(&vertex.data)) return disk->rate;
  if (const auto* wire = std::get_if<WireModel>(&vertex.data)) return wire->rate;
  return unlimited_rate;
}

}  // namespace

// A vertex with a capacity becomes two, entry and exit, and the arc between them has the capacity. The source's own arc
// bounds the flow, so that sums stay within 64 bits.
BitsPerSecond Machine::capacity(VertexIndex from, VertexIndex to) const {
  const std::vector<Vertex>& vertices = graph_->vertices;
  ensure(from < vertices.size() && to < vertices.size(), "a capacity's ends are vertices of the machine");
  const auto entry = [](VertexIndex vertex) { return 2 * vertex; };
  const auto exit = [](VertexIndex vertex) { return 2 * vertex + 1; };

  FlowGraph flow(2 * vertices.size());
  const auto usable = usable_between(graph_->adjacency, vertices, from, to);
  for (const VertexIndex vertex : boost::make_iterator_range(boost::vertices(usable))) {
    add_arc(flow, entry(vertex), exit(vertex),
            std::min(own_capacity(graph_->adjacency, vertices, vertex), unlimited_rate));
    for (const VertexIndex neighbour : boost::make_iterator_range(boost::adjacent_vertices(vertex, usable))) {
      add_arc(flow, exit(vertex), entry(neighbour), unlimited_rate);
    }
  }
  const BitsPerSecond most(boost::push_relabel_max_flow(flow, entry(from), exit(to)));
  if (most.count == 0) reject_route(vertices[from], vertices[to]);
  return most;
}

// The product comes first: it is exact, and so is the quotient wherever it is whole.
BitsPerSecond burst_rate(const PciSegmentModel& segment) {
  const Bytes word(segment.width_bits / 8);
  const Cycles transaction = Cycles(pieces(segment.burst, word)) + segment.write_overhead;
  const double bits_per_second = static_cast<double>(segment.burst.count) * 8 *
                                 static_cast<double>(segment.clock.count) / static_cast<double>(transaction.count);
  return BitsPerSecond(static_cast<std::int64_t>(std::floor(bits_per_second)));
}

}  // namespace cryptopath
