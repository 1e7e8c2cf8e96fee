// Names that a user may have mistyped.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cryptopath {

/// What an error message expects in the place of `found`: the nearest of the known names, or all of them.
std::string expected_name(std::string_view found, const std::vector<std::string>& known);

/// "\"a\", \"b\""
std::string list_of(const std::vector<std::string>& names);

}  // namespace cryptopath
