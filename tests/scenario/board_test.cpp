// Boards: a card with a bridge and chips behind it; and the interrupt lines of slots.
#include <catch2/catch.hpp>

#include "workspace.hpp"

using namespace cryptopath;

namespace {

const Workspace workspace;

nlohmann::json number(const char* value) { return {{"value", value}, {"estimated", "made up for a test"}}; }

/// Two vpn1201 behind a bridge.
nlohmann::json board() {
  nlohmann::json segment = data_file("models/machines/poweredge-2650.json")["segments"]["pci1"];
  segment["width_bits"]["value"] = 32;
  segment["clock"]["value"] = "66 MHz";
  return {{"format", "cryptopath-board-1"},
          {"description", "a test"},
          {"bridge", {{"latency", number("2 cycles")}}},
          {"segment", segment},
          {"interrupt_pins", {{"value", 4}, {"estimated", "for a test"}}},
          {"chips", {{"left", "vpn1201"}, {"right", "vpn1201"}}}};
}

std::string scenario_with(const std::string& cards) { return with(valid_scenario, R"("slot1": "vpn1201")", cards); }

Scenario load(const std::string& cards) {
  workspace.write("twin.json", board().dump());
  return workspace.load(scenario_with(cards));
}

/// What is wrong with a board after `change`.
template <class Change>
std::string error_after(Change change) {
  nlohmann::json changed = board();
  change(changed);
  workspace.write("twin.json", changed.dump());
  return workspace.error_of(scenario_with(R"("slot2": "twin.json")"));
}

const Vertex& vertex(const Machine& machine, const std::string& name) { return machine.vertex(machine.find(name)); }

std::string route(const Machine& machine, const std::string& from, const std::string& to) {
  std::string names;
  for (const VertexIndex index : machine.route(machine.find(from), machine.find(to))) {
    names += (names.empty() ? "" : " ") + machine.vertex(index).name;
  }
  return names;
}

}  // namespace

TEST_CASE("a board's bridge takes the slot's place with its segment and chips behind it") {
  const Scenario scenario = load(R"("slot2": "twin.json")");
  const Machine& machine = *scenario.runs[0].machine;
  CHECK(std::get<BridgeModel>(vertex(machine, "twin").data).latency == Cycles(2));
  CHECK(vertex(machine, "twin").model == "twin");
  CHECK(vertex(machine, "twin.left").model == "vpn1201");
  CHECK(std::holds_alternative<AcceleratorModel>(vertex(machine, "twin.right").data));
  CHECK_THROWS_AS(machine.find("slot2"), InputError);
  CHECK(route(machine, "memory", "twin.left") == "memory host-bridge io-bridge-1 pci2 twin twin.pci twin.left");
  CHECK(route(machine, "twin.left", "twin.right") == "twin.left twin.pci twin.right");
}

TEST_CASE("the chips of a board slow its own segment and not that of its slot") {
  const Scenario scenario = load(R"("slot2": "twin.json")");
  const Machine& machine = *scenario.runs[0].machine;
  CHECK(std::get<PciSegmentModel>(vertex(machine, "twin.pci").data).clock == Hertz(33'000'000));
  CHECK(std::get<PciSegmentModel>(vertex(machine, "pci2").data).clock == Hertz(133'000'000));
}

TEST_CASE("boards of a model have names of their own and their numbers are listed once") {
  const Scenario one = load(R"("slot2": "twin.json")");
  const Scenario two = load(R"("slot1": "vpn1201", "slot2": "twin.json", "slot3": "twin.json")");
  const Machine& machine = *two.runs[0].machine;
  CHECK(route(machine, "memory", "twin-2.left") == "memory host-bridge io-bridge-1 pci2 twin-2 twin-2.pci twin-2.left");
  CHECK(route(machine, "twin.left", "twin-2.left") == "twin.left twin.pci twin pci2 twin-2 twin-2.pci twin-2.left");
  CHECK(two.numbers.size() == one.numbers.size());
  const auto of_board = [](const SourcedNumber& each) { return each.file.ends_with("twin.json"); };
  CHECK(std::count_if(one.numbers.begin(), one.numbers.end(), of_board) == 7);
}

TEST_CASE("a board's engines are hardware and its files are inputs") {
  workspace.write("chip.json", data_file("models/accelerators/vpn1201.json").dump());
  nlohmann::json own = board();
  own["chips"] = {{"only", "chip.json"}};
  workspace.write("twin.json", own.dump());
  // The machine's cipher model has no GCM.
  nlohmann::json chip = data_file("models/accelerators/vpn1201.json");
  chip["engines"]["aes-128-gcm"] = chip["engines"]["3des-ede-cbc-hmac-sha1"];
  workspace.write("chip.json", chip.dump());
  nlohmann::json ciphers = data_file("models/ciphers/xeon-2.4.json");
  ciphers["transforms"].erase("aes-128-gcm");
  workspace.write("ciphers.json", ciphers.dump());
  nlohmann::json machine = data_file("models/machines/poweredge-2650.json");
  machine["ciphers"] = "ciphers.json";
  workspace.write("machine.json", machine.dump());
  const std::string text = with(with(scenario_with(R"("slot2": "twin.json")"), "poweredge-2650", "machine.json"),
                                "3des-ede-cbc-hmac-sha1", "aes-128-gcm");
  const Scenario scenario = workspace.load(text);
  std::vector<std::string> names;
  for (const auto& file : scenario.files) names.push_back(file.filename());
  CHECK(std::count(names.begin(), names.end(), "twin.json") == 1);
  CHECK(std::count(names.begin(), names.end(), "chip.json") == 1);
}

TEST_CASE("a mistake in a board gets its file and line") {
  CHECK(error_after([](auto&) {}) == "no error");
  CHECK(error_after([](auto& changed) { changed["chips"]["left"] = "vpn1210"; }) ==
        R"(twin.json:1: /chips/left: found the unknown accelerator "vpn1210", expected "vpn1201")");
  CHECK(error_after([](auto& changed) {
          changed["chips"]["left"] = "bcm5701";
        }).starts_with(R"(twin.json:1: /chips/left: found the unknown accelerator "bcm5701", expected )"));
  CHECK(error_after([](auto& changed) { changed["chips"]["pci"] = "vpn1201"; }) ==
        R"(twin.json:1: /chips/pci: found the name "twin.pci" a second time, expected a name of its own)");
  CHECK(error_after([](auto& changed) { changed["chips"] = nlohmann::json::object(); }) ==
        "twin.json:1: /chips: found an empty object, expected an object of at least 1 members");
  CHECK(error_after([](auto& changed) { changed["interrupt_pins"]["value"] = 5; }) ==
        "twin.json:1: /interrupt_pins/value: found 5, expected an integer of 1 to 4");
  CHECK(error_after([](auto& changed) { changed["segment"]["clok"] = number("1 MHz"); }) ==
        R"(twin.json:1: /segment/clok: found the unknown key "clok", expected "clock")");
  CHECK(error_after([](auto& changed) { changed["bridge"]["latency"]["value"] = "2 ns"; }) ==
        R"(twin.json:1: /bridge/latency/value: found "2 ns", whose unit "ns" is none of cycles, expected )"
        R"(a number of cycles such as "24 cycles")");
}

TEST_CASE("a card has its slot's interrupt line and a board's chips have one of its four in turn") {
  nlohmann::json machine = data_file("models/machines/poweredge-2650.json");
  machine["slots"]["slot1"]["irq"] = {{"value", 11}, {"estimated", "made up for a test"}};
  machine["slots"]["slot2"]["irq"] = machine["slots"]["slot1"]["irq"];
  workspace.write("machine.json", machine.dump());
  workspace.write("twin.json", board().dump());
  const auto load_with = [](const char* cards) {
    return workspace.load(with(scenario_with(cards), "poweredge-2650", "machine.json"));
  };
  const Scenario scenario = load_with(R"("slot1": "vpn1201", "slot2": "twin.json", "slot3": "vpn1201")");
  const Machine& loaded = *scenario.runs[0].machine;
  CHECK(vertex(loaded, "vpn1201").interrupt == "irq 11");
  CHECK(vertex(loaded, "twin.left").interrupt == "irq 11");
  CHECK(vertex(loaded, "twin.right").interrupt == "twin INTB");
  CHECK(vertex(loaded, "twin").interrupt.empty());
  CHECK(vertex(loaded, "vpn1201-2").interrupt.empty());
  CHECK(vertex(loaded, "nic0").interrupt.empty());
  const Scenario apart = load_with(R"("slot3": "twin.json")");  // which has no "irq"
  CHECK(vertex(*apart.runs[0].machine, "twin.left").interrupt == "twin INTA");
  nlohmann::json of_five = board();  // in the order of their names: fifth, fourth, left, right, third
  for (const char* more : {"third", "fourth", "fifth"}) of_five["chips"][more] = of_five["chips"]["left"];
  const auto lines_on = [&](int pins) {
    of_five["interrupt_pins"]["value"] = pins;
    workspace.write("twin.json", of_five.dump());
    const Scenario five = load_with(R"("slot1": "twin.json")");
    std::vector<std::string> lines;
    for (const char* chip : {"fifth", "fourth", "left", "right", "third"}) {
      lines.push_back(vertex(*five.runs[0].machine, std::string("twin.") + chip).interrupt);
    }
    return lines;
  };
  CHECK(lines_on(4) == std::vector<std::string>{"irq 11", "twin INTB", "twin INTC", "twin INTD", "irq 11"});
  CHECK(lines_on(1) == std::vector<std::string>(5, "irq 11"));
  const Scenario with_nic = load_with(R"("slot1": "bcm5701")");
  CHECK(vertex(*with_nic.runs[0].machine, "bcm5701").interrupt == "irq 11");
  const auto is_line = [](const SourcedNumber& each) { return each.pointer.ends_with("/irq") && each.value == "11"; };
  CHECK(std::count_if(scenario.numbers.begin(), scenario.numbers.end(), is_line) == 2);
}
