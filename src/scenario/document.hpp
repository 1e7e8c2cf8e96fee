// A JSON file that remembers where its values stand, so that whoever finds one wrong can say in which line.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cryptopath/errors.hpp"
#include "cryptopath/scenario.hpp"
#include "line_counter.hpp"
#include "place.hpp"

namespace cryptopath {

/// What stands in the way of reading `file` as a regular file ("a directory"), or nothing.
std::optional<std::string> obstacle(const std::filesystem::path& file);

/// The text of `file`, which messages call `name` and expect to be of `kind` ("JSON"). Throws InputError for what is no
/// regular file, too large or no text.
std::string read_text(const std::filesystem::path& file, const std::string& name, std::string_view kind);

/// Whether `file` says that it is of a kind of format, "cryptopath-KIND-" and whatever version: a later one is refused
/// as of that kind. Throws InputError for what is no JSON.
bool says_kind(const std::filesystem::path& file, std::string_view kind);

/// What an error message says it found: "8 KiB" in quotes, 12, true, an object with the keys "a", "b".
std::string describe(const nlohmann::json& value);

class Document {
 public:
  /// Reads and parses `file`, which messages call `name`. Throws InputError for what is no regular file, too large, no
  /// JSON, nested too deeply, or has a key twice. What `texts` has a text for is taken from there.
  Document(std::filesystem::path file, std::string name, FileTexts texts = {});
  /// The same for a file that `referring` names: it joins files_read() of that and has its texts.
  Document(std::filesystem::path file, std::string name, const Document& referring);

  const nlohmann::json& root() const { return root_; }
  const std::string& name() const { return name_; }
  /// The folder that relative paths in the document start from.
  std::filesystem::path folder() const { return file_.parent_path(); }
  /// The file itself and all that was read because it, or another of these, names it.
  const std::vector<std::filesystem::path>& files_read() const { return reading_->files; }

  /// Puts `value` in the place of what `pointer` names, or adds it to an object or at the end of an array. Messages
  /// about it name `origin` instead of a line: "--set /seed=7". Throws InputError where the parent does not exist.
  void set(const Pointer& pointer, nlohmann::json value, const std::string& origin);

  /// Lets `change` complete the document with what it did not say.
  template <class Change>
  void complete(Change change) {
    change(root_);
  }

  /// Whether the value at `pointer` was written in the file or set, and not only completed.
  bool says(const Pointer& pointer) const;

  /// "FILE:LINE", or what else the value at `pointer` comes from.
  std::string place(const Pointer& pointer) const;

  /// Throws InputError: "FILE:LINE: POINTER: found ..., expected ...".
  [[noreturn]] void reject(const Pointer& pointer, std::string_view found, std::string_view expected) const;

 private:
  struct Reading {
    std::vector<std::filesystem::path> files;
    FileTexts texts;
  };
  struct Setting {
    Pointer pointer;
    nlohmann::json value;
    std::string origin;
  };
  Document(std::filesystem::path file, std::string name, std::shared_ptr<Reading> reading);

  /// The latest setting of the value at `pointer`, or of what it is in, or nullptr.
  const Setting* setting_of(const Pointer& pointer) const;

  std::filesystem::path file_;
  std::string name_;
  std::shared_ptr<Reading> reading_;
  nlohmann::json root_;
  Lines lines_;
  std::vector<Setting> settings_;  // the latest last
};

/// A value in a document.
class Node {
 public:
  explicit Node(const Document& document) : document_(&document), value_(&document.root()) {}

  const Document& document() const { return *document_; }
  const nlohmann::json& value() const { return *value_; }
  const Pointer& pointer() const { return pointer_; }
  /// The last token of the pointer: the member's key.
  const std::string& key() const { return pointer_.back(); }
  /// The value, which the schema has made sure is a string.
  const std::string& text() const { return value_->get_ref<const std::string&>(); }

  bool has(const std::string& key) const { return value_->contains(key); }
  Node at(const std::string& key) const { return Node(*this, key, value_->at(key)); }
  /// The members of an object or the elements of an array.
  std::vector<Node> children() const;

  [[noreturn]] void reject(std::string_view found, std::string_view expected) const {
    document_->reject(pointer_, found, expected);
  }
  /// The same, where what was found is the value itself.
  [[noreturn]] void reject(std::string_view expected) const { reject(describe(*value_), expected); }

 private:
  Node(const Node& parent, const std::string& key, const nlohmann::json& value)
      : document_(parent.document_), value_(&value), pointer_(parent.pointer_) {
    pointer_.push_back(key);
  }

  const Document* document_;
  const nlohmann::json* value_;
  Pointer pointer_;
};

}  // namespace cryptopath
