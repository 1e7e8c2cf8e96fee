// Parsing of JSON text that notes lines and refuses what nlohmann's own parser would let through: duplicate keys,
// bottomless nesting, endless names.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "place.hpp"

namespace cryptopath {

/// The line of each value in a JSON text: that of the key for an object's member.
struct Lines {
  std::size_t line = 1;
  std::string key;  // of an object's member
  bool array = false;
  std::vector<Lines> children;
  // Of an object or array: its text is [begin, end).
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// The member or element of `parent` that a token of a pointer names, or nullptr.
const Lines* child_of(const Lines& parent, const std::string& token);

/// Throws InputError, its message starting with `name` and a line, for what is no acceptable JSON. `at` is where in a
/// document the text will stand.
Lines lines_of(std::string_view text, const std::string& name, const Pointer& at = {});

}  // namespace cryptopath
