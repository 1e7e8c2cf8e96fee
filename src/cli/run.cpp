#include <fmt/format.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/outputs.hpp"
#include "cli/progress.hpp"
#include "cli/runner.hpp"
#include "cli/terminal.hpp"
#include "cryptopath/result.hpp"
#include "figure/gnuplot.hpp"
#include "figure/picture.hpp"

namespace cryptopath {

namespace {

struct RunOptions {
  ScenarioOptions scenario;
  std::optional<std::string> json;     // a file, or "-" for standard output
  std::optional<std::string> picture;  // a name without its extension
  std::size_t jobs = usable_processors();
  bool quiet = false;
};

bool json_to_standard_output(const RunOptions& options) { return options.json == "-"; }

void check_before_running(const RunOptions& options, const Scenario& scenario) {
  std::vector<std::filesystem::path> outputs;
  if (options.json && !json_to_standard_output(options)) outputs.emplace_back(*options.json);
  if (options.picture) {
    require_gnuplot();
    for (const auto& file : picture_files(*options.picture)) outputs.push_back(file);
  }
  std::vector<std::filesystem::path> inputs = {options.scenario.scenario};
  for (const RunSpec& run : scenario.runs) {
    if (run.file.path) inputs.push_back(*run.file.path);
  }
  check_outputs(outputs, inputs);
}

std::vector<Result> run_with_progress(const Scenario& scenario, const RunOptions& options) {
  ProgressBar bar(!options.quiet && is_terminal(STDERR_FILENO));
  return run_all(scenario, options.jobs, [&](const std::vector<PathProgress>& paths) { bar.draw(paths); });
}

/// A file name may hold bytes that are no UTF-8, which JSON cannot; they become U+FFFD.
std::string text_of(const nlohmann::json& document) {
  return document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

void run(const RunOptions& options) {
  const Scenario scenario = options.scenario.load();
  check_before_running(options, scenario);
  const std::vector<Result> results = run_with_progress(scenario, options);

  // Files first: whoever reads the table may stop reading.
  const std::string json = text_of(to_json(scenario, results));
  if (options.json && !json_to_standard_output(options)) write_whole(*options.json, json);
  if (options.picture) draw_picture(scenario, results, *options.picture);
  const int table = json_to_standard_output(options) ? STDERR_FILENO : STDOUT_FILENO;
  if (json_to_standard_output(options)) write_to(STDOUT_FILENO, json);
  write_to(table, to_table(scenario, results, wants_colour(table)));
}

}  // namespace

void add_run(CLI::App& app) {
  CLI::App* const command = app.add_subcommand("run", "run every path of a scenario and show them side by side");
  const auto options = std::make_shared<RunOptions>();
  options->scenario.add_to(*command);
  command
      ->add_option("--json", options->json,
                   "write the result document; - is standard output, the table then goes to standard error")
      ->type_name("FILE|-");
  command->add_option("--picture", options->picture, "draw BASENAME.svg and BASENAME.png (needs gnuplot)")
      ->type_name("BASENAME");
  command->add_option("--jobs", options->jobs, "paths to simulate at the same time")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1024}))
      ->capture_default_str();
  command->add_flag("--quiet", options->quiet, "no progress bar");
  command->callback([options] { run(*options); });
}

}  // namespace cryptopath
