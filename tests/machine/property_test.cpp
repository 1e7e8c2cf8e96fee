// What holds for routes and capacities of every machine, against answers found by trying everything.
#include <rapidcheck.h>

#include <fmt/format.h>
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "example_machines.hpp"

using namespace cryptopath;
using namespace cryptopath::examples;

namespace {

struct Network {
  Machine machine;
  std::set<std::pair<VertexIndex, VertexIndex>> edges;  // both directions

  bool connected(VertexIndex a, VertexIndex b) const { return edges.contains({a, b}); }
};

/// A random tree of bridges and segments with a few more edges, and at its ends processor, memory, cards, disk, wire.
Network any_network() {
  std::vector<Vertex> vertices = {processor(), memory(BitsPerSecond(*rc::gen::inRange<std::int64_t>(1, 9'000'000'000))),
                                  disk("disk"), bridge("host")};
  std::vector<Connection> connections = {{"cpu0", "host"}, {"memory", "host"}, {"disk", "host"}};
  std::set<std::pair<std::string, std::string>> joined;
  const auto join = [&](const std::string& a, const std::string& b) {
    if (a == b || !joined.insert(std::minmax(a, b)).second) return;
    connections.push_back({a, b});
  };
  std::vector<std::string> forwarders = {"host"};
  std::vector<std::string> segments;
  const auto any_of = [](const std::vector<std::string>& names) {
    return names[*rc::gen::inRange<std::size_t>(0, names.size())];
  };

  const int count = *rc::gen::inRange(1, 7);
  for (int i = 0; i < count; ++i) {
    const std::string name = fmt::format("v{}", i);
    if (i == 0 || *rc::gen::arbitrary<bool>()) {
      vertices.push_back(segment(name, *rc::gen::element(32, 64), Hertz(*rc::gen::inRange(1, 133'000'000))));
      segments.push_back(name);
    } else {
      vertices.push_back(bridge(name));
    }
    join(name, any_of(forwarders));
    forwarders.push_back(name);
  }
  const int more = *rc::gen::inRange(0, 8);
  for (int i = 0; i < more; ++i) join(any_of(forwarders), any_of(forwarders));

  vertices.insert(vertices.end(), {accelerator("card"), nic("nic0"), nic("nic1"), wire("wire")});
  join("card", any_of(segments));
  join("nic0", any_of(segments));
  join("nic1", any_of(segments));
  join("wire", "nic0");
  join("wire", "nic1");

  Network network{Machine("any", vertices, connections), {}};
  for (const Connection& connection : connections) {
    const VertexIndex a = network.machine.find(connection.from);
    const VertexIndex b = network.machine.find(connection.to);
    network.edges.insert({{a, b}, {b, a}});
  }
  return network;
}

bool passes(const Vertex& vertex) {
  return vertex.name.starts_with("v") || vertex.name == "host" || vertex.name.starts_with("nic");
}

/// The best of all simple paths from the last vertex of `path` to `to`: shortest, then first in lexicographic order.
void search(const Network& network, std::vector<VertexIndex>& path, VertexIndex to, std::vector<VertexIndex>& best) {
  if (path.back() == to) {
    if (best.empty() || std::pair(path.size(), path) < std::pair(best.size(), best)) best = path;
    return;
  }
  if (path.size() > 1 && !passes(network.machine.vertex(path.back()))) return;
  for (VertexIndex next = 0; next < network.machine.vertices().size(); ++next) {
    if (!network.connected(path.back(), next) || std::ranges::find(path, next) != path.end()) continue;
    path.push_back(next);
    search(network, path, to, best);
    path.pop_back();
  }
}

/// The data lines of a card; 0 of what is none.
int lanes_of(const Vertex& vertex) {
  if (const auto* card = std::get_if<AcceleratorModel>(&vertex.data)) return card->pci.width_bits;
  const auto* nic = std::get_if<NicModel>(&vertex.data);
  return nic == nullptr ? 0 : nic->pci.width_bits;
}

BitsPerSecond own_limit(const Network& network, VertexIndex index) {
  const Vertex& vertex = network.machine.vertex(index);
  if (vertex.name == "disk" || vertex.name == "wire") {
    return vertex.name == "disk" ? std::get<DiskModel>(vertex.data).rate : std::get<WireModel>(vertex.data).rate;
  }
  if (const auto* memory = std::get_if<MemoryModel>(&vertex.data)) return memory->bandwidth;
  // Without overhead, and bursts of whole words.
  if (const auto* segment = std::get_if<PciSegmentModel>(&vertex.data)) {
    return BitsPerSecond(segment->width_bits * segment->clock.count);
  }
  for (VertexIndex next = 0; lanes_of(vertex) > 0 && next < network.machine.vertices().size(); ++next) {
    const auto* segment = std::get_if<PciSegmentModel>(&network.machine.vertex(next).data);
    if (segment == nullptr || !network.connected(index, next)) continue;
    return BitsPerSecond(std::min(lanes_of(vertex), segment->width_bits) * segment->clock.count);
  }
  return unlimited_rate;
}

/// Whether anything gets from `from` to `to` when the vertices of `removed` are taken away.
bool leads(const Network& network, VertexIndex from, VertexIndex to, const std::set<VertexIndex>& removed) {
  if (removed.contains(from) || removed.contains(to)) return false;
  std::set<VertexIndex> seen = {from};
  std::vector<VertexIndex> open = {from};
  while (!open.empty()) {
    const VertexIndex here = open.back();
    open.pop_back();
    if (here == to) return true;
    if (here != from && !passes(network.machine.vertex(here))) continue;
    for (VertexIndex next = 0; next < network.machine.vertices().size(); ++next) {
      if (network.connected(here, next) && !removed.contains(next) && seen.insert(next).second) open.push_back(next);
    }
  }
  return false;
}

/// The cheapest set of limited vertices without which nothing gets through: a minimum cut by trying all of them.
BitsPerSecond smallest_cut(const Network& network, VertexIndex from, VertexIndex to) {
  std::vector<VertexIndex> limited;
  for (VertexIndex vertex = 0; vertex < network.machine.vertices().size(); ++vertex) {
    if (own_limit(network, vertex) != unlimited_rate) limited.push_back(vertex);
  }
  BitsPerSecond smallest = unlimited_rate;
  for (std::size_t choice = 0; choice < (std::size_t{1} << limited.size()); ++choice) {
    std::set<VertexIndex> removed;
    BitsPerSecond sum;
    for (std::size_t i = 0; i < limited.size(); ++i) {
      if ((choice >> i & 1) == 0) continue;
      removed.insert(limited[i]);
      sum += own_limit(network, limited[i]);
    }
    if (sum < smallest && !leads(network, from, to, removed)) smallest = sum;
  }
  return smallest;
}

VertexIndex any_vertex(const Network& network) {
  return *rc::gen::inRange<VertexIndex>(0, network.machine.vertices().size());
}

/// As Catch2 sees it: RapidCheck prints the seed and the smallest case that fails.
template <class Property>
void holds(const std::string& description, Property property) {
  REQUIRE(rc::check(description, property));
}

}  // namespace

TEST_CASE("a route is the shortest of all paths and the first of those in the order of vertices") {
  holds("route equals exhaustive search", [] {
    const Network network = any_network();
    const VertexIndex from = any_vertex(network);
    const VertexIndex to = any_vertex(network);
    std::vector<VertexIndex> path = {from};
    std::vector<VertexIndex> best;
    search(network, path, to, best);
    RC_ASSERT(network.machine.route(from, to) == best);
  });
}

TEST_CASE("a route starts and ends where it should and each step is a connection") {
  holds("route is a path", [] {
    const Network network = any_network();
    const VertexIndex from = any_vertex(network);
    const VertexIndex to = any_vertex(network);
    const std::vector<VertexIndex> route = network.machine.route(from, to);
    RC_ASSERT(route.front() == from);
    RC_ASSERT(route.back() == to);
    for (std::size_t i = 1; i < route.size(); ++i) RC_ASSERT(network.connected(route[i - 1], route[i]));
    for (std::size_t i = 1; i + 1 < route.size(); ++i) RC_ASSERT(passes(network.machine.vertex(route[i])));
  });
}

TEST_CASE("the way back is as long as the way there") {
  holds("route symmetric in length", [] {
    const Network network = any_network();
    const VertexIndex from = any_vertex(network);
    const VertexIndex to = any_vertex(network);
    RC_ASSERT(network.machine.route(from, to).size() == network.machine.route(to, from).size());
  });
}

TEST_CASE("the capacity is the smallest of all cuts") {
  holds("maximum flow equals minimum cut", [] {
    const Network network = any_network();
    const VertexIndex from = any_vertex(network);
    const VertexIndex to = any_vertex(network);
    RC_ASSERT(network.machine.capacity(from, to) == smallest_cut(network, from, to));
  });
}

TEST_CASE("the capacity is the same in both directions") {
  holds("capacity symmetric", [] {
    const Network network = any_network();
    const VertexIndex from = any_vertex(network);
    const VertexIndex to = any_vertex(network);
    RC_ASSERT(network.machine.capacity(from, to) == network.machine.capacity(to, from));
  });
}

TEST_CASE("the capacity is positive and at most that of either end") {
  holds("capacity bounded by the ends", [] {
    const Network network = any_network();
    const VertexIndex from = any_vertex(network);
    const VertexIndex to = any_vertex(network);
    const BitsPerSecond capacity = network.machine.capacity(from, to);
    RC_ASSERT(capacity.count > 0);
    RC_ASSERT(capacity <= own_limit(network, from));
    RC_ASSERT(capacity <= own_limit(network, to));
  });
}
