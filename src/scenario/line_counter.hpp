// Parsing of JSON text that notes lines and refuses what nlohmann's own parser would let through: duplicate keys,
// bottomless nesting, endless names.
#pragma once

#include <string>
#include <string_view>

#include "document.hpp"

namespace cryptopath {

/// Throws InputError, its message starting with `name` and a line, for what is no acceptable JSON.
Lines lines_of(std::string_view text, const std::string& name);

/// "" for the whole document, as RFC 6901 writes it, or "/file/size"; escaped for messages.
std::string to_string(const Pointer& pointer);

/// The one line of every error about a place in a file.
std::string error_line(std::string_view place, const Pointer& pointer, std::string_view found,
                       std::string_view expected);

}  // namespace cryptopath
