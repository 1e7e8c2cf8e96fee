#include "document.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <memory>
#include <system_error>

#include "cryptopath/scenario.hpp"

namespace cryptopath {

namespace {

using nlohmann::json;

using File = std::unique_ptr<std::FILE, decltype([](std::FILE* file) { std::fclose(file); })>;

[[noreturn]] void reject_file(const std::string& name, std::string_view found, std::string_view expected) {
  throw InputError(fmt::format("{}: found {}, expected {}", printable(name), found, expected));
}

// The element that a token of a pointer names; the array's size for the one after its last.
std::optional<std::size_t> index_in(const json& array, const std::string& token) {
  if (token == "-") return array.size();
  std::size_t index = 0;
  const char* const end = token.data() + token.size();
  const auto [rest, error] = std::from_chars(token.data(), end, index);
  if (error != std::errc() || rest != end || index > array.size()) return std::nullopt;
  return index;
}

}  // namespace

std::optional<std::string> obstacle(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) return "no such file";
  if (error) return fmt::format("a path that cannot be followed ({})", error.message());
  if (std::filesystem::is_directory(status)) return "a directory";
  if (!std::filesystem::is_regular_file(status)) return "a device, pipe or socket";
  const File file(std::fopen(path.c_str(), "rb"));
  if (file == nullptr) return fmt::format("a file that cannot be opened ({})", std::generic_category().message(errno));
  return std::nullopt;
}

bool says_kind(const std::filesystem::path& file, std::string_view kind) {
  const Document document(file, file.string());
  const nlohmann::json& root = document.root();
  return root.is_object() && root.contains("format") && root.at("format").is_string() &&
         root.at("format").get<std::string>().starts_with(fmt::format("cryptopath-{}-", kind));
}

std::string describe(const json& value) {
  if (value.is_string()) return in_quotes(value.get_ref<const std::string&>());
  if (value.is_array()) return fmt::format("an array of {}", value.size());
  if (!value.is_object()) return value.dump();
  if (value.empty()) return "an empty object";
  std::string keys;
  for (const auto& member : value.items())
    keys += fmt::format("{}{}", keys.empty() ? "" : ", ", in_quotes(member.key()));
  return fmt::format("an object with {}", keys.size() <= 200 ? keys : fmt::format("{} keys", value.size()));
}

std::string read_text(const std::filesystem::path& path, const std::string& name, std::string_view kind) {
  const std::string file_of_kind = fmt::format("a {} file", kind);
  constexpr auto limit = static_cast<std::size_t>(limits::json_file_size.count);
  if (const auto found = obstacle(path)) reject_file(name, *found, file_of_kind);
  const File file(std::fopen(path.c_str(), "rb"));
  ensure(file != nullptr, "a file that could be opened can be opened again");
  std::string text;
  std::array<char, 1 << 14> part;
  for (std::size_t size = 1; size > 0 && text.size() <= limit;) {
    size = std::fread(part.data(), 1, part.size(), file.get());
    text.append(part.data(), size);
  }
  if (std::ferror(file.get()) != 0) {
    reject_file(name, fmt::format("a file that cannot be read ({})", std::generic_category().message(errno)),
                file_of_kind);
  }
  if (text.size() > limit) {
    reject_file(name, "a larger file", fmt::format("{} of at most {}", kind, to_string(limits::json_file_size)));
  }
  // nlohmann's parser takes it for the end of the text.
  if (const auto nul = text.find('\0'); nul != std::string::npos) {
    const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(nul), '\n');
    reject_file(fmt::format("{}:{}", name, line), "a NUL byte", fmt::format("{}, which is text", kind));
  }
  return text;
}

Document::Document(std::filesystem::path file, std::string name, FileTexts texts)
    : Document(std::move(file), std::move(name), std::make_shared<Reading>(Reading{{}, std::move(texts)})) {}

Document::Document(std::filesystem::path file, std::string name, const Document& referring)
    : Document(std::move(file), std::move(name), referring.reading_) {}

Document::Document(std::filesystem::path file, std::string name, std::shared_ptr<Reading> reading)
    : file_(std::move(file)), name_(std::move(name)), reading_(std::move(reading)) {
  reading_->files.push_back(file_);
  const FileTexts& texts = reading_->texts;
  const auto given = texts.empty() ? texts.end() : texts.find(std::filesystem::weakly_canonical(file_));
  const std::string text = given != texts.end() ? given->second : read_text(file_, name_, "JSON");
  lines_ = lines_of(text, name_);
  root_ = json::parse(text);
}

void Document::set(const Pointer& pointer, json value, const std::string& origin) {
  const auto reject_parent = [&](const std::string& found, const std::optional<std::string>& meant = {}) {
    throw InputError(error_line(printable(origin), pointer, found,
                                meant ? in_quotes(*meant) : "the pointer of a value whose parent exists"));
  };
  json* place = &root_;
  Pointer resolved;
  for (std::size_t depth = 0; depth < pointer.size(); ++depth) {
    const std::string& token = pointer[depth];
    const bool last = depth + 1 == pointer.size();
    if (place->is_object() && (last || place->contains(token))) {
      place = &(*place)[token];
      resolved.push_back(token);
    } else if (place->is_array()) {
      const auto index = index_in(*place, token);
      if (!index || (!last && *index == place->size())) {
        reject_parent(fmt::format("no element {} in {}", in_quotes(token), describe(*place)));
      }
      place = &(*place)[*index];
      resolved.push_back(std::to_string(*index));
    } else if (place->is_object()) {
      std::vector<std::string> keys;
      for (const auto& member : place->items()) keys.push_back(member.key());
      reject_parent(fmt::format("no {} in {}", in_quotes(token), describe(*place)), nearest(token, keys));
    } else {
      reject_parent(fmt::format("{}, which has no members", describe(*place)));
    }
  }
  *place = value;
  settings_.push_back({std::move(resolved), std::move(value), origin});
}

const Document::Setting* Document::setting_of(const Pointer& pointer) const {
  const auto covers = [&pointer](const Setting& setting) {
    const Pointer& set = setting.pointer;
    return set.size() <= pointer.size() && std::equal(set.begin(), set.end(), pointer.begin());
  };
  const auto setting = std::find_if(settings_.rbegin(), settings_.rend(), covers);
  return setting == settings_.rend() ? nullptr : &*setting;
}

bool Document::says(const Pointer& pointer) const {
  if (const Setting* const setting = setting_of(pointer)) {
    json::json_pointer within;
    for (std::size_t depth = setting->pointer.size(); depth < pointer.size(); ++depth) within.push_back(pointer[depth]);
    return setting->value.contains(within);
  }
  const Lines* lines = &lines_;
  for (const std::string& token : pointer) {
    lines = child_of(*lines, token);
    if (lines == nullptr) return false;
  }
  return true;
}

std::string Document::place(const Pointer& pointer) const {
  if (const Setting* const setting = setting_of(pointer)) return printable(setting->origin);
  const Lines* lines = &lines_;
  for (const std::string& token : pointer) {
    const Lines* child = child_of(*lines, token);
    if (child == nullptr) break;
    lines = child;
  }
  return fmt::format("{}:{}", printable(name_), lines->line);
}

void Document::reject(const Pointer& pointer, std::string_view found, std::string_view expected) const {
  throw InputError(error_line(place(pointer), pointer, found, expected));
}

std::vector<Node> Node::children() const {
  std::vector<Node> nodes;
  for (const auto& member : value_->items()) nodes.push_back(Node(*this, member.key(), member.value()));
  return nodes;
}

}  // namespace cryptopath
