// Where results may go. Looked at before a run, which may take long, so that it is not made in vain.
#pragma once

#include <filesystem>
#include <vector>

namespace cryptopath {

/// Throws InputError for an output that write_whole() could not write, as far as that shows beforehand, for one that
/// would replace an input or standard output, and for two outputs that are one file.
void check_outputs(const std::vector<std::filesystem::path>& outputs, const std::vector<std::filesystem::path>& inputs);

}  // namespace cryptopath
