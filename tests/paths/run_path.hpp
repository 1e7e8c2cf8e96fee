// Loads a shipped scenario, changes it, and runs one of its paths in a process of its own.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "../sim/in_child.hpp"
#include "cryptopath/simulate.hpp"

namespace cryptopath::test {

/// As --set takes them: {"/buffer", "4 KiB"}.
using Settings = std::vector<std::pair<std::string, std::string>>;

/// The path called `path` of scenarios/shortcut/transfer.json, or the program file of that name. The path "nic" gets
/// the NIC that it needs.
inline RunSpec load_path(const std::string& path, const Settings& settings) {
  Overrides overrides;
  overrides.set = settings;
  if (path == "nic") overrides.set.emplace_back("/cards/slot2", "inline-tls");
  overrides.set.emplace_back("/paths", nlohmann::json{path}.dump());
  return load_scenario(data_directory() / "scenarios/shortcut/transfer.json", overrides).runs.at(0);
}

inline Result run_path(const RunSpec& run) {
  const std::string text = in_child([&run] {
    Session session;
    if (run.payload == Payload::real) {
      session = run.program.protects ? handshake(run.format, run.seed) : handshake(RecordFormat(), run.seed);
    }
    return to_json(simulate(run, std::move(session))).dump();
  });
  return result_from_json(nlohmann::json::parse(text));
}

inline Result run_path(const std::string& path, const Settings& settings) {
  return run_path(load_path(path, settings));
}

}  // namespace cryptopath::test
