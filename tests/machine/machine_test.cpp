// What a machine accepts, and what it says of what it does not.
#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "example_machines.hpp"

using namespace cryptopath;
using namespace cryptopath::examples;

namespace {

/// The message that the machine of these vertices and connections is refused with; empty when it is accepted.
std::string refusal(std::vector<Vertex> vertices, const std::vector<Connection>& connections) {
  try {
    const Machine machine("server", std::move(vertices), connections);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

std::string refusal_with(Vertex vertex, const std::string& neighbour) {
  auto vertices = server_vertices();
  auto connections = server_connections();
  connections.push_back({vertex.name, neighbour});
  vertices.push_back(std::move(vertex));
  return refusal(std::move(vertices), connections);
}

std::string refusal_with(const Connection& connection) {
  auto connections = server_connections();
  connections.push_back(connection);
  return refusal(server_vertices(), connections);
}

std::string refusal_without(const std::string& name) {
  auto vertices = server_vertices();
  auto connections = server_connections();
  std::erase_if(vertices, [&](const Vertex& vertex) { return vertex.name == name; });
  std::erase_if(connections, [&](const Connection& c) { return c.from == name || c.to == name; });
  return refusal(std::move(vertices), connections);
}

}  // namespace

TEST_CASE("a machine keeps its vertices in the order given") {
  const Machine machine = server();
  CHECK(machine.name() == "server");
  REQUIRE(machine.vertices().size() == server_vertices().size());
  for (VertexIndex vertex = 0; vertex < machine.vertices().size(); ++vertex) {
    CHECK(machine.vertex(vertex).name == server_vertices()[vertex].name);
    CHECK(machine.find(machine.vertex(vertex).name) == vertex);
  }
}

TEST_CASE("looking for an unknown vertex names those that there are") {
  CHECK_THROWS_WITH(server().find("nic1"),
                    R"(the machine "server" has no vertex "nic1"; it has "cpu0", "memory", "north", "pci0", "pci1", )"
                    R"("card", "nic0", "wire", "disk")");
}

TEST_CASE("a long list of names is cut short") {
  auto vertices = server_vertices();
  auto connections = server_connections();
  for (int i = 0; i < 10; ++i) {
    vertices.push_back(bridge(fmt::format("b{}", i)));
    connections.push_back({"north", vertices.back().name});
  }
  CHECK_THROWS_WITH(Machine("server", vertices, connections).find("b10"), Catch::EndsWith(R"("b5", "b6" and 3 more)"));
}

TEST_CASE("a name may stand only once") {
  CHECK(refusal_with(bridge("pci0"), "north") == R"(two vertices are named "pci0"; each needs a name of its own)");
}

TEST_CASE("a connection joins two known vertices") {
  CHECK(refusal_with({"nic0", "wir"}) ==
        R"(the connection of "nic0" and "wir": there is no vertex "wir"; there are "cpu0", "memory", "north", "pci0", )"
        R"("pci1", "card", "nic0", "wire", "disk")");
  CHECK_THAT(refusal_with({"pci2", "north"}), Catch::Contains(R"(there is no vertex "pci2")"));
  CHECK(refusal_with({"pci0", "pci0"}) == R"("pci0" is connected to itself; connect it to another vertex)");
}

TEST_CASE("a connection may stand only once in either direction") {
  CHECK(refusal_with({"pci0", "north"}) == R"("pci0" and "north" are connected twice; once is enough)");
  CHECK(refusal_with({"north", "pci0"}) == R"("north" and "pci0" are connected twice; once is enough)");
}

TEST_CASE("every vertex is connected with the rest") {
  auto vertices = server_vertices();
  vertices.push_back(segment("pci2"));
  vertices.push_back(bridge("south"));
  auto connections = server_connections();
  connections.push_back({"pci2", "south"});
  CHECK(refusal(vertices, connections) ==
        R"(nothing leads from "cpu0" to "pci2"; connect each vertex with the rest of the machine)");
}

TEST_CASE("a machine has exactly one processor and one memory") {
  CHECK(refusal({}, {}) == "the machine has no processor; add one vertex that is a processor");
  CHECK(refusal_without("cpu0") == "the machine has no processor; add one vertex that is a processor");
  CHECK(refusal_without("memory") == "the machine has no memory; add one vertex that is a memory");
  CHECK(refusal_with(processor("cpu1"), "north") ==
        R"(the machine has 2 vertices that are a processor: "cpu0", "cpu1"; exactly one would do)");
  CHECK(refusal_with(memory(1000_Mbit_s, "memory1"), "north") ==
        R"(the machine has 2 vertices that are a memory: "memory", "memory1"; exactly one would do)");
}

TEST_CASE("a card is on exactly one PCI segment") {
  CHECK(refusal_with(nic("nic1"), "north") == R"(the card "nic1" is on no PCI segment; connect it to exactly one)");
  CHECK(refusal_with(accelerator("card1"), "north") ==
        R"(the card "card1" is on no PCI segment; connect it to exactly one)");
  CHECK(refusal_with({"card", "pci1"}) ==
        R"(the card "card" is on several PCI segments: "pci0", "pci1"; connect it to exactly one)");
}

TEST_CASE("what has a capacity has one above zero") {
  CHECK_THAT(refusal_with(segment("pci2", 32, Hertz(0)), "north"),
             Catch::Equals(R"("pci2" has a clock of 0; it must be positive)"));
  CHECK(refusal_with(segment("pci2", 48), "north") == R"("pci2" is 48 bits wide; PCI is 32 or 64 bits wide)");
  CHECK(refusal_with(wire("wire2", BitsPerSecond(0)), "nic0") == R"("wire2" has a rate of 0; it must be positive)");
  CHECK(refusal_with(disk("disk2", BitsPerSecond(0)), "north") == R"("disk2" has a rate of 0; it must be positive)");
  CHECK(refusal_with(nic("nic1", Hertz(0)), "pci0") == R"("nic1" has a clock of 0; it must be positive)");
  CHECK(refusal_with(Vertex{"slot", "", SlotModel{16}}, "pci0") ==
        R"("slot" is 16 bits wide; PCI is 32 or 64 bits wide)");
  CHECK(refusal_with(Vertex{"pci2", "", PciSegmentModel{32, 33_MHz, 0_B, {}, {}}}, "north") ==
        R"("pci2" has a burst of 0; it must be positive)");

  auto vertices = server_vertices();
  vertices[1] = memory(BitsPerSecond(0));
  CHECK(refusal(vertices, server_connections()) == R"("memory" has a bandwidth of 0; it must be positive)");
}

TEST_CASE("a name that breaks lines leaves the message on one line") {
  CHECK(refusal_with({"nic0", "a\nb"}).find('\n') == std::string::npos);
}

TEST_CASE("the slowest card sets the clock of its segment and of no other") {
  auto vertices = server_vertices();
  auto connections = server_connections();
  vertices.push_back(nic("nic1", 33_MHz));
  connections.push_back({"nic1", "pci1"});
  const Machine machine("server", vertices, connections);
  const auto clock = [&](std::string_view name) {
    return std::get<PciSegmentModel>(machine.vertex(machine.find(name)).data).clock;
  };
  CHECK(clock("pci1") == 33_MHz);
  CHECK(clock("pci0") == 33_MHz);
  const Machine without = server();
  CHECK(std::get<PciSegmentModel>(without.vertex(without.find("pci1")).data).clock == 66_MHz);
}

TEST_CASE("a bridge between two segments leaves each its clock") {
  std::vector<Vertex> vertices = server_vertices();
  std::vector<Connection> connections = server_connections();
  vertices.insert(vertices.end(), {bridge("board"), segment("behind", 32, 66_MHz), accelerator("chip", 33_MHz)});
  connections.insert(connections.end(), {{"pci1", "board"}, {"board", "behind"}, {"behind", "chip"}});
  const Machine machine("board", vertices, connections);
  CHECK(std::get<PciSegmentModel>(machine.vertex(machine.find("pci1")).data).clock == 66_MHz);
  CHECK(std::get<PciSegmentModel>(machine.vertex(machine.find("behind")).data).clock == 33_MHz);
  CHECK(capacity(machine, "memory", "chip") == BitsPerSecond(32 * 33'000'000));
}
