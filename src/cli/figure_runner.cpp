#include "cli/figure_runner.hpp"

#include <fmt/format.h>

#include "cli/runner.hpp"
#include "cryptopath/simulate.hpp"
#include "figure/chart.hpp"
#include "figure/figure_csv.hpp"
#include "figure/figure_document.hpp"
#include "figure/template.hpp"

namespace cryptopath {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Of one point's scenario or workload: each counts as one, whatever it takes.
std::vector<Simulation> simulations_of(const FigureRun& run) {
  if (const auto* const workload = std::get_if<Workload>(&run.subject)) return simulations_of(*workload);
  std::vector<Simulation> simulations;
  for (const RunSpec& path : std::get<Scenario>(run.subject).runs) {
    simulations.push_back({"path", path.program.name, Bytes(1), [&path](const Progress&) {
                             return simulate(
                                 path, Session{}, [](Bytes) {}, nullptr);
                           }});
  }
  return simulations;
}

json result_document(const FigureRun& run, const std::vector<Result>& results) {
  return std::visit([&results](const auto& subject) { return to_json(subject, results); }, run.subject);
}

std::vector<std::string> names_of(const std::string& figure, bool draw) {
  std::vector<std::string> names = {figure + ".json", figure + ".csv"};
  if (draw) {
    for (const fs::path& file : picture_files(figure)) names.push_back(file);
  }
  return names;
}

}  // namespace

std::size_t simulation_count(const Figure& figure) {
  std::size_t count = 0;
  for (const FigureRun& run : figure.runs) count += simulations_of(run).size();
  return count;
}

json run_figure(const Figure& figure, std::size_t jobs, const ReportProgress& report) {
  std::vector<Simulation> simulations;
  for (const FigureRun& run : figure.runs) {
    for (Simulation& simulation : simulations_of(run)) simulations.push_back(std::move(simulation));
  }
  const auto all = run_in_children(simulations, jobs, [&](const std::vector<PathProgress>& each) {
    Bytes done;
    for (const PathProgress& one : each) done += one.done;
    if (report) report({{figure.name, done, Bytes(std::ssize(each))}});
  });
  std::vector<json> documents;
  auto next = all.begin();
  for (const FigureRun& run : figure.runs) {
    const auto count = static_cast<std::ptrdiff_t>(simulations_of(run).size());
    documents.push_back(result_document(run, {next, next + count}));
    next += count;
  }
  return figure_document(figure, documents);
}

std::vector<OutputFile> figure_outputs(const Figure& figure, const json& document, const fs::path& folder, bool draw,
                                       Digests& digests) {
  std::vector<std::string> contents = {document.dump(1, ' ', false, json::error_handler_t::replace) + '\n',
                                       figure_csv(document)};
  if (draw) {
    for (std::string& picture : draw_both(chart_script(figure, document))) contents.push_back(std::move(picture));
  }
  std::vector<OutputFile> files;
  const std::vector<std::string> names = names_of(figure.name, draw);
  for (std::size_t i = 0; i < names.size(); ++i) {
    files.push_back(output_file(folder / names[i], std::move(contents[i])));
  }
  files.push_back(output_file(folder / (figure.name + ".sha256"), manifest_of(figure.files, files, digests)));
  return files;
}

std::vector<fs::path> figure_files(const std::string& name, const fs::path& folder, bool draw) {
  std::vector<fs::path> files = {folder / (name + ".sha256")};
  for (const std::string& file : names_of(name, draw)) files.push_back(folder / file);
  return files;
}

bool is_up_to_date(const fs::path& file, const fs::path& folder, bool draw, Digests& digests) {
  const std::string name = file.stem();
  return holds(folder / (name + ".sha256"), file, names_of(name, draw), digests);
}

}  // namespace cryptopath
