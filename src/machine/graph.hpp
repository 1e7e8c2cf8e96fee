// The graph inside a Machine: what the constructor builds and what routes and capacities are computed on.
#pragma once

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/filtered_graph.hpp>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "cryptopath/machine.hpp"

namespace cryptopath {

/// A vertex's number is its index in Machine::vertices(). Neighbours are kept sorted, so that no result depends on the
/// order of the connections, and a second edge between two vertices is refused.
using Adjacency = boost::adjacency_list<boost::setS, boost::vecS, boost::undirectedS>;

struct Machine::Graph {
  std::string name;
  std::vector<Vertex> vertices;
  Adjacency adjacency;
};

/// Whether data passes through the vertex on its way to another one. All else only sends and receives: a processor or
/// an accelerator does not forward what reaches it, and two NICs on one wire are no path between their segments.
inline bool forwards(const Vertex& vertex) {
  return std::holds_alternative<BridgeModel>(vertex.data) || std::holds_alternative<PciSegmentModel>(vertex.data) ||
         std::holds_alternative<NicModel>(vertex.data);
}

/// The part of the graph that data from `from` to `to` may use: both ends, and what forwards.
inline auto usable_between(const Adjacency& adjacency, const std::vector<Vertex>& vertices, VertexIndex from,
                           VertexIndex to) {
  const std::function<bool(VertexIndex)> usable = [&vertices, from, to](VertexIndex vertex) {
    return vertex == from || vertex == to || forwards(vertices[vertex]);
  };
  return boost::filtered_graph<Adjacency, boost::keep_all, std::function<bool(VertexIndex)>>(adjacency,
                                                                                             boost::keep_all(), usable);
}

/// Throws the InputError of two vertices that data cannot travel between.
[[noreturn]] void reject_route(const Vertex& from, const Vertex& to);

}  // namespace cryptopath
