#include "figure/chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>

#include "figure/gnuplot.hpp"
#include "figure/template.hpp"

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
  const std::string y_label = panel.unit.empty() ? panel.label : fmt::format("{}, {}", panel.label, panel.unit);
  return fmt::format(
      "y_label = {}\ny_log = {}\nleast = {}\nmost = {}\npublished = {}\n{}{}array x_values[{}] = [{}]\n$data << "
      "END\n{}END\n",
      gnuplot_string(y_label), panel.logarithmic ? 1 : 0, least, most, any_published ? 1 : 0,
      gnuplot_array("series_names", names), gnuplot_array("x_labels", labels), labels.size(), positions, rows);
}

}  // namespace

std::string chart_script(const Figure& figure, const json& document) {
  std::string script =
      fmt::format("figure_title = {}\nfigure_source = {}\nx_label = {}\nx_log = {}\npanel_count = {}\n",
                  gnuplot_string(figure.title), gnuplot_string(figure.source), gnuplot_string(figure.x_label),
                  figure.logarithmic_x ? 1 : 0, figure.panels.size());
  script += template_text(data_directory() / "plots" / "figure.gnuplot");
  for (std::size_t i = 0; i < figure.panels.size(); ++i) {
    script += fmt::format("panel = {}\n", i + 1) + panel_data(figure, figure.panels[i], document) +
              template_text(figure.panels[i].template_file);
  }
  return script + "unset multiplot\n";
}

}  // namespace cryptopath
