#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <map>

#include "cli/commands.hpp"
#include "cli/fit_table.hpp"
#include "cli/minimise.hpp"
#include "cli/outputs.hpp"
#include "cli/progress.hpp"
#include "cli/runner.hpp"
#include "cli/terminal.hpp"
#include "cryptopath/result.hpp"
#include "scenario/fit.hpp"

namespace cryptopath {

namespace {

constexpr int usual_evaluations = 400;

struct FitOptions {
  std::string file;
  int evaluations = usual_evaluations;
  std::size_t jobs = usable_processors();
  bool dry_run = false;
  bool quiet = false;
};

/// What would make the same fit again.
std::string command_of(const FitOptions& options) {
  std::string command = "cryptopath fit " + printable(options.file);
  if (options.evaluations != usual_evaluations) command += fmt::format(" --evaluations {}", options.evaluations);
  return command;
}

std::vector<std::string> to_texts(const Fit& fit, const std::vector<double>& numbers) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < numbers.size(); ++i) texts.push_back(fit.free[i].unit->write(numbers[i]));
  return texts;
}

/// To three significant digits, within the bounds.
std::vector<std::string> rounded_texts(const Fit& fit, std::vector<double> numbers) {
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    numbers[i] = std::clamp(std::stod(fmt::format("{:.2e}", numbers[i])), fit.free[i].from, fit.free[i].to);
  }
  return to_texts(fit, numbers);
}

template <double FreeNumber::*member>
std::vector<std::string> texts_of(const Fit& fit) {
  std::vector<double> numbers;
  for (const FreeNumber& free : fit.free) numbers.push_back(free.*member);
  return to_texts(fit, numbers);
}

/// The rates that the given cells have with certain values.
class Evaluations {
 public:
  Evaluations(const Fit& fit, std::string origin, const FitOptions& options)
      : fit_(fit),
        origin_(std::move(origin)),
        jobs_(options.jobs),
        most_(options.evaluations),
        bar_(!options.quiet && is_terminal(STDERR_FILENO)) {}

  /// Models as `values` would leave them.
  FileTexts models(const std::vector<std::string>& values) const { return with_values(fit_, values, origin_); }

  FitPoint at(const std::vector<std::string>& values) {
    // Neighbours become the same where numbers are whole.
    const auto known = rates_.find(values);
    if (known != rates_.end()) return {values, known->second};
    const std::vector<GivenCell> cells = given_cells(fit_, models(values));
    Workload workload;
    for (const GivenCell& cell : cells) {
      for (std::uint64_t i = 0; i < fit_.seeds; ++i) workload.cells.emplace_back(cell.spec).seed += i;
    }
    std::vector<double> rates(cells.size());
    const std::vector<Result> results = run_all(workload, jobs_, [this](const auto&) { show_progress(); });
    for (std::size_t i = 0; i < results.size(); ++i) {
      const Result& result = results[i];
      if (!result.errno_name.empty()) throw InputError(fmt::format("cell {}: {}", result.path, result.refusal));
      rates[i / fit_.seeds] += result.throughput_mbit_s() / static_cast<double>(fit_.seeds);
    }
    rates_.emplace(values, rates);
    best_ = std::min(best_, misfit(cells, rates));
    return {values, rates};
  }

  void count() {
    ++made_;
    show_progress();
  }
  int made() const { return made_; }
  void hide_progress() { bar_.clear(); }

 private:
  void show_progress() {
    std::string text = fmt::format("evaluation {}", made_);
    if (best_ < std::numeric_limits<double>::infinity()) text += fmt::format(", best misfit {:.2f} %", best_ * 100);
    bar_.draw({{text, Bytes(made_), Bytes(most_)}});
  }

  const Fit& fit_;
  std::string origin_;
  std::size_t jobs_;
  int most_;
  ProgressBar bar_;
  std::map<std::vector<std::string>, std::vector<double>> rates_;
  int made_ = 0;
  double best_ = std::numeric_limits<double>::infinity();
};

std::vector<SearchedNumber> searched(const Fit& fit) {
  std::vector<SearchedNumber> numbers;
  for (const FreeNumber& free : fit.free) numbers.push_back({free.value, free.from, free.to});
  return numbers;
}

void check_writable(const Fit& fit) {
  std::vector<std::filesystem::path> files;
  for (const auto& [file, text] : fit.models) files.push_back(file);
  check_outputs(files, {});
}

/// Somebody may have edited a model in the meantime.
void write_models(const Fit& fit, const FileTexts& models) {
  std::vector<OutputFile> files;
  for (const auto& [file, text] : models) {
    if (read_text(file, file.string(), "JSON") != fit.models.at(file)) {
      throw InputError(
          fmt::format("{}: found another text than when the fit began, expected the same; nothing was written",
                      printable(file.string())));
    }
    files.push_back(output_file(file, text));
  }
  write_whole(files);
}

void fit_models(const FitOptions& options) {
  const Fit fit = load_fit(options.file);
  if (!options.dry_run) check_writable(fit);
  const std::vector<GivenCell> cells = given_cells(fit, fit.models);
  Evaluations evaluations(fit, origin_of_fitted(cells, command_of(options)), options);
  // What a model does not allow shows before the search comes to it.
  given_cells(fit, evaluations.models(texts_of<&FreeNumber::from>(fit)));
  given_cells(fit, evaluations.models(texts_of<&FreeNumber::to>(fit)));

  const FitPoint before = evaluations.at(texts_of<&FreeNumber::value>(fit));
  const std::vector<double> best =
      minimise(searched(fit), options.evaluations, [&](const std::vector<double>& numbers) {
        // As they would be written: of a model with chaos in it, the neighbour's rates may be others.
        const FitPoint point = evaluations.at(rounded_texts(fit, numbers));
        evaluations.count();
        return misfit(cells, point.rates);
      });
  const FitPoint after = evaluations.at(rounded_texts(fit, best));
  evaluations.hide_progress();

  const bool better = misfit(cells, after.rates) < misfit(cells, before.rates);
  if (better && !options.dry_run) write_models(fit, evaluations.models(after.values));
  std::string text = fit_table(fit, cells, before, after, wants_colour(STDOUT_FILENO));
  text += fmt::format("misfit {:.2f} %, before {:.2f} %, after {} evaluations\n", misfit(cells, after.rates) * 100,
                      misfit(cells, before.rates) * 100, evaluations.made());
  if (!better) {
    text += "no better than before: nothing is written\n";
  } else if (options.dry_run) {
    text += "a dry run: nothing is written\n";
  } else {
    for (const auto& [file, content] : fit.models) text += fmt::format("written: {}\n", printable(file.string()));
  }
  write_to(STDOUT_FILENO, text);
}

}  // namespace

void add_fit(CLI::App& app) {
  CLI::App* const command =
      app.add_subcommand("fit", "fit numbers of models to published rates, and write them back with their origin");
  const auto options = std::make_shared<FitOptions>();
  command->add_option("FIT", options->file, "the file that names numbers, bounds and workloads")->required();
  command->add_option("--evaluations", options->evaluations, "simulate the workloads so many times at most")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command->add_option("--jobs", options->jobs, "cells to simulate at the same time")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1024}))
      ->capture_default_str();
  command->add_flag("--dry-run", options->dry_run, "write nothing");
  command->add_flag("--quiet", options->quiet, "no progress bar");
  command->callback([options] { fit_models(*options); });
}

}  // namespace cryptopath
