// Runs the points of a figure and makes its files.
#pragma once

#include <cstddef>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/children.hpp"
#include "cli/manifest.hpp"
#include "scenario/figure_file.hpp"

namespace cryptopath {

/// How many simulations the figure takes.
std::size_t simulation_count(const Figure& figure);

/// Simulates all that the figure needs, `jobs` at a time, and returns its document. `report` is told of one sum.
/// Throws InputError or Fault when one of them fails.
nlohmann::json run_figure(const Figure& figure, std::size_t jobs, const ReportProgress& report);

/// NAME.json and NAME.csv in `folder`, NAME.svg and NAME.png if `draw`, and NAME.sha256 which lists what they were made
/// from and their own digests.
std::vector<OutputFile> figure_outputs(const Figure& figure, const nlohmann::json& document,
                                       const std::filesystem::path& folder, bool draw, Digests& digests);

/// The names of these files.
std::vector<std::filesystem::path> figure_files(const std::string& name, const std::filesystem::path& folder,
                                                bool draw);

/// Whether these files are there and what they were made from has not changed.
bool is_up_to_date(const std::filesystem::path& file, const std::filesystem::path& folder, bool draw, Digests& digests);

}  // namespace cryptopath
