#include <fmt/format.h>
#include <unistd.h>

#include "cli/commands.hpp"
#include "cli/terminal.hpp"
#include "cryptopath/workload.hpp"
#include "scenario/figure_file.hpp"
#include "scenario/fit.hpp"

namespace cryptopath {

namespace {

/// "2 paths", "30 cells", "36 points", "3 numbers to fit".
std::string contents_of(const std::string& file) {
  if (is_fit(file)) {
    const Fit fit = load_fit(file);
    given_cells(fit, {});  // for its checks
    return fmt::format("{} number{} to fit", fit.free.size(), fit.free.size() == 1 ? "" : "s");
  }
  if (is_figure(file)) {
    const std::size_t points = load_figure(file).points.size();
    return fmt::format("{} point{}", points, points == 1 ? "" : "s");
  }
  const bool workload = is_workload(file);
  const std::size_t count = workload ? load_workload(file).cells.size() : load_scenario(file).runs.size();
  return fmt::format("{} {}{}", count, workload ? "cell" : "path", count == 1 ? "" : "s");
}

/// Looks at all files, so that one command shows every mistake.
void validate(const std::vector<std::string>& files) {
  std::size_t bad = 0;
  for (const std::string& file : files) {
    std::string contents;
    try {
      contents = contents_of(file);
    } catch (const InputError& error) {
      ++bad;
      write_to(STDERR_FILENO, fmt::format("cryptopath: {}\n", error.what()));
      continue;
    }
    write_to(STDOUT_FILENO, fmt::format("{}: good, {}\n", printable(file), contents));
  }
  if (bad > 0) throw InputError(fmt::format("{} of {} files are bad", bad, files.size()));
}

}  // namespace

void add_validate(CLI::App& app) {
  CLI::App* const command =
      app.add_subcommand("validate", "check scenarios, workloads, fits, figures and all that they name; run nothing");
  const auto files = std::make_shared<std::vector<std::string>>();
  command->add_option("SCENARIO", *files, "the files of scenarios, workloads, fits and figures")->required();
  command->callback([files] { validate(*files); });
}

}  // namespace cryptopath
