// Tables of published numbers, as plots/published/ holds them.
#pragma once

#include <filesystem>
#include <vector>

#include "cryptopath/workload.hpp"
#include "document.hpp"

namespace cryptopath {

/// Reads the table that the text of `reference` names: one of plots/published/, or a path that ends in .csv, relative
/// to the folder of the file that the reference stands in. Adds the file to `files`. Throws InputError, at the
/// reference for a table that is not there, and with file and line for what is wrong inside.
std::vector<PublishedValue> read_published(const Node& reference, std::vector<std::filesystem::path>& files);

}  // namespace cryptopath
