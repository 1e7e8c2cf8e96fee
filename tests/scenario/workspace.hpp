// A folder of a test's own with scenario, machine and program files in it.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "cryptopath/scenario.hpp"
#include "cryptopath/workload.hpp"

/// A valid scenario, one member a line.
extern const std::string valid_scenario;
/// A valid program, one step a line from line 6 on.
extern const std::string valid_program;

/// A valid workload, one member a line, of six cells.
extern const std::string valid_workload;

/// `text` with `before`, which must be in it, replaced once by `after`.
std::string with(std::string text, std::string_view before, std::string_view after);

/// A file of the data directory, as JSON.
nlohmann::json data_file(const std::string& name);

class Workspace {
 public:
  Workspace();
  ~Workspace();
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  std::filesystem::path write(const std::string& name, std::string_view text) const;
  std::filesystem::path path(const std::string& name) const { return folder_ / name; }

  /// Loads `text` as scenario.json.
  cryptopath::Scenario load(std::string_view text, const cryptopath::Overrides& overrides = {}) const;
  /// The message that loading ends with, without this folder's name; "no error" if there is none.
  std::string error_of(std::string_view text, const cryptopath::Overrides& overrides = {}) const;
  /// The same for a workload.
  cryptopath::Workload load_workload(std::string_view text, const cryptopath::Overrides& overrides = {}) const;
  std::string error_of_workload(std::string_view text, const cryptopath::Overrides& overrides = {}) const;
  /// error_of() for valid_scenario with paths ["program.json"], which is `program`.
  std::string error_of_program(std::string_view program) const;
  /// The same for valid_scenario with the machine "machine.json", which is `machine`, two spaces a level.
  std::string error_of_machine(const nlohmann::json& machine) const;

 private:
  template <class Load>
  std::string message_of(Load load) const;

  std::filesystem::path folder_;
};
