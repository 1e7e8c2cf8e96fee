#include <fmt/format.h>

#include "cli/commands.hpp"

namespace cryptopath {

void ScenarioOptions::add_to(CLI::App& command) {
  command.add_option("SCENARIO", scenario, "the file of a scenario or workload")->required();
  command.add_option("--file", file, "send this file instead of the scenario's")->type_name("PATH");
  // One value an option: without allow_extra_args(false) it would swallow the scenario behind it.
  command.add_option("--set", settings, "change one value of the scenario; may be given again")
      ->type_name("/POINTER=VALUE")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
}

Overrides ScenarioOptions::overrides() const {
  Overrides overrides;
  overrides.file = file;
  for (const std::string& setting : settings) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos) {
      throw InputError(
          fmt::format("--set: found {}, expected /POINTER=VALUE such as /buffer=\"16 KiB\"", in_quotes(setting)));
    }
    overrides.set.emplace_back(setting.substr(0, equals), setting.substr(equals + 1));
  }
  return overrides;
}

}  // namespace cryptopath
