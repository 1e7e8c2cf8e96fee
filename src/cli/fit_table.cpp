#include "cli/fit_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "result/human.hpp"
#include "result/layout.hpp"

namespace cryptopath {

namespace {

std::string signed_percent(double share) { return fmt::format("{:+.1f} %", share * 100); }

std::string numbers_table(const Fit& fit, const FitPoint& before, const FitPoint& after, bool colour) {
  std::vector<Row> rows;
  for (std::size_t i = 0; i < fit.free.size(); ++i) {
    const FreeNumber& number = fit.free[i];
    if (i == 0 || number.model != fit.free[i - 1].model) rows.push_back({number.model, {}});
    rows.push_back(
        {number.pointer,
         {before.values[i], after.values[i], number.unit->write(number.from), number.unit->write(number.to)}});
  }
  return lay_out({"before", "after", "from", "to"}, rows, table_width, colour);
}

/// A bound may be all that keeps a number from going further, as it does where rounding would take it there.
std::string numbers_at_bounds(const Fit& fit, const FitPoint& after) {
  std::string text;
  for (std::size_t i = 0; i < fit.free.size(); ++i) {
    const FreeNumber& number = fit.free[i];
    for (const double bound : {number.from, number.to}) {
      if (std::abs(number.unit->read(after.values[i]) / bound - 1) >= 0.005) continue;
      text += fmt::format("{} of {} is at its bound, {}\n", number.pointer, number.model, number.unit->write(bound));
    }
  }
  return text;
}

std::string cells_table(const std::vector<GivenCell>& cells, const FitPoint& before, const FitPoint& after,
                        bool colour) {
  std::vector<Row> rows;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const GivenCell& cell = cells[i];
    if (i == 0 || cell.table != cells[i - 1].table) rows.push_back({cell.table + ", Mbit/s", {}});
    rows.push_back({fmt::format("{} {}, {}", grouped(cell.spec.threads), cell.spec.threads == 1 ? "thread" : "threads",
                                to_string(cell.spec.request)),
                    {rounded(cell.published), rounded(before.rates[i]), signed_percent(error_of(cell, before.rates[i])),
                     rounded(after.rates[i]), signed_percent(error_of(cell, after.rates[i]))}});
  }
  return lay_out({"published", "before", "error", "after", "error"}, rows, table_width, colour);
}

/// "largest error 12.1 %, median 3.2 %"
std::string summary(const std::vector<GivenCell>& cells, const FitPoint& point) {
  std::vector<double> errors;
  for (std::size_t i = 0; i < cells.size(); ++i) errors.push_back(std::abs(error_of(cells[i], point.rates[i])));
  std::ranges::sort(errors);
  const double median = (errors[(errors.size() - 1) / 2] + errors[errors.size() / 2]) / 2;
  return fmt::format("largest error {}, median {}", percent(errors.back()), percent(median));
}

}  // namespace

double error_of(const GivenCell& cell, double rate) { return rate / cell.published - 1; }

double misfit(const std::vector<GivenCell>& cells, const std::vector<double>& rates) {
  constexpr double wanted = 0.05;
  constexpr double weight = 10;
  double sum = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const double error = std::abs(error_of(cells[i], rates[i]));
    const double excess = weight * std::max(0.0, error - wanted);
    sum += error * error + excess * excess;
  }
  return std::sqrt(sum / static_cast<double>(cells.size()));
}

std::string fit_table(const Fit& fit, const std::vector<GivenCell>& cells, const FitPoint& before,
                      const FitPoint& after, bool colour) {
  return cut(fit.title, table_width) + "\n\n" + numbers_table(fit, before, after, colour) +
         numbers_at_bounds(fit, after) + '\n' + cells_table(cells, before, after, colour) +
         fmt::format("before: {}\nafter:  {}\n", summary(cells, before), summary(cells, after));
}

}  // namespace cryptopath
