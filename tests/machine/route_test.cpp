// Which way data travels.
#include <catch2/catch.hpp>

#include "example_machines.hpp"

using namespace cryptopath;
using namespace cryptopath::examples;

TEST_CASE("data goes from memory to a card through the bridge and the segment of the card") {
  CHECK(route_names(server(), "memory", "card") == "memory north pci0 card");
  CHECK(route_names(server(), "nic0", "memory") == "nic0 pci1 north memory");
  CHECK(route_names(server(), "cpu0", "card") == "cpu0 north pci0 card");
  CHECK(route_names(server(), "disk", "memory") == "disk north memory");
}

TEST_CASE("a route from a vertex to itself is that vertex") { CHECK(route_names(server(), "nic0", "nic0") == "nic0"); }

TEST_CASE("the wire is reached through its NIC") {
  CHECK(route_names(server(), "memory", "wire") == "memory north pci1 nic0 wire");
}

TEST_CASE("cards on different segments meet at the bridge and not in memory") {
  CHECK(route_names(server(), "card", "nic0") == "card pci0 north pci1 nic0");
}

TEST_CASE("cards on one segment reach each other over that segment only") {
  auto vertices = server_vertices();
  auto connections = server_connections();
  vertices.insert(vertices.end(), {accelerator("card1"), nic("nic1")});
  connections.insert(connections.end(), {{"card1", "pci1"}, {"nic1", "pci1"}});
  const Machine machine("server", vertices, connections);
  CHECK(route_names(machine, "card1", "nic0") == "card1 pci1 nic0");
  CHECK(route_names(machine, "nic1", "nic0") == "nic1 pci1 nic0");
}

TEST_CASE("the chips of a card with a bridge of its own reach each other on the card") {
  auto vertices = server_vertices();
  auto connections = server_connections();
  vertices.insert(vertices.end(),
                  {bridge("quad-bridge"), segment("quad-bus"), accelerator("chip0"), accelerator("chip1")});
  connections.insert(
      connections.end(),
      {{"pci1", "quad-bridge"}, {"quad-bridge", "quad-bus"}, {"quad-bus", "chip0"}, {"quad-bus", "chip1"}});
  const Machine machine("server", vertices, connections);
  CHECK(route_names(machine, "chip0", "chip1") == "chip0 quad-bus chip1");
  CHECK(route_names(machine, "chip0", "nic0") == "chip0 quad-bus quad-bridge pci1 nic0");
  CHECK(route_names(machine, "memory", "chip1") == "memory north pci1 quad-bridge quad-bus chip1");
}

TEST_CASE("data does not travel between segments over a wire that two NICs share") {
  auto vertices = server_vertices();
  auto connections = server_connections();
  vertices.push_back(nic("nic1"));
  connections.insert(connections.end(), {{"nic1", "pci0"}, {"nic1", "wire"}});
  const Machine machine("server", vertices, connections);
  CHECK(route_names(machine, "nic0", "nic1") == "nic0 pci1 north pci0 nic1");
}

TEST_CASE("data does not travel through a processor") {
  const std::vector<Vertex> vertices = {processor(), memory(), segment("pci0"), nic("nic0")};
  const Machine machine("split", vertices, {{"memory", "cpu0"}, {"cpu0", "pci0"}, {"pci0", "nic0"}});
  CHECK(route_names(machine, "cpu0", "nic0") == "cpu0 pci0 nic0");
  CHECK_THROWS_AS(route_names(machine, "memory", "nic0"), InputError);
  CHECK_THROWS_WITH(
      route_names(machine, "memory", "nic0"),
      R"(there is no route from "memory" to "nic0"; connect them through bridges, PCI segments or a NIC)");
}

TEST_CASE("of two routes as short as each other the one through earlier vertices wins in any order of connections") {
  const std::vector<Vertex> vertices = {processor(),  memory(),        bridge("north"), segment("a"),
                                        segment("b"), bridge("south"), disk("disk")};
  std::vector<Connection> connections = {{"cpu0", "north"}, {"memory", "north"}, {"north", "b"},   {"north", "a"},
                                         {"b", "south"},    {"a", "south"},      {"disk", "south"}};
  CHECK(route_names(Machine("ring", vertices, connections), "memory", "disk") == "memory north a south disk");
  std::ranges::reverse(connections);
  CHECK(route_names(Machine("ring", vertices, connections), "memory", "disk") == "memory north a south disk");
}
