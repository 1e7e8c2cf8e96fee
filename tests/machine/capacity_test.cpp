// Upper bounds of rates: maximum flows whose values are known.
#include <catch2/catch.hpp>

#include "example_machines.hpp"

using namespace cryptopath;
using namespace cryptopath::examples;

namespace {

/// An undirected graph as a machine: its vertices are segments of 1056 Mbit/s, but for the two ends, which are bridges.
/// By Menger's theorem as many segments' worth flows between the ends as there are disjoint paths.
std::int64_t disjoint_paths(std::size_t size, const std::vector<std::pair<int, int>>& edges, int from, int to) {
  std::vector<Vertex> vertices;
  for (int i = 0; i < static_cast<int>(size); ++i) {
    vertices.push_back(i == from || i == to ? bridge(std::to_string(i)) : segment(std::to_string(i)));
  }
  vertices.insert(vertices.end(), {processor(), memory()});
  std::vector<Connection> connections = {{"cpu0", std::to_string(from)}, {"memory", std::to_string(from)}};
  for (const auto& [a, b] : edges) connections.push_back({std::to_string(a), std::to_string(b)});
  const Machine machine("graph", vertices, connections);
  const std::int64_t flow = capacity(machine, std::to_string(from), std::to_string(to)).count;
  REQUIRE(flow % (1056_Mbit_s).count == 0);
  return flow / (1056_Mbit_s).count;
}

}  // namespace

TEST_CASE("a PCI segment without overhead carries its width times its clock") {
  CHECK(burst_rate(std::get<PciSegmentModel>(segment("pci", 32, 33_MHz).data)) == 1056_Mbit_s);
  CHECK(burst_rate(std::get<PciSegmentModel>(segment("pci", 64, 66_MHz).data)) == 4224_Mbit_s);
}

TEST_CASE("the overhead of each transaction lowers the burst rate") {
  // 64 bytes are 16 words of 4 bytes; with 8 cycles of overhead two thirds of the cycles carry data.
  const PciSegmentModel segment{32, 66_MHz, 64_B, Cycles(100), Cycles(8)};
  CHECK(burst_rate(segment) == 1408_Mbit_s);
}

TEST_CASE("the last word of a burst takes a cycle however little of it is used") {
  const PciSegmentModel segment{64, 10_MHz, 9_B, Cycles(0), Cycles(0)};
  CHECK(burst_rate(segment) == 360_Mbit_s);  // 72 bits in 2 cycles of 100 ns
}

TEST_CASE("the narrowest medium on the way bounds the rate") {
  const Machine machine = server();
  CHECK(capacity(machine, "memory", "card") == 1056_Mbit_s);
  CHECK(capacity(machine, "memory", "nic0") == 4224_Mbit_s);
  CHECK(capacity(machine, "memory", "wire") == 1000_Mbit_s);
  CHECK(capacity(machine, "card", "nic0") == 1056_Mbit_s);
  CHECK(capacity(machine, "disk", "memory") == 400_Mbit_s);
}

TEST_CASE("memory at the end of the way counts") {
  auto vertices = server_vertices();
  vertices[1] = memory(500_Mbit_s);
  CHECK(capacity(Machine("server", vertices, server_connections()), "memory", "card") == 500_Mbit_s);
}

TEST_CASE("a segment slowed by a card carries less") {
  auto vertices = server_vertices();
  auto connections = server_connections();
  vertices.push_back(nic("nic1", 33_MHz));
  connections.push_back({"nic1", "pci1"});
  CHECK(capacity(Machine("server", vertices, connections), "memory", "nic0") == 2112_Mbit_s);
}

TEST_CASE("a card with fewer lanes than its segment fills those only") {
  auto vertices = server_vertices();
  for (Vertex& vertex : vertices) {
    if (vertex.name == "pci0") vertex = segment("pci0", 64, 33_MHz);
  }
  CHECK(capacity(Machine("server", vertices, server_connections()), "memory", "card") == 1056_Mbit_s);
  CHECK(capacity(Machine("server", vertices, server_connections()), "card", "memory") == 1056_Mbit_s);
  // Its bursts take as many cycles more, beside the overhead that stays.
  for (Vertex& vertex : vertices) {
    if (vertex.name == "pci0") std::get<PciSegmentModel>(vertex.data).write_overhead = Cycles(4);
  }
  CHECK(capacity(Machine("server", vertices, server_connections()), "memory", "card").count == 844'800'000);
}

TEST_CASE("two segments side by side carry the sum and two in a row the smaller") {
  const std::vector<Vertex> vertices = {processor(),
                                        memory(),
                                        bridge("north"),
                                        segment("a", 32, 33_MHz),
                                        segment("b", 64, 33_MHz),
                                        bridge("south"),
                                        wire("wire", 9000_Mbit_s)};
  const Machine beside("beside", vertices,
                       {{"cpu0", "north"},
                        {"memory", "north"},
                        {"north", "a"},
                        {"north", "b"},
                        {"a", "south"},
                        {"b", "south"},
                        {"south", "wire"}});
  CHECK(capacity(beside, "memory", "wire") == 3168_Mbit_s);
  const Machine row(
      "row", vertices,
      {{"cpu0", "north"}, {"memory", "north"}, {"north", "a"}, {"a", "b"}, {"b", "south"}, {"south", "wire"}});
  CHECK(capacity(row, "memory", "wire") == 1056_Mbit_s);
}

TEST_CASE("bridges alone do not limit the rate") {
  CHECK(capacity(server(), "cpu0", "north") == unlimited_rate);
  CHECK(capacity(server(), "north", "north") == unlimited_rate);
}

TEST_CASE("the rate within one medium is its own") { CHECK(capacity(server(), "pci0", "pci0") == 1056_Mbit_s); }

TEST_CASE("no rate is given where there is no route") {
  const std::vector<Vertex> vertices = {processor(), memory(), segment("pci0"), nic("nic0")};
  const Machine machine("split", vertices, {{"memory", "cpu0"}, {"cpu0", "pci0"}, {"pci0", "nic0"}});
  CHECK_THROWS_AS(capacity(machine, "memory", "nic0"), InputError);
}

TEST_CASE("the flow through well known graphs is the number of their disjoint paths") {
  // The path of four vertices, the cycle of six, the complete bipartite graph of three and three.
  CHECK(disjoint_paths(4, {{0, 1}, {1, 2}, {2, 3}}, 0, 3) == 1);
  CHECK(disjoint_paths(6, {{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}, {5, 0}}, 0, 3) == 2);
  CHECK(disjoint_paths(6, {{0, 3}, {0, 4}, {0, 5}, {1, 3}, {1, 4}, {1, 5}, {2, 3}, {2, 4}, {2, 5}}, 0, 1) == 3);
  // The Petersen graph is 3-connected.
  const std::vector<std::pair<int, int>> petersen = {{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 0}, {0, 5}, {1, 6}, {2, 7},
                                                     {3, 8}, {4, 9}, {5, 7}, {7, 9}, {9, 6}, {6, 8}, {8, 5}};
  CHECK(disjoint_paths(10, petersen, 0, 2) == 3);
  // Opposite corners of a cube.
  const std::vector<std::pair<int, int>> cube = {{0, 1}, {1, 3}, {3, 2}, {2, 0}, {4, 5}, {5, 7},
                                                 {7, 6}, {6, 4}, {0, 4}, {1, 5}, {2, 6}, {3, 7}};
  CHECK(disjoint_paths(8, cube, 0, 7) == 3);
  // Two triangles that share one vertex: everything passes through it.
  CHECK(disjoint_paths(5, {{0, 1}, {1, 2}, {2, 0}, {2, 3}, {3, 4}, {4, 2}}, 0, 4) == 1);
}
