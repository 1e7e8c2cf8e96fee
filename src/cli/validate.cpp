#include <fmt/format.h>
#include <unistd.h>

#include "cli/commands.hpp"
#include "cli/terminal.hpp"

namespace cryptopath {

namespace {

/// Looks at all scenarios, so that one command shows every mistake.
void validate(const std::vector<std::string>& files) {
  std::size_t bad = 0;
  for (const std::string& file : files) {
    std::size_t paths = 0;
    try {
      paths = load_scenario(file).runs.size();
    } catch (const InputError& error) {
      ++bad;
      write_to(STDERR_FILENO, fmt::format("cryptopath: {}\n", error.what()));
      continue;
    }
    write_to(STDOUT_FILENO, fmt::format("{}: good, {} {}\n", printable(file), paths, paths == 1 ? "path" : "paths"));
  }
  if (bad > 0) throw InputError(fmt::format("{} of {} scenarios are bad", bad, files.size()));
}

}  // namespace

void add_validate(CLI::App& app) {
  CLI::App* const command = app.add_subcommand("validate", "check scenarios and all that they name; run nothing");
  const auto files = std::make_shared<std::vector<std::string>>();
  command->add_option("SCENARIO", *files, "the scenarios' files")->required();
  command->callback([files] { validate(*files); });
}

}  // namespace cryptopath
