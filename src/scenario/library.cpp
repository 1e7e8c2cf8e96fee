#include "library.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cryptopath/scenario.hpp"
#include "names.hpp"
#include "schema.hpp"

namespace cryptopath {

namespace {

std::vector<std::string> names_on(const Shelf& shelf) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& file : std::filesystem::directory_iterator(data_directory() / shelf.folder, error)) {
    if (file.path().extension() == ".json") names.push_back(file.path().stem().string());
  }
  std::ranges::sort(names);
  return names;
}

std::string format_of(const Shelf& shelf) { return "cryptopath-" + shelf.schema + "-1"; }

/// The shelf whose format a user's own file says it has.
const Shelf& shelf_of(const Document& document, const std::vector<const Shelf*>& shelves) {
  const auto& root = document.root();
  std::vector<std::string> formats;
  for (const Shelf* shelf : shelves) {
    if (root.is_object() && root.contains("format") && root.at("format") == format_of(*shelf)) return *shelf;
    formats.push_back(format_of(*shelf));
  }
  if (shelves.size() == 1) return *shelves.front();  // whose schema then says what is missing
  if (!root.is_object()) Node(document).reject("an object");
  if (!root.contains("format")) Node(document).reject("also the key \"format\"");
  const Node format = Node(document).at("format");
  format.reject(format.value().is_string() ? expected_name(format.text(), formats) : "one of " + list_of(formats));
}

Entry checked(std::string name, const std::vector<const Shelf*>& shelves, Document document) {
  const Shelf& shelf = shelf_of(document, shelves);
  Schema(shelf.schema).check(document);
  return {std::move(name), &shelf, std::move(document)};
}

}  // namespace

Entry open_entry(const Node& reference, const std::vector<const Shelf*>& shelves) {
  const std::string& text = reference.text();
  if (text.ends_with(".json")) {
    const std::filesystem::path path = reference.document().folder() / text;
    if (const auto found = obstacle(path))
      reference.reject(fmt::format("{}, {}", in_quotes(text), *found), "a JSON file");
    return checked(path.stem().string(), shelves, Document(path, path.string(), reference.document()));
  }
  std::vector<std::string> known;
  std::string what;
  for (const Shelf* shelf : shelves) {
    for (const std::string& name : names_on(*shelf)) {
      if (name != text) {
        known.push_back(name);
        continue;
      }
      const std::string file = fmt::format("{}/{}.json", shelf->folder, name);
      return checked(name, {shelf}, Document(data_directory() / file, file, reference.document()));
    }
    what += (what.empty() ? "" : " or ") + shelf->what;
  }
  reference.reject(fmt::format("the unknown {} {}", what, in_quotes(text)), expected_name(text, known));
}

}  // namespace cryptopath
