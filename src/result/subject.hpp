// What the runs of a scenario have in common, for headings.
#pragma once

#include <string>

#include "cryptopath/scenario.hpp"

namespace cryptopath {

/// The run whose protocol and suite stand for the scenario's: the first that protects, or the first where none does.
const RunSpec& telling_run(const Scenario& scenario);

/// The file's name without its folder, or "a generated file".
std::string file_name(const FileToSend& file);

}  // namespace cryptopath
