// The commands, one file each. Each function adds its command to the command line; the command runs when the command
// line has been parsed, and throws what goes wrong.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "cryptopath/scenario.hpp"

namespace cryptopath {

void add_run(CLI::App& app);
void add_list(CLI::App& app);
void add_explain(CLI::App& app);
void add_validate(CLI::App& app);
void add_fit(CLI::App& app);
void add_figure(CLI::App& app);

/// Some of what was asked for could not be done, as was said already; the rest is done. Exit status 1.
class PartlyFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What the user typed of a scenario, or a workload, and of what to change in it.
struct ScenarioOptions {
  std::string scenario;  // the file
  std::optional<std::string> file;
  std::vector<std::string> settings;  // "/pointer=value"

  void add_to(CLI::App& command);
  /// Throws InputError for a setting without "=".
  Overrides overrides() const;
};

}  // namespace cryptopath
