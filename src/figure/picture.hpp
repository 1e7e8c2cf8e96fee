// The picture of one command's runs: throughput, processor time by class and use of each resource, paths side by side.
#pragma once

#include <filesystem>
#include <vector>

#include "cryptopath/result.hpp"
#include "figure/template.hpp"

namespace cryptopath {

/// Draws by gnuplot from plots/run.gnuplot what is to be written to picture_files(). Throws InputError when gnuplot is
/// missing, Fault when it refuses the template.
std::vector<OutputFile> draw_picture(const Scenario& scenario, const std::vector<Result>& results,
                                     const std::filesystem::path& basename);

}  // namespace cryptopath
