// Where in a JSON document something stands, and the one line that every error about it is.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cryptopath {

/// The tokens of a JSON pointer (RFC 6901), unescaped.
using Pointer = std::vector<std::string>;

/// As messages show it: "/file/size", or "\"\"" for the whole document.
std::string to_string(const Pointer& pointer);

/// "PLACE: POINTER: found ..., expected ..."
std::string error_line(std::string_view place, const Pointer& pointer, std::string_view found,
                       std::string_view expected);

}  // namespace cryptopath
