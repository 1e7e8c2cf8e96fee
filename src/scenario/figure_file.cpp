#include "figure_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "fit.hpp"
#include "library.hpp"
#include "names.hpp"
#include "published.hpp"
#include "schema.hpp"

namespace cryptopath {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* figures = "plots";
constexpr const char* templates = "plots/templates";

/// A file that `reference` names by a path relative to its own.
fs::path file_of(const Node& reference, const char* kind) {
  const fs::path path = reference.document().folder() / reference.text();
  if (const auto found = obstacle(path)) {
    reference.reject(fmt::format("{}, {}", in_quotes(reference.text()), *found), kind);
  }
  return path.lexically_normal();
}

fs::path template_of(const Node& reference) {
  const std::string& text = reference.text();
  if (text.ends_with(".gnuplot")) return file_of(reference, "a gnuplot file");
  const std::vector<std::string> known = names_in(data_directory() / templates, ".gnuplot");
  if (std::ranges::find(known, text) == known.end()) {
    reference.reject("the unknown template " + in_quotes(text), expected_name(text, known));
  }
  return data_directory() / templates / (text + ".gnuplot");
}

std::vector<std::string> texts_of(const Node& list) {
  std::vector<std::string> texts;
  for (const Node& element : list.children()) texts.push_back(element.text());
  return texts;
}

/// JSON pointers, as RFC 6901 writes them.
std::vector<std::string> pointers_of(const Node& list) {
  for (const Node& element : list.children()) {
    try {
      (void)json::json_pointer(element.text());
    } catch (const json::parse_error&) {
      element.reject("a JSON pointer such as \"/throughput_mbit_s\"");
    }
  }
  return texts_of(list);
}

FigureValue read_value(const Node& node) {
  FigureValue value;
  value.of = pointers_of(node.at("of"));
  if (node.has("run")) value.run = node.at("run").text();
  if (node.has("per")) value.per = pointers_of(node.at("per"));
  value.per_run = node.has("per_run") ? node.at("per_run").text() : value.run;
  value.times = node.at("times").value().get<double>();
  value.plus = node.at("plus").value().get<double>();
  return value;
}

template <class Items, class Name>
std::size_t index_of(const Node& reference, const Items& items, const char* what, Name name) {
  const std::string& text = reference.text();
  const auto found = std::ranges::find(items, text, name);
  if (found != items.end()) return static_cast<std::size_t>(found - items.begin());
  std::vector<std::string> known;
  for (const auto& item : items) known.push_back(item.*name);
  reference.reject(fmt::format("the unknown {} {}", what, in_quotes(text)), expected_name(text, known));
}

class FigureReader {
 public:
  explicit FigureReader(const fs::path& file) : document_(file, file.string()), root_(document_) {
    const Schema schema("figure");
    schema.check(document_);
    document_.complete([&schema](json& root) { schema.fill_defaults(root); });
    figure_.name = file.stem().string();
    figure_.title = root_.at("title").text();
    figure_.source = root_.at("source").text();
    if (root_.has("published")) figure_.published = read_published(root_.at("published"), figure_.files);
    if (root_.has("fit")) read_fit();
    for (const Node& cell : root_.at("fitted").children()) read_fitted(cell);
    read_xs();
    for (const Node& panel : root_.at("panels").children()) read_panel(panel);
    for (const Node& alias : root_.at("also").children()) read_alias(alias);
    check_units();
    for (const Node& statement : root_.at("statements").children()) read_statement(statement);
    for (const fs::path& read : document_.files_read()) figure_.files.push_back(read);
    figure_.files.push_back(data_directory() / figures / "figure.gnuplot");
    for (const std::string& name : names_in(data_directory() / "schemas", ".json")) {
      figure_.files.push_back(data_directory() / "schemas" / (name + ".json"));
    }
  }

  Figure take() { return std::move(figure_); }

 private:
  void read_fit() {
    const Fit fit = load_fit(file_of(root_.at("fit"), "a fit file"));
    for (const auto* files : {&fit.document.files_read(), &fit.workloads}) {
      figure_.files.insert(figure_.files.end(), files->begin(), files->end());
    }
    if (!root_.has("published")) return;
    for (const GivenCell& cell : given_cells(fit, {})) {
      if (cell.table == root_.at("published").text()) {
        figure_.fitted.emplace(fmt::format("{} threads", cell.spec.threads), std::to_string(cell.spec.request.count));
      }
    }
  }

  void read_fitted(const Node& cell) {
    const std::string& series = cell.at("series").text();
    const std::string& x = cell.at("x").text();
    const auto same = [&](const PublishedValue& value) { return value.series == series && value.x == x; };
    if (std::ranges::none_of(figure_.published, same)) {
      cell.reject(fmt::format("{} at {}, which the published table has not", in_quotes(series), in_quotes(x)),
                  "a cell of it");
    }
    figure_.fitted.emplace(series, x);
  }

  void read_xs() {
    const Node x = root_.at("x");
    figure_.x_label = x.at("label").text();
    figure_.logarithmic_x = x.at("scale").text() == "log";
    for (const Node& point : x.at("points").children()) {
      FigureX one;
      one.x = point.at("x").text();
      one.name = point.has("name") ? point.at("name").text() : x.at("name").text();
      one.label = point.has("label") ? point.at("label").text() : one.x;
      if (std::ranges::find(figure_.xs, one.x, &FigureX::x) != figure_.xs.end()) {
        point.at("x").reject(in_quotes(one.x) + " a second time", "it once");
      }
      figure_.xs.push_back(std::move(one));
    }
  }

  void read_panel(const Node& node) {
    FigurePanel panel;
    panel.template_file = template_of(node.at("template"));
    figure_.files.push_back(panel.template_file);
    panel.label = node.at("label").text();
    panel.unit = node.at("unit").text();
    panel.logarithmic = node.at("scale").text() == "log";
    panel.height = node.at("height").value().get<double>();
    for (const Node& series : node.at("series").children()) {
      panel.series.push_back(figure_.series.size());
      read_series(series, panel.unit);
    }
    figure_.panels.push_back(std::move(panel));
  }

  void read_series(const Node& node, const std::string& unit) {
    FigureSeries series;
    series.name = node.at("name").text();
    series.unit = unit;
    if (std::ranges::find(figure_.series, series.name, &FigureSeries::name) != figure_.series.end()) {
      node.at("name").reject(in_quotes(series.name) + " a second time", "it once");
    }
    const Node& holder = node.has("value") ? node : root_;
    if (!holder.has("value")) node.reject("also the key \"value\", where the figure has none");
    series.value = read_value(holder.at("value"));
    const std::size_t index = figure_.series.size();
    figure_.series.push_back(std::move(series));
    if (!node.has("at")) {
      for (std::size_t x = 0; x < figure_.xs.size(); ++x) add_point(node, index, x);
      return;
    }
    for (const Node& at : node.at("at").children()) {
      add_point(node, index, index_of(at, figure_.xs, "x", &FigureX::x));
    }
  }

  void add_point(const Node& series, std::size_t index, std::size_t x) {
    const Node& holder = series.has("scenario") ? series : root_;
    if (!holder.has("scenario")) series.reject("also the key \"scenario\", where the figure has none");
    const Node point = root_.at("x").at("points").children()[x];
    json set = root_.at("set").value();
    set.update(series.at("set").value());
    set.update(point.at("set").value());
    const std::size_t run = run_of(holder.at("scenario"), set, point);
    check_runs(series, figure_.series[index].value, figure_.runs[run]);
    const auto same = [&](const FigurePoint& other) { return other.series == index && other.x == x; };
    if (std::ranges::any_of(figure_.points, same)) series.at("at").reject("each x once");
    figure_.points.push_back({index, x, run});
  }

  /// The run of the scenario with these settings, which a point may have made already.
  std::size_t run_of(const Node& scenario, const json& set, const Node& point) {
    const fs::path file = file_of(scenario, "a scenario or workload file");
    const auto [known, fresh] = run_by_key_.try_emplace(file.string() + '\n' + set.dump(), figure_.runs.size());
    if (!fresh) return known->second;
    Overrides overrides;
    for (const auto& [pointer, value] : set.items()) overrides.set.emplace_back(pointer, value.dump());
    try {
      figure_.runs.push_back({file, set, load(file, overrides)});
    } catch (const InputError& error) {
      throw InputError(
          fmt::format("{}: {}: {}", document_.place(point.pointer()), to_string(point.pointer()), error.what()));
    }
    return known->second;
  }

  std::variant<Scenario, Workload> load(const fs::path& file, const Overrides& overrides) {
    const auto keep = [this](const std::vector<fs::path>& read) {
      figure_.files.insert(figure_.files.end(), read.begin(), read.end());
    };
    if (is_workload(file)) {
      Workload workload = load_workload(file, overrides);
      keep(workload.files);
      if (workload.cells.size() == 1) return workload;
      throw InputError(fmt::format("found a workload of {} cells, expected one for a point", workload.cells.size()));
    }
    Scenario scenario = load_scenario(file, overrides);
    keep(scenario.files);
    for (const RunSpec& run : scenario.runs) {
      if (run.payload == Payload::modelled) continue;
      throw InputError("found a real payload, expected a modelled one: \"set\": {\"/payload\": \"modelled\"} would do");
    }
    return scenario;
  }

  static void check_runs(const Node& series, const FigureValue& value, const FigureRun& run) {
    const auto* const scenario = std::get_if<Scenario>(&run.subject);
    std::vector<std::string> known;
    if (scenario != nullptr) {
      for (const RunSpec& spec : scenario->runs) known.push_back(spec.program.name);
    }
    for (const std::string& name : {value.run, value.per_run}) {
      if (name.empty() ? known.size() <= 1 : std::ranges::find(known, name) != known.end()) continue;
      series.reject(name.empty() ? "a value that names no run" : "the unknown run " + in_quotes(name),
                    known.empty() ? "none: a cell has no paths" : expected_name(name, known));
    }
  }

  void read_alias(const Node& node) {
    FigureAlias alias;
    alias.series = node.at("series").text();
    alias.of = index_of(node.at("of"), figure_.series, "series", &FigureSeries::name);
    alias.x = index_of(node.at("x"), figure_.xs, "x", &FigureX::x);
    check_point(node.at("x"), alias.of, alias.x);
    figure_.aliases.push_back(std::move(alias));
  }

  /// A published value of a point is in the unit of the point's panel: in another one it could not be compared.
  void check_units() const {
    for (const FigurePoint& point : figure_.points) {
      check_unit(figure_.series[point.series].name, figure_.xs[point.x].x, figure_.series[point.series].unit);
    }
    for (const FigureAlias& alias : figure_.aliases) {
      check_unit(alias.series, figure_.xs[alias.x].x, figure_.series[alias.of].unit);
    }
  }

  void check_unit(const std::string& series, const std::string& x, const std::string& unit) const {
    const PublishedValue* other = nullptr;
    for (const PublishedValue& value : figure_.published) {
      if (value.series != series || value.x != x) continue;
      if (value.unit == unit) return;
      other = &value;
    }
    if (other == nullptr) return;
    throw InputError(fmt::format("{}: found the unit {}, expected {} as the panel of {} has it", other->place,
                                 in_quotes(other->unit), in_quotes(unit), in_quotes(series)));
  }

  void check_point(const Node& x, std::size_t series, std::size_t index) const {
    const auto same = [&](const FigurePoint& point) { return point.series == series && point.x == index; };
    if (std::ranges::none_of(figure_.points, same)) {
      x.reject(fmt::format("{}, where {} has no point", in_quotes(x.text()), in_quotes(figure_.series[series].name)),
               "an x of its points");
    }
  }

  StatementPoints read_points(const Node& node) const {
    StatementPoints points;
    points.series = index_of(node.at("series"), figure_.series, "series", &FigureSeries::name);
    if (!node.has("x")) return points;
    points.x = index_of(node.at("x"), figure_.xs, "x", &FigureX::x);
    check_point(node.at("x"), points.series, *points.x);
    return points;
  }

  void read_statement(const Node& node) {
    FigureStatement statement;
    statement.says = node.at("says").text();
    statement.of = read_points(node.at("of"));
    if (node.has("per")) statement.per = read_points(node.at("per"));
    if (node.has("beside")) {
      statement.beside_of = read_points(node.at("beside").at("of"));
      statement.beside_per = read_points(node.at("beside").at("per"));
    }
    statement.fitted = node.at("fitted").value().get<bool>();
    if (node.has("at_least")) statement.at_least = node.at("at_least").value().get<double>();
    if (node.has("at_most")) statement.at_most = node.at("at_most").value().get<double>();
    if (!statement.at_least && !statement.at_most) node.reject("also the key \"at_least\" or \"at_most\"");
    if (statement.at_least && statement.at_most && *statement.at_least > *statement.at_most) {
      node.at("at_most").reject(fmt::format("at least {}", *statement.at_least));
    }
    figure_.statements.push_back(std::move(statement));
  }

  Document document_;
  Node root_;
  Figure figure_;
  std::map<std::string, std::size_t> run_by_key_;
};

}  // namespace

bool is_figure(const fs::path& file) { return says_kind(file, "figure"); }

std::vector<std::string> figure_names() { return names_in(data_directory() / figures, ".json"); }

fs::path figure_file(const std::string& text) {
  if (text.ends_with(".json")) return text;
  const std::vector<std::string> known = figure_names();
  if (std::ranges::find(known, text) == known.end()) {
    throw InputError(
        fmt::format("found the unknown figure {}, expected {}", in_quotes(text), expected_name(text, known)));
  }
  return data_directory() / figures / (text + ".json");
}

Figure load_figure(const fs::path& file) { return FigureReader(file).take(); }

}  // namespace cryptopath
