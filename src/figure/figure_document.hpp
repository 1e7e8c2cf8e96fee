// What came of a figure: its points with what was published of them and the errors, its statements, and the runs
// themselves. Table, CSV, picture and fidelity page are all made from this one document, fresh or read back.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "scenario/figure_file.hpp"

namespace cryptopath {

/// The document of a figure whose runs have these result documents (to_json of a scenario or workload), in their order:
/// {"format": "cryptopath-figure-result-1", "name", "title", "source", "version",
///  "points": [{"series", "x_name", "x", "y", "unit", and where one was published "published", "error", "fitted"}],
///  "unmodelled": [{"series", "x_name", "x", "published", "unit"} of what was published and has no point],
///  "errors": {"fitted": {"cells", "median", "largest"}, "predicted": ...},
///  "statements": [{"says", "holds", "least", "most"}], "runs": [{"file", "set", "result"}]}
/// Errors are relative to what was published in the same unit, null where that is 0 and the value is not; the median is
/// of their amounts, the largest keeps its sign. Throws
/// InputError for a value that a run has not, and for a run that the kernel refused.
nlohmann::json figure_document(const Figure& figure, const std::vector<nlohmann::json>& results);

}  // namespace cryptopath
