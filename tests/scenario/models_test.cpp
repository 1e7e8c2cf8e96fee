// Every number in models/ says where it comes from.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <set>

#include "workspace.hpp"

using namespace cryptopath;
using Catch::Matchers::Contains;

namespace {

const std::set<std::string> origins = {"cited", "measured", "fitted", "estimated"};

template <class Unit>
bool is(const std::string& text) {
  try {
    parse<Unit>(text);
    return true;
  } catch (const UnitError&) {
    return false;
  }
}

bool is_quantity(const std::string& text) {
  return is<Bytes>(text) || is<Nanoseconds>(text) || is<BitsPerSecond>(text) || is<Hertz>(text) || is<Cycles>(text) ||
         is<NanosecondsPerByte>(text) || is<CyclesPerByte>(text);
}

// The pointers of values that are numbers, flags or quantities without exactly one origin beside them. Needs no schema,
// so that a hole in one does not hide a hole in the models.
void collect_unsourced(const nlohmann::json& value, const std::string& pointer, std::vector<std::string>& unsourced) {
  if (value.is_object() && value.contains("value")) {
    int count = 0;
    for (const auto& member : value.items()) {
      if (member.key() == "value") continue;
      const bool says_something = member.value().is_string() && member.value().get<std::string>().size() >= 8;
      count += origins.contains(member.key()) && says_something ? 1 : 100;
    }
    if (count != 1) unsourced.push_back(pointer);
  } else if (value.is_structured()) {
    for (const auto& member : value.items()) {
      collect_unsourced(member.value(), pointer + "/" + member.key(), unsourced);
    }
  } else if (!value.is_string() || is_quantity(value.get<std::string>())) {
    unsourced.push_back(pointer);
  }
}

std::vector<std::string> unsourced_in(const nlohmann::json& model) {
  std::vector<std::string> unsourced;
  collect_unsourced(model, "", unsourced);
  return unsourced;
}

}  // namespace

TEST_CASE("every number in the models has an origin") {
  int files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(data_directory() / "models")) {
    if (!entry.is_regular_file()) continue;
    CAPTURE(entry.path());
    CHECK(entry.path().extension() == ".json");
    CHECK(unsourced_in(data_file(entry.path().string())).empty());
    ++files;
  }
  CHECK(files >= 5);
}

TEST_CASE("an unsourced number is noticed") {
  const auto unsourced = [](const char* text) { return unsourced_in(nlohmann::json::parse(text)); };
  CHECK(unsourced(R"({"a": {"value": 3, "cited": "some book"}, "b": "text"})").empty());
  CHECK(unsourced(R"({"a": {"value": 3}})") == std::vector<std::string>{"/a"});
  CHECK(unsourced(R"({"a": {"value": 3, "cited": ""}})") == std::vector<std::string>{"/a"});
  CHECK(unsourced(R"({"a": {"value": 3, "cited": "some book", "fitted": "some cells"}})") ==
        std::vector<std::string>{"/a"});
  CHECK(unsourced(R"({"a": {"value": 3, "because": "of reasons"}})") == std::vector<std::string>{"/a"});
  CHECK(unsourced(R"({"a": {"b": 3}})") == std::vector<std::string>{"/a/b"});
  CHECK(unsourced(R"({"a": ["8 KiB"]})") == std::vector<std::string>{"/a/0"});
  CHECK(unsourced(R"({"a": true})") == std::vector<std::string>{"/a"});
}

TEST_CASE("a scenario lists the numbers of every model that it uses") {
  const Scenario scenario = Workspace().load(valid_scenario);
  std::set<std::string> files;
  std::set<std::pair<std::string, std::string>> places;
  for (const SourcedNumber& number : scenario.numbers) {
    CAPTURE(number.file, number.pointer);
    files.insert(number.file);
    CHECK(places.emplace(number.file, number.pointer).second);
    CHECK(origins.contains(number.kind));
    CHECK(number.origin.size() >= 8);
    const auto value = data_file(number.file).at(nlohmann::json::json_pointer(number.pointer));
    CHECK(value.at(number.kind) == number.origin);
    CHECK((value.at("value").is_string() ? value.at("value").get<std::string>() : value.at("value").dump()) ==
          number.value);
  }
  CHECK(files == std::set<std::string>{"models/accelerators/vpn1201.json", "models/ciphers/xeon-2.4.json",
                                       "models/kernels/openbsd-3.3.json", "models/machines/poweredge-2650.json",
                                       "models/nics/bcm5701.json"});
}

TEST_CASE("the same kernel's code takes the same cycles on each processor") {
  const nlohmann::json xeon = data_file("models/kernels/openbsd-3.3.json");
  const nlohmann::json pentium = data_file("models/kernels/openbsd-3.3-pentium-iii.json");
  int of_code = 0;
  for (const auto& [key, number] : xeon.items()) {
    if (!number.is_object() || !number.at("value").is_string()) continue;
    const std::string value = number.at("value");
    if (!value.ends_with(" cycles") && !value.ends_with(" cycles/B")) continue;
    INFO(key);
    CHECK(pentium.at(key).at("value") == value);
    ++of_code;
  }
  CHECK(of_code == 15);
}

TEST_CASE("a NIC that enciphers has engines of known suites and a set-up time and makes the checksums") {
  const Workspace workspace;
  // What would do.
  const auto expected_after = [&workspace](auto change) {
    nlohmann::json nic = data_file("models/nics/inline-tls.json");
    change(nic);
    workspace.write("nic.json", nic.dump());
    const std::string error =
        workspace.error_of(with(valid_scenario, R"("slot1": "vpn1201")", R"("slot1": "vpn1201", "slot2": "nic.json")"));
    const std::string_view expected = "expected ";
    const std::size_t place = error.find(expected);
    return place == std::string::npos ? error : error.substr(place + expected.size());
  };
  CHECK(expected_after([](auto&) {}) == "no error");
  CHECK(expected_after([](auto& nic) {
          nic.erase("engines");
          nic.erase("setup");
        }) == "no error");
  CHECK(expected_after([](auto& nic) { nic.erase("setup"); }) == R"(also the key "setup")");
  CHECK(expected_after([](auto& nic) { nic.erase("engines"); }) == R"(also the key "engines")");
  CHECK(expected_after([](auto& nic) { nic["engines"] = nlohmann::json::object(); }) ==
        "an object of at least 1 members");
  CHECK(expected_after([](auto& nic) { nic["engines"]["aes-128-gmc"] = nic["engines"]["aes-128-gcm"]; }) ==
        R"("aes-128-gcm")");
  CHECK(expected_after([](auto& nic) { nic["engines"]["aes-128-gcm"]["value"] = "1 GHz"; }) ==
        R"(a rate such as "83 Mbit/s")");
  CHECK(expected_after([](auto& nic) { nic["checksum_offload"]["value"] = false; }) == "true for a NIC with engines");
}

TEST_CASE("what comes again and again in a kernel has a period") {
  const Workspace workspace;
  const auto error_of_zero = [&workspace](const char* key) {
    nlohmann::json kernel = data_file("models/kernels/openbsd-3.3.json");
    kernel[key]["value"] = "0 ns";
    workspace.write("kernel.json", kernel.dump());
    return workspace.error_of(with(valid_scenario, R"("openbsd-3.3")", R"("kernel.json")"));
  };
  for (const char* key : {"quantum", "hardclock", "statclock"}) {
    CAPTURE(key);
    CHECK_THAT(error_of_zero(key), Contains(fmt::format(R"(/{}/value: found "0 ns", expected more than 0 ns)", key)));
  }
}

// The list is what was read, so a field that is read under another's name would be missing or there twice.
TEST_CASE("every number in a model file is read") {
  const auto count_numbers = [](const nlohmann::json& model) {
    int count = 0;
    const nlohmann::json values = model.flatten();
    for (const auto& member : values.items()) count += member.key().ends_with("/value") ? 1 : 0;
    return count;
  };
  std::map<std::string, int> listed;
  const std::string with_nic =
      with(valid_scenario, R"("slot1": "vpn1201")", R"("slot1": "vpn1201", "slot2": "inline-tls")");
  for (const SourcedNumber& number : Workspace().load(with_nic).numbers) ++listed[number.file];
  for (const auto& [file, count] : listed) {
    CAPTURE(file);
    // The filled slot's width is read as well, before the card takes its place.
    CHECK(count == count_numbers(data_file(file)));
  }
}

namespace {

/// A workload of keys on a machine whose card is described so.
Workload with_card(const Workspace& workspace, const nlohmann::json& card) {
  workspace.write("card.json", card.dump());
  return workspace.load_workload(R"({
  "format": "cryptopath-workload-1",
  "title": "A test",
  "machine": "tyan-thunder-hesl-t",
  "cards": {"slot64-1": "card.json"},
  "operation": "rsa-sign",
  "modulus_bits": [512],
  "threads": [1]
}
)");
}

AcceleratorModel model_in(const Workload& workload) {
  const Machine& machine = *workload.cells.at(0).machine;
  return std::get<AcceleratorModel>(machine.vertex(machine.find("card")).data);
}

}  // namespace

TEST_CASE("every card that is shipped loads") {
  const Workspace workspace;
  std::set<std::string> with_keys;
  for (const auto& file : std::filesystem::directory_iterator(data_directory() / "models/accelerators")) {
    const std::string name = file.path().stem();
    const AcceleratorModel card = model_in(with_card(workspace, data_file("models/accelerators/" + name + ".json")));
    if (card.key_engine.units > 0) with_keys.insert(name);
  }
  CHECK(with_keys == std::set<std::string>{"hifn-6500", "hifn-7814", "ubsec-5802", "ubsec-5805", "ubsec-5820",
                                           "ubsec-5821", "ubsec-5822"});
}

TEST_CASE("a card of lofn or nofn is an ALU and has nothing that says how requests reach it") {
  const Workspace workspace;
  const auto load = [&workspace](const nlohmann::json& card) { return model_in(with_card(workspace, card)); };
  nlohmann::json card = data_file("models/accelerators/hifn-6500.json");
  const AcceleratorModel model = load(card);
  CHECK(model.driver == "lofn");
  CHECK(model.engines.empty());
  CHECK(model.key_engine.units == 1);
  CHECK(model.key_engine.commands == 1);
  CHECK(model.key_engine.registers_wide);
  CHECK(model.key_engine.modular_exponentiation == Nanoseconds(47'700'000));
  CHECK(model.key_engine.driver_submit == Cycles(2'500));
  CHECK(model.key_engine.driver_complete == Cycles(1'000));
  CHECK(load(data_file("models/accelerators/hifn-7814.json")).driver == "nofn");
  const nlohmann::json hifn = data_file("models/accelerators/hifn-7751.json");
  for (const char* key : {"engines", "driver_submit", "command_ring"}) {
    nlohmann::json both = card;
    both[key] = hifn[key];
    CHECK_THROWS_WITH(load(both), Catch::EndsWith(std::string("/") + key + ": found a key for the driver \"hifn\" or " +
                                                  "\"ubsec\", expected none for \"lofn\""));
    nlohmann::json without = hifn;
    without.erase(key);
    CHECK_THROWS_WITH(load(without),
                      Catch::EndsWith("expected also the key \"" + std::string(key) + "\", which hifn needs"));
  }
  nlohmann::json both = hifn;
  both["alu"] = card["alu"];
  CHECK_THROWS_WITH(
      load(both), Catch::EndsWith("/alu: found a key for the driver \"lofn\" or \"nofn\", expected none for \"hifn\""));
  both = card;
  both["key_engine"] = data_file("models/accelerators/ubsec-5820.json")["key_engine"];
  CHECK_THROWS_WITH(load(both),
                    Catch::EndsWith("/key_engine: found a key for the driver \"ubsec\", expected none for \"lofn\""));
  card.erase("alu");
  CHECK_THROWS_WITH(load(card), Catch::EndsWith("expected also the key \"alu\", which lofn needs"));
  card["driver"] = "none";
  CHECK(load(card).engines.empty());
  card["engines"] = hifn["engines"];
  CHECK_THROWS_WITH(load(card), Catch::EndsWith("expected none for \"none\""));
}

TEST_CASE("a card of ubsec may have units for public keys and one of hifn has none") {
  const Workspace workspace;
  const auto load = [&workspace](const nlohmann::json& card) { return model_in(with_card(workspace, card)); };
  nlohmann::json card = data_file("models/accelerators/ubsec-5820.json");
  const auto engine_of = [](const AcceleratorModel& model) { return model.key_engine; };
  const KeyEngineModel engine = engine_of(load(card));
  CHECK(engine.units == 2);
  CHECK(engine.commands == 3);
  CHECK(engine.modular_exponentiation == Nanoseconds(9'800'000));
  CHECK(engine.largest_modulus == 2048);
  CHECK(engine.normalizes);
  CHECK_FALSE(engine.registers_wide);
  CHECK(engine.driver_submit == Cycles(14'000));
  CHECK(engine.driver_complete == Cycles(8'000));
  const nlohmann::json key_engine = card["key_engine"];
  card.erase("key_engine");
  CHECK(engine_of(load(card)).units == 0);
  nlohmann::json hifn = data_file("models/accelerators/vpn1201.json");
  hifn["key_engine"] = key_engine;
  CHECK_THROWS_WITH(load(hifn),
                    Catch::EndsWith("/key_engine: found a key for the driver \"ubsec\", expected none for \"hifn\""));
  card["key_engine"] = key_engine;
  card["key_engine"].erase("units");
  CHECK_THROWS_WITH(load(card), Catch::EndsWith("expected also the key \"units\""));
}

TEST_CASE("a card has the algorithms that its driver registers") {
  const std::set<std::string> by_ubsec = {"des-cbc",
                                          "3des-ede-cbc",
                                          "hmac-md5",
                                          "hmac-sha1",
                                          "des-cbc-hmac-md5",
                                          "des-cbc-hmac-sha1",
                                          "3des-ede-cbc-hmac-md5",
                                          "3des-ede-cbc-hmac-sha1"};
  std::set<std::string> by_hifn = by_ubsec;
  by_hifn.insert({"rc4", "rc4-hmac-sha1"});
  const std::map<std::string, std::set<std::string>> registered = {
      {"hifn", by_hifn}, {"ubsec", by_ubsec}, {"lofn", {}}, {"nofn", {}}};
  for (const auto& entry : std::filesystem::directory_iterator(data_directory() / "models" / "accelerators")) {
    const nlohmann::json card = data_file("models/accelerators/" + entry.path().filename().string());
    CAPTURE(entry.path());
    std::set<std::string> engines;
    if (card.contains("engines")) {
      for (const auto& [algorithm, rate] : card.at("engines").items()) engines.insert(algorithm);
    }
    CHECK(engines == registered.at(card.at("driver")));
  }
}
