#include <fmt/format.h>

#include <algorithm>
#include <boost/graph/breadth_first_search.hpp>
#include <numeric>

#include "cryptopath/machine.hpp"
#include "graph.hpp"

namespace cryptopath {

void reject_route(const Vertex& from, const Vertex& to) {
  throw InputError(fmt::format("there is no route from {} to {}; connect them through bridges, PCI segments or a NIC",
                               in_quotes(from.name), in_quotes(to.name)));
}

// All hops cost the same, so breadth-first search finds the shortest path. It visits neighbours in ascending order:
// among the shortest paths the one that comes first in lexicographic order wins.
std::vector<VertexIndex> Machine::route(VertexIndex from, VertexIndex to) const {
  const std::vector<Vertex>& vertices = graph_->vertices;
  ensure(from < vertices.size() && to < vertices.size(), "a route's ends are vertices of the machine");

  std::vector<VertexIndex> predecessors(vertices.size());
  std::iota(predecessors.begin(), predecessors.end(), VertexIndex{0});
  // The filtered graph counts only the vertices that it lets through, too few for the search's own colour map.
  std::vector<boost::default_color_type> colours(vertices.size());
  boost::breadth_first_search(
      usable_between(graph_->adjacency, vertices, from, to), from,
      boost::visitor(boost::make_bfs_visitor(boost::record_predecessors(predecessors.data(), boost::on_tree_edge())))
          .color_map(colours.data()));

  if (from != to && predecessors[to] == to) reject_route(vertices[from], vertices[to]);
  std::vector<VertexIndex> route{to};
  while (route.back() != from) route.push_back(predecessors[route.back()]);
  std::ranges::reverse(route);
  return route;
}

}  // namespace cryptopath
