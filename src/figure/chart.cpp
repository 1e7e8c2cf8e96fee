#include "figure/chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "figure/gnuplot.hpp"
#include "figure/template.hpp"
#include "result/human.hpp"

namespace cryptopath {

namespace {

using nlohmann::json;

using Number = std::optional<double>;

/// What the document has at `key` of a point.
Number number_at(const json& document, const std::string& series, const std::string& x, const char* key) {
  for (const json& point : document.at("points")) {
    if (point.at("series") == series && point.at("x") == x && point.contains(key)) return point.at(key).get<double>();
  }
  return std::nullopt;
}

Number published_at(const Figure& figure, const json& document, std::size_t series, const FigureX& x) {
  Number number = number_at(document, figure.series[series].name, x.x, "published");
  // Under another name it is of the same bar.
  for (const FigureAlias& alias : figure.aliases) {
    if (!number && alias.of == series && figure.xs[alias.x].x == x.x) {
      number = number_at(document, alias.series, x.x, "published");
    }
  }
  return number;
}

/// The largest value of the model in a series.
Number most_of(const json& document, const std::string& series) {
  Number most;
  for (const json& point : document.at("points")) {
    if (point.at("series") == series) most = std::max(most.value_or(point.at("y")), point.at("y").get<double>());
  }
  return most;
}

std::string text_of(Number number) { return number ? fmt::format("{}", *number) : "NaN"; }

/// As a number where it is one, for axes that lines are drawn over.
std::string position_of(const FigureX& x) {
  double number = 0;
  const char* const end = x.x.data() + x.x.size();
  const auto [rest, error] = std::from_chars(x.x.data(), end, number);
  return error == std::errc() && rest == end ? fmt::format("{}", number) : "NaN";
}

/// The x at which some series of the panel has a point.
std::vector<const FigureX*> xs_of(const Figure& figure, const FigurePanel& panel) {
  std::vector<const FigureX*> xs;
  for (std::size_t x = 0; x < figure.xs.size(); ++x) {
    const auto here = [&](const FigurePoint& point) {
      return point.x == x && std::ranges::find(panel.series, point.series) != panel.series.end();
    };
    if (std::ranges::any_of(figure.points, here)) xs.push_back(&figure.xs[x]);
  }
  return xs;
}

std::string panel_data(const Figure& figure, const FigurePanel& panel, const json& document) {
  std::vector<std::string> names;
  std::vector<std::string> labels;
  for (const std::size_t series : panel.series) names.push_back(figure.series[series].name);
  std::string positions;
  std::string rows;
  double least = std::numeric_limits<double>::infinity();
  double most = -least;
  bool any_published = false;
  std::vector<std::string> most_of_series;
  const auto add = [&](Number number) {
    rows += ' ' + text_of(number);
    least = std::min(least, number.value_or(least));
    most = std::max(most, number.value_or(most));
  };
  for (const FigureX* x : xs_of(figure, panel)) {
    labels.push_back(x->label);
    positions += (positions.empty() ? "" : ", ") + position_of(*x);
    rows += position_of(*x);
    for (const std::string& name : names) add(number_at(document, name, x->x, "y"));
    for (const std::size_t series : panel.series) {
      const Number published = published_at(figure, document, series, *x);
      any_published = any_published || published.has_value();
      add(published);
    }
    rows += '\n';
  }
  for (const std::string& name : names) most_of_series.push_back(text_of(most_of(document, name)));
  const std::string y_label = panel.unit.empty() ? panel.label : fmt::format("{}, {}", panel.label, panel.unit);
  return fmt::format(
      "y_label = {}\ny_log = {}\nleast = {}\nmost = {}\npublished = {}\n{}array series_most[{}] = [{}]\n{}array "
      "x_values[{}] = [{}]\n$data << END\n{}END\n",
      gnuplot_string(y_label), panel.logarithmic ? 1 : 0, least, most, any_published ? 1 : 0,
      gnuplot_array("series_names", names), names.size(), fmt::join(most_of_series, ", "),
      gnuplot_array("x_labels", labels), labels.size(), positions, rows);
}

/// What was published and is not modelled, in lines as wide as the picture.
std::vector<std::string> notes_of(const json& document) {
  std::string text;
  for (const json& value : document.at("unmodelled")) {
    const auto at = [&value](const char* key) { return value.at(key).get<std::string>(); };
    text += fmt::format("{}{}{} {:.4g} {}", text.empty() ? "published, not modelled: " : "; ", at("series"),
                        at("x").empty() ? "" : " at " + at("x") + ':', value.at("published").get<double>(), at("unit"));
  }
  std::istringstream wide(wrapped(text, 110, ""));
  std::vector<std::string> lines;
  for (std::string line; std::getline(wide, line);) lines.push_back(line);
  return lines;
}

std::string heights_of(const Figure& figure) {
  std::vector<double> heights;
  for (const FigurePanel& panel : figure.panels) heights.push_back(panel.height);
  return fmt::format("array panel_heights[{}] = [{}]\n", heights.size(), fmt::join(heights, ", "));
}

}  // namespace

std::string chart_script(const Figure& figure, const json& document) {
  std::string script =
      fmt::format("figure_title = {}\nfigure_source = {}\nx_label = {}\nx_log = {}\n", gnuplot_string(figure.title),
                  gnuplot_string(figure.source), gnuplot_string(figure.x_label), figure.logarithmic_x ? 1 : 0);
  script += heights_of(figure) + gnuplot_array("notes", notes_of(document));
  script += load_command(data_directory() / "plots" / "figure.gnuplot");
  for (std::size_t i = 0; i < figure.panels.size(); ++i) {
    script += fmt::format("panel = {}\n", i + 1) + panel_data(figure, figure.panels[i], document) +
              load_command(figure.panels[i].template_file);
  }
  return script + "unset multiplot\n";
}

}  // namespace cryptopath
