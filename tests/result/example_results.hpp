// Results made by hand, with numbers that a reader can follow through table and document.
#pragma once

#include "cryptopath/result.hpp"

namespace cryptopath::examples {

/// 1 MB in 122 full buffers of 8 KiB and a rest, in `elapsed`.
Result result(const std::string& path, Nanoseconds elapsed);
/// The same path with an empty file: nothing but what opening and closing take.
Result empty_result(const std::string& path);
/// A scenario whose runs have the results' paths, protecting all but those whose names start with "http".
Scenario scenario_of(const std::vector<Result>& results);

}  // namespace cryptopath::examples
