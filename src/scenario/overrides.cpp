#include "overrides.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "line_counter.hpp"

namespace cryptopath {

namespace {

using nlohmann::json;

Pointer parse_pointer(const std::string& text, const std::string& origin) {
  const auto reject = [&] {
    throw InputError(fmt::format("{}: found {}, expected a JSON pointer such as \"/file/size\"", printable(origin),
                                 in_quotes(text)));
  };
  if (!text.starts_with('/')) reject();
  Pointer pointer;
  try {
    for (json::json_pointer rest(text); !rest.empty(); rest.pop_back()) pointer.push_back(rest.back());
  } catch (const json::parse_error&) {
    reject();
  }
  std::ranges::reverse(pointer);
  return pointer;
}

// A value that is no JSON is a string, so that a shell user need not quote twice. JSON's null is one too: no key takes
// it, and a suite has that name.
json parse_value(const std::string& text, const std::string& origin, const Pointer& at) {
  if (!json::accept(text) || text == "null") return text;
  lines_of(text, origin, at);  // for its checks
  return json::parse(text);
}

}  // namespace

std::vector<std::string> texts_of(const Overrides& overrides) {
  std::vector<std::string> texts;
  for (const auto& [pointer, value] : overrides.set) texts.push_back(fmt::format("{}={}", pointer, value));
  return texts;
}

void apply_settings(Document& scenario, const Overrides& overrides) {
  for (const auto& [pointer, value] : overrides.set) {
    const std::string origin = fmt::format("--set {}={}", pointer, value);
    const Pointer at = parse_pointer(pointer, origin);
    scenario.set(at, parse_value(value, origin, at), origin);
  }
}

void apply_file(Document& scenario, const Overrides& overrides) {
  if (!overrides.file) return;
  for (const auto& [pointer, value] : overrides.set) {
    if (pointer != "/file/size" && pointer != "/file/path") continue;
    throw InputError(fmt::format("--set {}={}: found --file beside it, expected one of the two", printable(pointer),
                                 printable(value)));
  }
  const std::string path = overrides.file->string();
  // As a message would show it, since a file's name need not be Unicode and JSON must be.
  scenario.set({"file", "path"}, printable(path, path.size()), fmt::format("--file {}", path));
  scenario.complete([](json& root) { root.at("file").erase("size"); });
}

}  // namespace cryptopath
