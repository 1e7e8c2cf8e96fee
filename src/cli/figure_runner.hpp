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

/// NAME.json and NAME.csv in `folder`.
std::vector<OutputFile> data_files(const Figure& figure, const nlohmann::json& document,
                                   const std::filesystem::path& folder);
/// NAME.svg and NAME.png in `folder`. Throws InputError or Fault, with gnuplot's own words, where it draws none.
std::vector<OutputFile> drawn_files(const Figure& figure, const nlohmann::json& document,
                                    const std::filesystem::path& folder);
/// NAME.sha256 in `folder`, which lists what these outputs were made from and their own digests.
OutputFile manifest_file(const Figure& figure, const std::vector<OutputFile>& outputs,
                         const std::filesystem::path& folder, Digests& digests);

/// The names of all these files.
std::vector<std::filesystem::path> figure_files(const std::string& name, const std::filesystem::path& folder);

/// What stands of a figure's files: they are there, and what they were made from has not changed.
enum class Standing { nothing, data, data_and_pictures };
Standing standing_of(const std::filesystem::path& file, const std::filesystem::path& folder, Digests& digests);

}  // namespace cryptopath
