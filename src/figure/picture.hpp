// The picture of one command's runs: throughput, processor time by class and use of each resource, paths side by side.
#pragma once

#include <filesystem>
#include <vector>

#include "cryptopath/result.hpp"

namespace cryptopath {

/// The files that draw_picture() draws: `basename` with ".svg" and with ".png" put behind it.
std::vector<std::filesystem::path> picture_files(const std::filesystem::path& basename);

/// Draws by gnuplot from plots/run.gnuplot what is to be written to the two files. Throws InputError when gnuplot is
/// missing, Fault when it refuses the template.
std::vector<OutputFile> draw_picture(const Scenario& scenario, const std::vector<Result>& results,
                                     const std::filesystem::path& basename);

}  // namespace cryptopath
