#include "cli/minimise.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "cryptopath/errors.hpp"

using namespace cryptopath;

namespace {

/// Least at 300 and 0.02, in steps as a simulation's rates have them.
double stepped_valley(const std::vector<double>& numbers) {
  const double first = std::log(numbers[0] / 300);
  const double second = std::log(numbers[1] / 0.02);
  return std::floor(1e5 * (first * first + second * second + 1.5 * first * second)) / 1e5;
}

const std::vector<SearchedNumber> numbers = {{.start = 50, .from = 10, .to = 1000},
                                             {.start = 0.1, .from = 0.001, .to = 1}};

}  // namespace

TEST_CASE("the search finds the least value of a function that goes in steps") {
  const std::vector<double> found = minimise(numbers, 400, stepped_valley);
  REQUIRE(found.size() == 2);
  CHECK(found[0] == Approx(300).epsilon(0.01));
  CHECK(found[1] == Approx(0.02).epsilon(0.01));
  CHECK(minimise(numbers, 400, stepped_valley) == found);
}

TEST_CASE("the search starts at the start and keeps to its bounds and its number of calls") {
  std::vector<std::vector<double>> calls;
  const std::vector<double> found = minimise(numbers, 37, [&calls](const std::vector<double>& place) {
    calls.push_back(place);
    return -place[0] * place[1];  // least in a corner
  });
  REQUIRE(!calls.empty());
  CHECK(calls.size() <= 37);
  CHECK(calls.front()[0] == Approx(50));
  CHECK(calls.front()[1] == Approx(0.1));
  for (const auto& place : calls) {
    for (std::size_t i = 0; i < 2; ++i) CHECK((place[i] >= numbers[i].from && place[i] <= numbers[i].to));
  }
  CHECK(found[0] == Approx(1000));
  CHECK(found[1] == Approx(1));
}

TEST_CASE("what the function throws ends the search") {
  int calls = 0;
  const auto fail_late = [&calls](const std::vector<double>& place) {
    if (++calls == 3) throw InputError("the third");
    return place[0];
  };
  CHECK_THROWS_WITH(minimise(numbers, 400, fail_late), "the third");
  CHECK_THROWS_AS(minimise(numbers, 400, [](const auto&) -> double { throw InputError("x"); }), InputError);
  CHECK(calls == 3);
}
