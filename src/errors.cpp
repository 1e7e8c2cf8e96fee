#include "cryptopath/errors.hpp"

#include <fmt/format.h>

#include <boost/algorithm/string/replace.hpp>

namespace cryptopath {

namespace {

bool continues_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

// Keeps the beginning and the end, and no half of a UTF-8 character.
std::string shortened(std::string_view text, std::size_t longest) {
  if (text.size() <= longest) return std::string(text);
  std::size_t head = longest * 2 / 3;
  std::size_t tail = text.size() - longest / 3;
  while (head > 0 && continues_character(text[head])) --head;
  while (tail < text.size() && continues_character(text[tail])) ++tail;
  return std::string(text.substr(0, head)) + "..." + std::string(text.substr(tail));
}

}  // namespace

std::string printable(std::string_view text, std::size_t longest) {
  const std::string escaped = fmt::format("{:?}", shortened(text, longest));
  return boost::algorithm::replace_all_copy(escaped.substr(1, escaped.size() - 2), R"(\")",
                                            R"(")");  // no quotes are around it
}

std::string in_quotes(std::string_view text, std::size_t longest) {
  return fmt::format("{:?}", shortened(text, longest));
}

}  // namespace cryptopath
