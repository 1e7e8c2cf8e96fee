// What the runs of a scenario, or of a workload, have in common, for headings.
#pragma once

#include <string>
#include <vector>

#include "cryptopath/scenario.hpp"

namespace cryptopath {

/// The run whose protocol and suite stand for the scenario's: the first that protects, or the first where none does.
const RunSpec& telling_run(const Scenario& scenario);

/// A title of at most `width` columns, and under it a line of the settings, which the title knows nothing of.
std::string heading(const std::string& title, const std::vector<std::string>& settings, std::size_t width);

/// The file's name without its folder, or "a generated file".
std::string file_name(const FileToSend& file);

}  // namespace cryptopath
