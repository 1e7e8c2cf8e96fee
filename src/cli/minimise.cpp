#include "cli/minimise.hpp"

#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>
#include <nlopt.hpp>

namespace cryptopath {

namespace {

struct Search {
  const std::vector<SearchedNumber>* numbers;
  const std::function<double(const std::vector<double>&)>* function;
  std::exception_ptr thrown;

  std::vector<double> numbers_at(const std::vector<double>& logarithms) const {
    std::vector<double> values;
    for (std::size_t i = 0; i < logarithms.size(); ++i) {
      const SearchedNumber& number = (*numbers)[i];
      values.push_back(std::clamp(std::exp(logarithms[i]), number.from, number.to));
    }
    return values;
  }
};

/// NLopt would forget all but the kind of what is thrown through it.
double call(const std::vector<double>& logarithms, std::vector<double>& /*gradient*/, void* data) {
  Search& search = *static_cast<Search*>(data);
  try {
    return (*search.function)(search.numbers_at(logarithms));
  } catch (...) {
    search.thrown = std::current_exception();
    throw nlopt::forced_stop();
  }
}

}  // namespace

std::vector<double> minimise(const std::vector<SearchedNumber>& numbers, int evaluations,
                             const std::function<double(const std::vector<double>&)>& function) {
  std::vector<double> place;
  std::vector<double> least;
  std::vector<double> most;
  std::vector<double> step;
  for (const SearchedNumber& number : numbers) {
    least.push_back(std::log(number.from));
    most.push_back(std::log(number.to));
    place.push_back(std::clamp(std::log(number.start), least.back(), most.back()));
    step.push_back((most.back() - least.back()) / 5);
  }
  Search search{&numbers, &function, {}};
  double least_value = std::numeric_limits<double>::infinity();
  for (int left = evaluations; left > 0;) {
    nlopt::opt optimiser(nlopt::LN_SBPLX, static_cast<unsigned>(numbers.size()));
    optimiser.set_min_objective(call, &search);
    optimiser.set_lower_bounds(least);
    optimiser.set_upper_bounds(most);
    optimiser.set_initial_step(step);
    optimiser.set_maxeval(left);
    optimiser.set_xtol_abs(5e-4);  // what rounding to three digits takes at least
    double value = 0;
    try {
      optimiser.optimize(place, value);
    } catch (const nlopt::forced_stop&) {
      std::rethrow_exception(search.thrown);
    } catch (const nlopt::roundoff_limited&) {
      // Not a failure: no nearer place can be told apart. `place` is the best one.
    }
    // Its steps may have become small too early. Once more with large ones, until that finds nothing better.
    left -= optimiser.get_numevals();
    if (value >= least_value) break;
    least_value = value;
  }
  return search.numbers_at(place);
}

}  // namespace cryptopath
