#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>

#include "cli/commands.hpp"
#include "cli/figure_runner.hpp"
#include "cli/outputs.hpp"
#include "cli/progress.hpp"
#include "cli/runner.hpp"
#include "cli/terminal.hpp"
#include "figure/fidelity.hpp"
#include "figure/template.hpp"
#include "result/human.hpp"
#include "scenario/names.hpp"

namespace cryptopath {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct FigureOptions {
  std::vector<std::string> names;
  bool all = false;
  std::string folder = "out";
  std::size_t jobs = usable_processors();
  bool quiet = false;
};

/// One of the figures that were asked for.
struct Asked {
  fs::path file;
  std::optional<Figure> figure = {};  // where it is to be run or drawn
  std::string failure = {};           // why it cannot be
  Standing standing = Standing::nothing;
  std::size_t simulations = 0;
};

void make_folder(const fs::path& folder) {
  if (folder.empty()) throw InputError("--out: found an empty name, expected a folder");
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    throw InputError(fmt::format("cannot make the folder {}: {}", printable(folder.string()), error.message()));
  if (::access(folder.c_str(), W_OK | X_OK) != 0) {
    throw InputError(fmt::format("cannot write into the folder {}", printable(folder.string())));
  }
}

class Figures {
 public:
  explicit Figures(const FigureOptions& options)
      : options_(options), folder_(options.folder), bar_(!options.quiet && is_terminal(STDERR_FILENO)) {
    for (const std::string& name : options.all ? figure_names() : options.names) {
      asked_.push_back({.file = figure_file(name)});
      const auto same = [this](const Asked& other) { return other.file.stem() == asked_.back().file.stem(); };
      if (std::ranges::count_if(asked_, same) > 1) {
        throw InputError(fmt::format("found the figure {} a second time, expected it once", in_quotes(name)));
      }
    }
  }

  void make() {
    make_folder(folder_);
    const std::vector<fs::path> pages = {folder_ / "index.html", folder_ / "fidelity.md"};
    if (options_.all) check_outputs(pages, {});
    for (Asked& asked : asked_) load(asked);
    for (Asked& asked : asked_) report(asked, reported(asked));
    if (options_.all) {
      write_whole({output_file(pages[0], index_page(reports_)), output_file(pages[1], fidelity_page(reports_))});
      for (const fs::path& page : pages) write_to(STDOUT_FILENO, printable(page.string()) + '\n');
    }
    conclude();
  }

 private:
  /// Bad input of one figure does not keep the others from being drawn, where several were asked for.
  bool alone() const { return asked_.size() == 1; }

  void load(Asked& asked) {
    asked.standing = standing_of(asked.file, folder_, digests_);
    if (asked.standing == Standing::data_and_pictures) return;
    try {
      asked.figure = load_figure(asked.file);
      check_outputs(figure_files(asked.figure->name, folder_), asked.figure->files);
      if (asked.standing == Standing::nothing) asked.simulations = simulation_count(*asked.figure);
      simulations_ += asked.simulations;
    } catch (const InputError& error) {
      if (alone()) throw;
      asked.failure = error.what();
    }
  }

  FigureReport reported(Asked& asked) {
    FigureReport report{asked.file.stem(), {}, asked.failure};
    if (!asked.failure.empty()) return report;
    if (asked.standing != Standing::nothing) {
      std::ifstream stream(folder_ / (report.name + ".json"));
      report.document = json::parse(stream);
    } else if (!run(asked, report)) {
      return report;
    }
    if (asked.figure) write(asked, report);
    asked.figure.reset();
    return report;
  }

  /// Returns whether it succeeded.
  bool run(const Asked& asked, FigureReport& report) {
    try {
      report.document = run_figure(*asked.figure, options_.jobs,
                                   [this](const std::vector<PathProgress>& figure) { show_progress(figure.front()); });
    } catch (const std::exception& error) {
      if (alone()) throw;
      report.failure = error.what();
    }
    bar_.clear();
    done_ += asked.simulations;
    return report.failure.empty();
  }

  /// Pictures of older data do not stay beside new ones.
  void write(const Asked& asked, FigureReport& report) {
    const std::vector<OutputFile> data = data_files(*asked.figure, report.document, folder_);
    std::vector<OutputFile> outputs = data;
    try {
      std::ranges::copy(drawn_files(*asked.figure, report.document, folder_), std::back_inserter(outputs));
    } catch (const std::exception& error) {
      undrawn_[error.what()].push_back(in_quotes(report.name));
      report.drawn = false;
    }
    OutputFile manifest = manifest_file(*asked.figure, outputs, folder_, digests_);
    if (asked.standing == Standing::data) outputs.erase(outputs.begin(), outputs.begin() + std::ssize(data));
    outputs.push_back(std::move(manifest));
    // Where these cannot be written, no other figure's can.
    write_whole(outputs);
    if (report.drawn) return;
    for (const fs::path& picture : picture_files(folder_ / report.name)) fs::remove(picture);
  }

  /// Says what keeps pictures from being drawn, a line for each reason, and throws where anything is missing.
  void conclude() const {
    std::vector<std::string> lines;
    for (const auto& [reason, names] : undrawn_) {
      lines.push_back(fmt::format("no picture of {}: {}", fmt::join(names, ", "), reason));
    }
    const auto failed =
        std::ranges::count_if(reports_, [](const FigureReport& figure) { return figure.document.is_null(); });
    if (failed > 0) lines.push_back(fmt::format("{} of {} figures failed", failed, reports_.size()));
    if (lines.empty()) return;
    for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
      write_to(STDERR_FILENO, fmt::format("cryptopath: {}\n", lines[i]));
    }
    if (failed > 0) throw PartlyFailed(lines.back());
    throw InputError(lines.back());
  }

  void show_progress(const PathProgress& figure) {
    const auto done = static_cast<std::int64_t>(done_) + figure.done.count;
    bar_.draw({{fmt::format("{} of {} simulations, {}", done, simulations_, figure.path), Bytes(done),
                Bytes(static_cast<std::int64_t>(simulations_))}});
  }

  void report(const Asked& asked, const FigureReport& figure) {
    const std::string name = printable(asked.file.stem().string());
    if (figure.document.is_null()) {
      write_to(STDERR_FILENO, fmt::format("cryptopath: figure {} failed: {}\n", name, figure.failure));
    } else {
      std::string text =
          fmt::format("{}\n  {}\n", printable((folder_ / (name + (figure.drawn ? ".svg" : ".csv"))).string()),
                      summary_of(figure.document));
      for (const json& statement : figure.document.at("statements")) {
        if (!statement.at("holds").get<bool>() || !options_.all) text += wrapped(statement_line(statement), 98, "  ");
      }
      write_to(STDOUT_FILENO, text);
    }
    reports_.push_back(figure);
  }

  const FigureOptions& options_;
  fs::path folder_;
  std::map<std::string, std::vector<std::string>> undrawn_;  // figures without a picture, by what kept it away
  ProgressBar bar_;
  Digests digests_;
  std::vector<Asked> asked_;
  std::vector<FigureReport> reports_;
  std::size_t simulations_ = 0;
  std::size_t done_ = 0;
};

void draw_figures(const FigureOptions& options) {
  if (options.names.empty() != options.all) {
    throw InputError(options.all ? "figure: found names beside --all, expected one of the two"
                                 : fmt::format("figure: found no name, expected --all or {}", list_of(figure_names())));
  }
  Figures(options).make();
}

}  // namespace

void add_figure(CLI::App& app) {
  CLI::App* const command = app.add_subcommand(
      "figure", "draw figures of the papers from their scenarios, with what was published and the errors beside it");
  const auto options = std::make_shared<FigureOptions>();
  command->add_option("NAME", options->names, "figures of plots/, or files of figures that end in .json");
  command->add_flag("--all", options->all, "every figure of plots/, and index.html and fidelity.md");
  command->add_option("--out", options->folder, "the folder that the files are left in")
      ->type_name("DIR")
      ->capture_default_str();
  command->add_option("--jobs", options->jobs, "simulations to run at the same time")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1024}))
      ->capture_default_str();
  command->add_flag("--quiet", options->quiet, "no progress bar");
  command->callback([options] { draw_figures(*options); });
}

}  // namespace cryptopath
