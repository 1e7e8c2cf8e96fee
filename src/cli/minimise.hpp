// The search for the least value of a function of several numbers. The only NLopt.
#pragma once

#include <functional>
#include <vector>

namespace cryptopath {

/// A number that the search may change. All are more than 0.
struct SearchedNumber {
  double start = 0;
  double from = 0;
  double to = 0;
};

/// The numbers for which `function` was least among at most `evaluations` calls; the same for the same function. What
/// `function` throws ends the search and is thrown.
///
/// In the logarithms of the numbers, since costs and rates are wrong by factors, by NLopt's Sbplx (Rowan's Subplex): a
/// simulation's rates go in small steps, as whole nanoseconds and whole requests do, which a search that only compares
/// values passes over and one that models the function by a quadratic, as BOBYQA, takes for its slope. Started again
/// where it ended, until that finds nothing better.
std::vector<double> minimise(const std::vector<SearchedNumber>& numbers, int evaluations,
                             const std::function<double(const std::vector<double>&)>& function);

}  // namespace cryptopath
