// What a fit found, for a person.
#pragma once

#include <string>
#include <vector>

#include "scenario/fit.hpp"

namespace cryptopath {

/// Models with certain values of the free numbers, and the rates that they give.
struct FitPoint {
  std::vector<std::string> values;  // one a free number
  std::vector<double> rates;        // one a given cell, in Mbit/s
};

/// How far a rate is above, or below 0 under, the published one, as a share of that.
double error_of(const GivenCell& cell, double rate);

/// The root mean square of the cells' relative errors, in which what an error has beyond 5 % counts ten times more: a
/// fit is to bring each cell within 5 %, and then all as near as they come.
double misfit(const std::vector<GivenCell>& cells, const std::vector<double>& rates);

/// The numbers before and after with their bounds, the cells with their errors, and the largest and the median error.
std::string fit_table(const Fit& fit, const std::vector<GivenCell>& cells, const FitPoint& before,
                      const FitPoint& after, bool colour);

}  // namespace cryptopath
