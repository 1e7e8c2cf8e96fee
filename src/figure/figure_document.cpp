#include "figure/figure_document.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "cryptopath/result.hpp"

namespace cryptopath {

namespace {

using nlohmann::json;

/// As messages and documents name it: relative to the data directory where it stands there.
std::string file_name_of(const std::filesystem::path& file) {
  const auto relative = std::filesystem::proximate(file, data_directory());
  return relative.begin()->string() == ".." ? file.string() : relative.string();
}

const json& run_of(const json& result, const std::string& path) {
  const json& runs = result.at("runs");
  for (const json& run : runs) {
    if (path.empty() || run.at("path") == path) return run;
  }
  throw Fault("the runs of a figure are those of its scenario");
}

double sum_of(const json& run, const std::vector<std::string>& pointers) {
  double sum = 0;
  for (const std::string& text : pointers) {
    const json::json_pointer pointer(text);
    if (!run.contains(pointer) || !run.at(pointer).is_number()) {
      throw InputError(fmt::format("found no number at {} in the result of {}, expected one", in_quotes(text),
                                   in_quotes(run.at("path").get<std::string>())));
    }
    sum += run.at(pointer).get<double>();
  }
  return sum;
}

double value_of(const FigureValue& value, const json& result) {
  const double above = sum_of(run_of(result, value.run), value.of);
  const double below = value.per.empty() ? 1 : sum_of(run_of(result, value.per_run), value.per);
  if (below == 0) {
    throw InputError(
        fmt::format("found {} per {}, which is 0", fmt::join(value.of, " + "), fmt::join(value.per, " + ")));
  }
  const double number = above / below * value.times + value.plus;
  if (!std::isfinite(number)) {
    throw InputError(fmt::format("found {} times {}, plus {}, expected a result that a number can hold", above / below,
                                 value.times, value.plus));
  }
  return number;
}

class FigureDocument {
 public:
  FigureDocument(const Figure& figure, const std::vector<json>& results) : figure_(figure) {
    ensure(results.size() == figure.runs.size(), "each run of a figure has a result");
    for (std::size_t i = 0; i < results.size(); ++i) check_served(figure.runs[i], results[i]);
    for (const FigurePoint& point : figure.points) {
      const FigureSeries& series = figure.series[point.series];
      try {
        add(series.name, point, value_of(series.value, results[point.run]));
      } catch (const InputError& error) {
        throw InputError(fmt::format("figure {}, {} at {}: {}", figure.name, in_quotes(series.name),
                                     in_quotes(figure.xs[point.x].x), error.what()));
      }
    }
    for (const FigureAlias& alias : figure.aliases) {
      add(alias.series, {alias.of, alias.x, 0}, *y_at(alias.of, alias.x));
    }
  }

  json whole(const std::vector<json>& results) const {
    json runs = json::array();
    for (std::size_t i = 0; i < results.size(); ++i) {
      runs.push_back(
          {{"file", file_name_of(figure_.runs[i].file)}, {"set", figure_.runs[i].set}, {"result", results[i]}});
    }
    return {{"format", "cryptopath-figure-result-1"},
            {"version", version()},
            {"name", figure_.name},
            {"title", figure_.title},
            {"source", figure_.source},
            {"points", points_},
            {"unmodelled", unmodelled()},
            {"errors", {{"fitted", errors(true)}, {"predicted", errors(false)}}},
            {"statements", statements()},
            {"runs", std::move(runs)}};
  }

 private:
  static void check_served(const FigureRun& run, const json& result) {
    for (const json& one : result.at("runs")) {
      if (!one.contains("refusal")) continue;
      throw InputError(
          fmt::format("{} with {}: {}", file_name_of(run.file), run.set.dump(), one.at("refusal").get<std::string>()));
    }
  }

  void add(const std::string& series, const FigurePoint& point, double y) {
    const FigureX& x = figure_.xs[point.x];
    const std::string& unit = figure_.series[point.series].unit;
    json one = {{"series", series}, {"x_name", x.name}, {"x", x.x}, {"y", y}, {"unit", unit}};
    const auto same = [&](const PublishedValue& value) {
      return value.series == series && value.x == x.x && value.unit == unit;
    };
    const auto found = std::ranges::find_if(figure_.published, same);
    if (found != figure_.published.end()) {
      one["published"] = found->y;
      if (found->y != 0) {
        one["error"] = y / found->y - 1;
      } else {
        one["error"] = y == 0 ? json(0.0) : json();  // none is relative to nothing
      }
      one["fitted"] = figure_.fitted.contains({series, x.x});
    }
    points_.push_back(std::move(one));
  }

  std::optional<double> y_at(std::size_t series, std::size_t x) const {
    for (std::size_t i = 0; i < figure_.points.size(); ++i) {
      if (figure_.points[i].series == series && figure_.points[i].x == x) return points_[i].at("y").get<double>();
    }
    return std::nullopt;
  }

  json unmodelled() const {
    json values = json::array();
    for (const PublishedValue& value : figure_.published) {
      const auto same = [&](const json& point) {
        return point.at("series") == value.series && point.at("x") == value.x && point.at("unit") == value.unit;
      };
      if (std::ranges::any_of(points_, same)) continue;
      values.push_back({{"series", value.series},
                        {"x_name", value.x_name},
                        {"x", value.x},
                        {"published", value.y},
                        {"unit", value.unit}});
    }
    return values;
  }

  json errors(bool fitted) const {
    std::vector<double> found;
    for (const json& point : points_) {
      if (!point.contains("error") || point.at("fitted") != fitted) continue;
      const json& error = point.at("error");
      found.push_back(error.is_number() ? error.get<double>() : std::numeric_limits<double>::infinity());
    }
    if (found.empty()) return {{"cells", 0}};
    std::ranges::sort(found, {}, [](double error) { return std::abs(error); });
    const std::size_t half = found.size() / 2;
    const double upper = std::abs(found[half]);
    const double median = found.size() % 2 == 1 ? upper : (std::abs(found[half - 1]) + upper) / 2;
    // JSON has no infinity: null stands for it.
    const auto finite = [](double error) { return std::isfinite(error) ? json(error) : json(); };
    return {{"cells", found.size()}, {"median", finite(median)}, {"largest", finite(found.back())}};
  }

  std::optional<double> ratio_at(const StatementPoints& of, const std::optional<StatementPoints>& per,
                                 std::size_t x) const {
    const auto above = y_at(of.series, of.x.value_or(x));
    if (!per) return above;
    const auto below = y_at(per->series, per->x.value_or(x));
    if (!above || !below) return std::nullopt;
    return *above / *below;
  }

  /// What a statement is about: one number, or one at each x that its series have.
  std::vector<double> numbers_of(const FigureStatement& statement) const {
    std::vector<double> numbers;
    for (std::size_t x = 0; x < figure_.xs.size(); ++x) {
      const auto ratio = ratio_at(statement.of, statement.per, x);
      std::optional<double> beside = 1;
      if (statement.beside_of) beside = ratio_at(*statement.beside_of, statement.beside_per, x);
      if (ratio && beside) numbers.push_back(*ratio / *beside);
      const bool one = statement.of.x && (!statement.per || statement.per->x);
      if (one) break;
    }
    return numbers;
  }

  json statements() const {
    json all = json::array();
    for (const FigureStatement& statement : figure_.statements) {
      const std::vector<double> numbers = numbers_of(statement);
      if (numbers.empty())
        throw InputError(fmt::format("found no point for {}, expected one", in_quotes(statement.says)));
      const auto [least, most] = std::ranges::minmax(numbers);
      // Not a number, of nothing per nothing, holds nothing.
      const bool holds = (!statement.at_least || least >= *statement.at_least) &&
                         (!statement.at_most || most <= *statement.at_most) && std::isfinite(least + most);
      json one = {
          {"says", statement.says}, {"holds", holds}, {"least", least}, {"most", most}, {"fitted", statement.fitted}};
      if (statement.at_least) one["at_least"] = *statement.at_least;
      if (statement.at_most) one["at_most"] = *statement.at_most;
      all.push_back(std::move(one));
    }
    return all;
  }

  const Figure& figure_;
  json points_ = json::array();
};

}  // namespace

json figure_document(const Figure& figure, const std::vector<json>& results) {
  return FigureDocument(figure, results).whole(results);
}

}  // namespace cryptopath
