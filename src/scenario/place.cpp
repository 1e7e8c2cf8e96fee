#include "place.hpp"

#include <fmt/format.h>

#include "cryptopath/errors.hpp"

namespace cryptopath {

std::string to_string(const Pointer& pointer) {
  if (pointer.empty()) return "\"\"";
  std::string text;
  for (const std::string& token : pointer) {
    text += '/';
    for (const char character : token) {
      if (character == '~') {
        text += "~0";
      } else if (character == '/') {
        text += "~1";
      } else {
        text += character;
      }
    }
  }
  return printable(text);
}

std::string error_line(std::string_view place, const Pointer& pointer, std::string_view found,
                       std::string_view expected) {
  return fmt::format("{}: {}: found {}, expected {}", place, to_string(pointer), found, expected);
}

}  // namespace cryptopath
