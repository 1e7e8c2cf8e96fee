// Damaged scenarios, machines and programs either load or end in one line; nothing crashes.
#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <cctype>
#include <fstream>
#include <sstream>

#include "scenario/fit.hpp"
#include "workspace.hpp"

using namespace cryptopath;

namespace {

const Workspace workspace;

/// Strings, numbers and words whole, all else a character each.
std::vector<std::string> tokens_of(const std::string& text) {
  std::vector<std::string> tokens;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at + 1;
    if (text[at] == '"') {
      end = text.find('"', end) + 1;
    } else if (std::isalnum(static_cast<unsigned char>(text[at])) != 0) {
      while (end < text.size() && std::isalnum(static_cast<unsigned char>(text[end])) != 0) ++end;
    }
    tokens.push_back(text.substr(at, end - at));
    at = end;
  }
  return tokens;
}

const std::vector<std::string> intruders = {"{",
                                            "}",
                                            "[",
                                            "]",
                                            ",",
                                            ":",
                                            "\"",
                                            "null",
                                            "true",
                                            "-1",
                                            "1e999",
                                            "0.5",
                                            "18446744073709551616",
                                            "\"\"",
                                            "\"-8 KiB\"",
                                            "\"0 B\"",
                                            "\"9e9 B\"",
                                            "\"9007199254740992 B\"",
                                            "\"1 MiB\"",
                                            "\"/dev/crypto\"",
                                            "\"slot1\"",
                                            "\"value\"",
                                            "\"cpu0\"",
                                            "\"memory\"",
                                            "\"../x.json\"",
                                            "\"scenario.json\"",
                                            "\"\\u0000\"",
                                            "\"\\ud800\"",
                                            "\xff",
                                            "\n",
                                            "{}",
                                            "[]",
                                            "[[[[[[[[",
                                            "{\"a\":"};

std::string mutated(const std::string& text) {
  std::vector<std::string> tokens = tokens_of(text);
  const int changes = *rc::gen::inRange(1, 4);
  for (int i = 0; i < changes && !tokens.empty(); ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, tokens.size());
    const auto other = *rc::gen::inRange<std::size_t>(0, tokens.size());
    const auto place = tokens.begin() + static_cast<std::ptrdiff_t>(at);
    switch (*rc::gen::inRange(0, 6)) {
      case 0:
        tokens.erase(place);
        break;
      case 1:
        tokens.insert(place, std::string(tokens[other]));
        break;
      case 2:
        std::swap(tokens[at], tokens[other]);
        break;
      case 3:
        tokens[at] = tokens[other];
        break;
      case 4:
        tokens[at] = *rc::gen::elementOf(intruders);
        break;
      default:
        tokens[at][*rc::gen::inRange<std::size_t>(0, tokens[at].size())] =
            static_cast<char>(*rc::gen::inRange(0, 256) - 128);
    }
  }
  std::string result;
  for (const std::string& token : tokens) result += token;
  return result;
}

template <class Load>
void check_one_line(Load load) {
  try {
    load();
  } catch (const InputError& error) {
    const std::string message = error.what();
    RC_ASSERT(!message.empty());
    RC_ASSERT(message.find('\n') == std::string::npos);
    RC_ASSERT(message.size() < 2000);
    RC_TAG("refused");
    return;
  }
  RC_TAG("loaded");
}

void check_scenario(const std::string& scenario) {
  check_one_line([&scenario] {
    const Scenario loaded = workspace.load(scenario);
    RC_ASSERT(!loaded.runs.empty());
    RC_ASSERT(!loaded.resolved->dump().empty());
  });
}

std::string text_of(const std::string& file) {
  std::stringstream text;
  text << std::ifstream(data_directory() / file).rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("a damaged scenario loads or ends in one line") {
  CHECK(rc::check("damaged scenarios", [] { check_scenario(mutated(valid_scenario)); }));
}

TEST_CASE("a damaged workload or table of published numbers loads or ends in one line") {
  const std::string table = text_of("plots/published/tocs-table-1.csv");
  const std::string workload = with(valid_workload, "tocs-table-1", "table.csv");
  CHECK(rc::check("damaged workloads", [&] {
    const bool damage_table = *rc::gen::arbitrary<bool>();
    workspace.write("table.csv", damage_table ? mutated(table) : table);
    check_one_line([&] {
      const Workload loaded = workspace.load_workload(damage_table ? workload : mutated(workload));
      RC_ASSERT(!loaded.cells.empty());
      RC_ASSERT(!loaded.resolved->dump().empty());
    });
  }));
}

TEST_CASE("a damaged fit loads or ends in one line") {
  const std::string fit = R"({"format": "cryptopath-fit-1", "title": "A test", "workloads": ["workload.json"], "free": [
    {"model": "kernels/openbsd-3.3", "pointer": "/process_switch", "from": "500 ns", "to": "1500 ns"}]})";
  workspace.write("workload.json", valid_workload);
  CHECK(rc::check("damaged fits", [&fit] {
    check_one_line([&fit] { RC_ASSERT(!load_fit(workspace.write("fit.json", mutated(fit))).free.empty()); });
  }));
}

TEST_CASE("a damaged program loads or ends in one line") {
  const std::string scenario = with(valid_scenario, "\"shortcut\"", "\"program.json\"");
  CHECK(rc::check("damaged programs", [&scenario] {
    workspace.write("program.json", mutated(valid_program));
    check_scenario(scenario);
  }));
}

TEST_CASE("a damaged machine or model loads or ends in one line") {
  const std::string machine = text_of("models/machines/poweredge-2650.json");
  const std::string card = text_of("models/accelerators/vpn1201.json");
  const std::string kernel = text_of("models/kernels/openbsd-3.3.json");
  const std::string scenario =
      with(with(with(valid_scenario, "poweredge-2650", "machine.json"), "vpn1201", "card.json"), "openbsd-3.3",
           "kernel.json");
  CHECK(rc::check("damaged machines", [&] {
    const int which = *rc::gen::inRange(0, 3);
    workspace.write("machine.json", which == 0 ? mutated(machine) : machine);
    workspace.write("card.json", which == 1 ? mutated(card) : card);
    workspace.write("kernel.json", which == 2 ? mutated(kernel) : kernel);
    check_scenario(scenario);
  }));
}

TEST_CASE("any setting loads or ends in one line") {
  const std::vector<std::string> pointers = {
      "/seed",         "/file", "/file/size", "/paths", "/paths/0", "/paths/-", "/cards", "/cards/slot2",
      "/record/suite", "/x",    "/paths/0/0", "/~1",    "/~",       "",         "/"};
  CHECK(rc::check("settings", [&pointers] {
    Overrides overrides;
    for (int i = *rc::gen::inRange(1, 4); i > 0; --i) {
      overrides.set.emplace_back(*rc::gen::elementOf(pointers), *rc::gen::elementOf(intruders));
    }
    RC_ASSERT(workspace.error_of(valid_scenario, overrides).find('\n') == std::string::npos);
  }));
}
