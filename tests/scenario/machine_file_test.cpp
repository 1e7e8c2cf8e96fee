#include <catch2/catch.hpp>

#include "workspace.hpp"

using namespace cryptopath;

namespace {

const Workspace workspace;

nlohmann::json machine() { return data_file("models/machines/poweredge-2650.json"); }

template <class Change>
std::string error_after(Change change) {
  nlohmann::json changed = machine();
  change(changed);
  const std::string message = workspace.error_of_machine(changed);
  // Lines are those of nlohmann's layout and say nothing here.
  const auto colon = message.find(':');
  return message.starts_with("machine.json:") ? message.substr(message.find(':', colon + 1) + 2) : message;
}

std::vector<std::string> names_of(const Machine& machine) {
  std::vector<std::string> names;
  for (const Vertex& vertex : machine.vertices()) names.push_back(vertex.name);
  return names;
}

bool has(const Machine& machine, const std::string& name) {
  const auto names = names_of(machine);
  return std::find(names.begin(), names.end(), name) != names.end();
}

const Vertex& vertex(const Machine& machine, const std::string& name) { return machine.vertex(machine.find(name)); }

}  // namespace

TEST_CASE("a card takes its slot's place under its own name") {
  const Scenario scenario = workspace.load(valid_scenario);
  const Machine& machine = *scenario.runs[0].machine;
  CHECK(has(machine, "vpn1201"));
  CHECK_FALSE(has(machine, "slot1"));
  CHECK(std::holds_alternative<SlotModel>(vertex(machine, "slot2").data));
  CHECK(vertex(machine, "vpn1201").model == "vpn1201");
  CHECK(std::get<AcceleratorModel>(vertex(machine, "vpn1201").data).command_ring == 24);
  CHECK(vertex(machine, "nic0").model == "bcm5701");
  std::vector<std::string> route;
  for (const VertexIndex index : machine.route(machine.find("memory"), machine.find("vpn1201"))) {
    route.push_back(machine.vertex(index).name);
  }
  CHECK(route == std::vector<std::string>{"memory", "host-bridge", "io-bridge-1", "pci1", "vpn1201"});
}

TEST_CASE("a slow card slows its segment only") {
  const Scenario scenario = workspace.load(valid_scenario);
  const Machine& machine = *scenario.runs[0].machine;
  CHECK(std::get<PciSegmentModel>(vertex(machine, "pci1").data).clock == Hertz(33'000'000));
  CHECK(std::get<PciSegmentModel>(vertex(machine, "pci2").data).clock == Hertz(133'000'000));
}

TEST_CASE("two cards of a model have two names and their numbers are listed once") {
  const std::string two = with(valid_scenario, R"("slot1": "vpn1201")", R"("slot1": "vpn1201", "slot2": "vpn1201")");
  const Scenario scenario = workspace.load(two);
  CHECK(has(*scenario.runs[0].machine, "vpn1201"));
  CHECK(has(*scenario.runs[0].machine, "vpn1201-2"));
  CHECK(scenario.numbers.size() == workspace.load(valid_scenario).numbers.size());
}

TEST_CASE("a machine can be a file of the user's own") {
  CHECK(workspace.error_of_machine(machine()) == "no error");
  const Scenario scenario = workspace.load(with(valid_scenario, "poweredge-2650", "machine.json"));
  CHECK(scenario.runs[0].machine->name() == "machine");
}

TEST_CASE("a NIC card takes the wire from the built-in NIC") {
  const Scenario scenario = workspace.load(with(valid_scenario, R"("slot1": "vpn1201")", R"("slot2": "bcm5701")"));
  const Machine& machine = *scenario.runs[0].machine;
  CHECK(machine.route(machine.find("bcm5701"), machine.find("wire")).size() == 2);
  CHECK(machine.route(machine.find("nic0"), machine.find("memory")).size() == 5);
  CHECK(machine.route(machine.find("nic0"), machine.find("wire")).size() > 2);  // around, through the card
  CHECK(
      workspace.error_of(with(valid_scenario, R"("slot1": "vpn1201")", R"("slot1": "bcm5701", "slot2": "bcm5701")")) ==
      "scenario.json:5: /cards/slot2: found a second NIC card, expected one at most: there is one wire");
}

TEST_CASE("a number of a model file needs exactly one origin and a known one") {
  const auto clock = [](const char* text) {
    return error_after([text](auto& changed) { changed["processors"]["cpu0"]["clock"] = nlohmann::json::parse(text); });
  };
  CHECK(clock(R"({"value": "1 GHz", "measured": "a command"})") == "no error");
  CHECK(clock(R"({"value": "1 GHz"})") ==
        R"(/processors/cpu0/clock: found an object with "value", expected 2 of the members "cited", "estimated", )"
        R"("fitted", "measured", "value")");
  CHECK(clock(R"({"value": "1 GHz", "cited": "some book", "fitted": "some cells"})") ==
        R"(/processors/cpu0/clock: found an object with "cited", "fitted", "value", expected 2 of the members )"
        R"("cited", "estimated", "fitted", "measured", "value")");
  CHECK(clock(R"({"value": "1 GHz", "guessed": "in a dream"})") ==
        R"(/processors/cpu0/clock/guessed: found the unknown key "guessed", expected one of "cited", "estimated", )"
        R"("fitted", "measured", "value")");
  CHECK(clock(R"({"value": "1 GHz", "cited": ""})") ==
        R"(/processors/cpu0/clock/cited: found "", expected a text of 8 to 600 characters)");
  CHECK(clock(R"("1 GHz")") ==
        R"(/processors/cpu0/clock: found "1 GHz", expected 2 of the members "cited", "estimated", "fitted", )"
        R"("measured", "value")");
  CHECK(clock(R"({"value": 1000000000, "cited": "some book"})") ==
        R"(/processors/cpu0/clock/value: found 1000000000, expected a text such as "2 us", "8 KiB", "66 MHz")");
}

TEST_CASE("a quantity of a model file has the unit of its kind and a sensible size") {
  const auto clock = [](const char* value) {
    return error_after([value](auto& changed) { changed["processors"]["cpu0"]["clock"]["value"] = value; });
  };
  CHECK(clock("2.4 Ghz") == R"(/processors/cpu0/clock/value: found "2.4 Ghz", whose unit "Ghz" is none of GHz, MHz, )"
                            R"(kHz, Hz, expected a frequency such as "66 MHz")");
  CHECK(clock("8 KiB") == R"(/processors/cpu0/clock/value: found "8 KiB", whose unit "KiB" is none of GHz, MHz, kHz, )"
                          R"(Hz, expected a frequency such as "66 MHz")");
  CHECK(clock("0 Hz") == R"(/processors/cpu0/clock/value: found "0 Hz", expected at least 1 MHz)");
  CHECK(clock("2000 GHz") == R"(/processors/cpu0/clock/value: found "2000 GHz", expected at most 1000 GHz)");
  CHECK(error_after([](auto& changed) { changed["processors"]["cpu0"]["copy"]["value"] = "2000000 ns/B"; }) ==
        R"(/processors/cpu0/copy/value: found "2000000 ns/B", expected at most 1000000 ns/B)");
  CHECK(error_after([](auto& changed) { changed["slots"]["slot1"]["width_bits"]["value"] = 16; }) ==
        "/slots/slot1/width_bits/value: found 16, expected one of 32, 64");
}

TEST_CASE("a graph that is none is refused") {
  CHECK(error_after([](auto& changed) {
          changed["connections"].push_back({"nic0", "wir"});
        }) == R"(/connections/14/1: found the unknown vertex "wir", expected "wire")");
  CHECK(error_after([](auto& changed) { changed["connections"].push_back({"nic0"}); }) ==
        "/connections/14: found an array of 1, expected an array of 2 elements");
  CHECK(error_after([](auto& changed) { changed["slots"]["cpu0"] = changed["slots"]["slot2"]; }) ==
        R"(/slots/cpu0: found the name "cpu0" a second time, expected a name of its own)");
  CHECK(error_after([](auto& changed) { changed["nics"]["nic0"] = "bcm5710"; }) ==
        R"(/nics/nic0: found the unknown NIC "bcm5710", expected "bcm5701")");
  CHECK(error_after([](auto& changed) { changed["ciphers"] = "xeon-2.8"; }) ==
        R"(/ciphers: found the unknown cipher model "xeon-2.8", expected "xeon-2.4")");
  CHECK(error_after([](auto& changed) { changed["wires"]["wire2"] = changed["wires"]["wire"]; }) ==
        R"(/wires: found an object with "wire", "wire2", expected an object of 1 members)");
  CHECK(error_after([](auto& changed) { changed.erase("slots"); }).find(R"(expected also the key "slots")") !=
        std::string::npos);
}

TEST_CASE("a machine in which data cannot travel is refused at its connections") {
  const auto without = [](const char* from, const char* to) {
    return error_after([from, to](auto& changed) {
      auto& connections = changed["connections"];
      connections.erase(std::find(connections.begin(), connections.end(), nlohmann::json({from, to})));
    });
  };
  CHECK_THAT(without("nic0", "wire"), Catch::StartsWith("/connections: ") && Catch::Contains("\"wire\""));
  CHECK_THAT(without("slot1", "pci1"), Catch::StartsWith("/connections: ") && Catch::Contains("\"vpn1201\""));
  // Data could come from memory to the wire, but not through the NIC.
  const auto wire_on = [](const char* vertex) {
    return error_after([vertex](auto& changed) {
      for (auto& connection : changed["connections"]) {
        if (connection[1] == "wire") connection[0] = vertex;
      }
    });
  };
  CHECK_THAT(wire_on("memory"), Catch::StartsWith("/connections: ") && Catch::Contains("\"nic0\" to \"wire\""));
  CHECK(wire_on("host-bridge") ==
        R"(/connections: found no connection between "nic0" and "wire", expected the NIC on the wire)");
  CHECK_THAT(error_after([](auto& changed) {
               auto& connections = changed["connections"];
               std::erase_if(connections.template get_ref<nlohmann::json::array_t&>(),
                             [](const auto& connection) { return connection[0] == "nic0"; });
               connections.push_back({"host-bridge", "wire"});
               changed["nics"] = nlohmann::json::object();
             }),
             Catch::Contains("found no NIC, expected one that the wire is connected to"));
  // The disk hangs on the processor, through which no DMA passes.
  CHECK_THAT(error_after([](auto& changed) {
               for (auto& connection : changed["connections"]) {
                 if (connection[0] == "disk0") connection[1] = "cpu0";
               }
             }),
             Catch::StartsWith("/connections: ") && Catch::Contains("\"disk0\" to \"memory\""));
  CHECK_THAT(error_after([](auto& changed) { changed["processors"]["cpu1"] = changed["processors"]["cpu0"]; }),
             Catch::StartsWith("/connections: ") && Catch::Contains("\"cpu1\""));
}

TEST_CASE("a machine has at most 1024 vertices") {
  CHECK(error_after([](auto& changed) {
          for (int i = 0; i < 1024; ++i) changed["slots"]["s" + std::to_string(i)] = changed["slots"]["slot1"];
        }).find("found more than 1024 vertices, expected a smaller machine") != std::string::npos);
}

TEST_CASE("a card or kernel that contradicts itself is refused") {
  nlohmann::json card = data_file("models/accelerators/vpn1201.json");
  card["engines"]["3des"] = card["engines"]["3des-ede-cbc-hmac-sha1"];
  workspace.write("card.json", card.dump());
  const std::string error = workspace.error_of(with(valid_scenario, "\"vpn1201\"", "\"card.json\""));
  CHECK(
      error.starts_with(R"(card.json:1: /engines/3des: found the unknown algorithm "3des", expected one of "rc4", )"));
  CHECK(error.find(R"("3des-ede-cbc-hmac-sha1", )") != std::string::npos);
  card = data_file("models/accelerators/vpn1201.json");
  const auto error_of_card = [&card] {
    workspace.write("card.json", card.dump());
    return workspace.error_of(with(valid_scenario, "\"vpn1201\"", "\"card.json\""));
  };
  card["driver"] = "safe";
  CHECK(error_of_card() ==
        R"(card.json:1: /driver: found "safe", expected one of "hifn", "ubsec", "lofn", "nofn", "none")");
  card["driver"] = "ubsec";
  CHECK(error_of_card() ==
        R"(card.json:1: /source_ring: found a key for the driver "hifn", expected none for "ubsec")");
  for (const char* key : {"source_ring", "destination_ring", "result_ring", "poll_interval", "sessions"})
    card.erase(key);
  CHECK(error_of_card().ends_with(R"(expected also the key "packets_per_command", which ubsec needs)"));
  nlohmann::json kernel = data_file("models/kernels/openbsd-3.3.json");
  kernel["send_buffer"]["value"] = "1 MiB";
  workspace.write("kernel.json", kernel.dump());
  CHECK(workspace.error_of(with(valid_scenario, "\"openbsd-3.3\"", "\"kernel.json\"")) ==
        R"(kernel.json:1: /send_buffer/value: found "1 MiB", expected at most send_buffer_limit, 256 KiB)");
}
