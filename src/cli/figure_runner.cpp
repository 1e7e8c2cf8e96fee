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

std::vector<std::string> data_names(const std::string& figure) { return {figure + ".json", figure + ".csv"}; }

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

std::vector<OutputFile> data_files(const Figure& figure, const json& document, const fs::path& folder) {
  const std::vector<std::string> names = data_names(figure.name);
  return {
      output_file(folder / names[0], document.dump(1, ' ', false, json::error_handler_t::replace) + '\n'),
      output_file(folder / names[1], figure_csv(document)),
  };
}

std::vector<OutputFile> drawn_files(const Figure& figure, const json& document, const fs::path& folder) {
  const std::vector<fs::path> files = picture_files(folder / figure.name);
  std::vector<std::string> pictures = draw_both(chart_script(figure, document));
  return {output_file(files[0], std::move(pictures[0])), output_file(files[1], std::move(pictures[1]))};
}

OutputFile manifest_file(const Figure& figure, const std::vector<OutputFile>& outputs, const fs::path& folder,
                         Digests& digests) {
  return output_file(folder / (figure.name + ".sha256"), manifest_of(figure.files, outputs, digests));
}

std::vector<fs::path> figure_files(const std::string& name, const fs::path& folder) {
  std::vector<fs::path> files = {folder / (name + ".sha256")};
  for (const std::string& file : data_names(name)) files.push_back(folder / file);
  for (const fs::path& file : picture_files(folder / name)) files.push_back(file);
  return files;
}

Standing standing_of(const fs::path& file, const fs::path& folder, Digests& digests) {
  const std::string name = file.stem();
  const fs::path manifest = folder / (name + ".sha256");
  std::vector<std::string> names = data_names(name);
  if (!holds(manifest, file, names, digests)) return Standing::nothing;
  for (const fs::path& picture : picture_files(name)) names.push_back(picture);
  return holds(manifest, file, names, digests) ? Standing::data_and_pictures : Standing::data;
}

}  // namespace cryptopath
