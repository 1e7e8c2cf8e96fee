#include "library.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cryptopath/scenario.hpp"
#include "names.hpp"
#include "schema.hpp"

namespace cryptopath {

namespace {

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
  // All of them: the nearest of names that start alike is a matter of chance.
  Node(document).at("format").reject("one of " + list_of(formats));
}

Entry checked(std::string name, const std::vector<const Shelf*>& shelves, Document document) {
  const Shelf& shelf = shelf_of(document, shelves);
  Schema(shelf.schema).check(document);
  return {std::move(name), &shelf, std::move(document)};
}

}  // namespace

std::vector<std::string> names_in(const std::filesystem::path& folder, std::string_view extension) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& file : std::filesystem::directory_iterator(folder, error)) {
    if (file.path().extension() == extension) names.push_back(file.path().stem().string());
  }
  std::ranges::sort(names);
  return names;
}

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
    for (const std::string& name : names_in(data_directory() / shelf->folder, ".json")) {
      if (name != text) {
        known.push_back(name);
        continue;
      }
      const std::string file = fmt::format("{}/{}.json", shelf->folder, name);
      return checked(name, {shelf}, Document(data_directory() / file, file, reference.document()));
    }
    what += (what.empty() ? "" : shelf == shelves.back() ? " or " : ", ") + shelf->what;
  }
  reference.reject(fmt::format("the unknown {} {}", what, in_quotes(text)), expected_name(text, known));
}

}  // namespace cryptopath
