#include "schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "cryptopath/scenario.hpp"
#include "names.hpp"

namespace cryptopath {

namespace {

using nlohmann::json;
using Adapter = valijson::adapters::NlohmannJsonAdapter;

/// One thing that the schema does not allow, and how the message about it goes.
struct Violation {
  Pointer pointer;
  std::string found;
  std::string expected;
};

std::vector<std::string> keys_of(const json& object) {
  std::vector<std::string> keys;
  for (const auto& member : object.items()) keys.push_back(member.key());
  return keys;
}

std::string range(const json& schema, const char* least, const char* most, std::string_view what) {
  const bool from = schema.contains(least);
  const bool to = schema.contains(most);
  if (from && to && schema[least] == schema[most]) return fmt::format(" of {}{}", schema[least].dump(), what);
  if (from && to) return fmt::format(" of {} to {}{}", schema[least].dump(), schema[most].dump(), what);
  if (from) return fmt::format(" of at least {}{}", schema[least].dump(), what);
  if (to) return fmt::format(" of at most {}{}", schema[most].dump(), what);
  return "";
}

/// What the schema allows in a place, in words.
std::string expectation(const json& schema, const json& found) {
  if (schema.contains("const")) return describe(schema["const"]);
  if (schema.contains("enum")) {
    std::vector<std::string> texts;
    std::string all;
    for (const json& choice : schema["enum"]) {
      if (choice.is_string()) texts.push_back(choice);
      all += fmt::format("{}{}", all.empty() ? "" : ", ", describe(choice));
    }
    if (found.is_string() && texts.size() == schema["enum"].size())
      return expected_name(found.get<std::string>(), texts);
    return "one of " + all;
  }
  const std::string type = schema.value("type", "");
  if (type == "integer") return "an integer" + range(schema, "minimum", "maximum", "");
  if (schema.contains("examples")) return "a text such as " + list_of(schema["examples"]);
  if (type == "string") return "a text" + range(schema, "minLength", "maxLength", " characters");
  if (type == "array") return "an array" + range(schema, "minItems", "maxItems", " elements");
  if (type == "boolean") return "true or false";
  if (!schema.contains("properties")) return "an object" + range(schema, "minProperties", "maxProperties", " members");
  const std::string keys = list_of(keys_of(schema["properties"]));
  if (schema.contains("minProperties"))
    return fmt::format("{} of the members {}", schema["minProperties"].dump(), keys);
  return "an object with members from " + keys;
}

/// "<root>", "[file]", "[size]" are valijson's words for /file/size.
Pointer pointer_of(const std::vector<std::string>& context) {
  Pointer pointer;
  for (std::size_t i = 1; i < context.size(); ++i) pointer.push_back(context[i].substr(1, context[i].size() - 2));
  return pointer;
}

const json& value_at(const json& document, const Pointer& pointer) {
  const json* value = &document;
  for (const std::string& token : pointer)
    value = value->is_array() ? &value->at(std::stoul(token)) : &value->at(token);
  return *value;
}

std::optional<std::string> unknown_key(const json& schema, const json& object) {
  for (const std::string& key : keys_of(object)) {
    if (!schema["properties"].contains(key)) return key;
  }
  return std::nullopt;
}

std::optional<std::string> missing_key(const json& schema, const json& object) {
  for (const json& key : schema.value("required", json::array())) {
    if (!object.contains(key.get<std::string>())) return key;
  }
  return std::nullopt;
}

/// Text that is no Unicode cannot be written as JSON again, and control characters would spoil a table.
bool is_printable(const std::string& text) {
  if (std::ranges::any_of(text, [](char c) { return (c >= 0 && c < ' ') || c == '\x7F'; })) return false;
  try {
    static_cast<void>(json(text).dump());
  } catch (const json::type_error&) {
    return false;
  }
  return true;
}

void check_printable(const Node& node) {
  if (node.value().is_string() && !is_printable(node.text())) node.reject("printable text");
  if (!node.value().is_structured()) return;
  for (const Node& child : node.children()) {
    if (!is_printable(child.key())) child.reject("the key " + in_quotes(child.key()), "printable text");
    check_printable(child);
  }
}

/// Says what is wrong with `value`, which valijson found to violate `schema` itself, not only by one of its members.
Violation explain(Pointer pointer, const json& schema, const json& value) {
  if (value.is_object() && schema.value("additionalProperties", json(true)) == json(false)) {
    if (const auto key = unknown_key(schema, value)) {
      pointer.push_back(*key);
      return {pointer, "the unknown key " + in_quotes(*key), expected_name(*key, keys_of(schema["properties"]))};
    }
  }
  if (value.is_object()) {
    if (const auto key = missing_key(schema, value))
      return {pointer, describe(value), "also the key " + in_quotes(*key)};
  }
  return {pointer, describe(value), expectation(schema, value)};
}

}  // namespace

Schema::Schema(const std::string& name) : root_(name + ".schema.json") { load(root_); }

const json& Schema::load(const std::string& file) {
  const auto [entry, is_new] = files_.try_emplace(file);
  if (is_new) {
    entry->second = Document(data_directory() / "schemas" / file, "schemas/" + file).root();
    // References go one file further at most; following them now keeps the rest of the class constant.
    const json values = entry->second.flatten();
    for (const auto& value : values.items()) {
      if (!value.key().ends_with("/$ref")) continue;
      const std::string target = value.value();
      if (const auto hash = target.find('#'); hash != 0) load(target.substr(0, hash));
    }
  }
  return entry->second;
}

Schema::Part Schema::follow_references(Part part) const {
  while (part.schema->contains("$ref")) {
    const std::string reference = part.schema->at("$ref");
    const auto hash = reference.find('#');
    ensure(hash != std::string::npos, "a reference of a schema names a definition");
    if (hash > 0) part.file = reference.substr(0, hash);
    part.schema = &files_.at(part.file).at(json::json_pointer(reference.substr(hash + 1)));
  }
  return part;
}

Schema::Part Schema::part_at(const json& document, const Pointer& pointer) const {
  Part part = follow_references({root_, &files_.at(root_)});
  const json* value = &document;
  for (const std::string& token : pointer) {
    if (value->is_array()) {
      part.schema = &part.schema->at("items");
      value = &value->at(std::stoul(token));
    } else {
      const json& properties = part.schema->value("properties", json::object());
      part.schema = properties.contains(token) ? &part.schema->at("properties").at(token)
                                               : &part.schema->at("additionalProperties");
      value = &value->at(token);
    }
    part = follow_references(part);
  }
  return part;
}

void Schema::check(const Document& document) const {
  check_printable(Node(document));
  valijson::Schema schema;
  const Adapter adapter(files_.at(root_));
  valijson::SchemaParser(valijson::SchemaParser::kDraft7)
      .populateSchema<Adapter>(
          adapter, schema, [this](const std::string& file) { return &files_.at(file); }, [](const json*) {});
  valijson::ValidationResults results;
  if (valijson::Validator().validate(schema, Adapter(document.root()), &results)) return;

  for (const auto& error : results) {
    // valijson also reports each value that contains a wrong one, after it.
    if (error.description.starts_with("Failed to validate ")) continue;
    const Pointer pointer = pointer_of(error.context);
    const Violation violation =
        explain(pointer, *part_at(document.root(), pointer).schema, value_at(document.root(), pointer));
    document.reject(violation.pointer, violation.found, violation.expected);
  }
  ensure(false, "a document that its schema rejects has a reason");
}

void Schema::fill_defaults(json& value) const { fill_defaults(value, {root_, &files_.at(root_)}); }

void Schema::fill_defaults(json& value, const Part& unresolved) const {
  const Part part = follow_references(unresolved);
  if (value.is_array() && part.schema->contains("items")) {
    for (json& element : value) fill_defaults(element, {part.file, &part.schema->at("items")});
  }
  if (!value.is_object() || !part.schema->contains("properties")) return;
  for (const auto& property : part.schema->at("properties").items()) {
    // A default may stand beside a reference.
    if (!value.contains(property.key()) && property.value().contains("default")) {
      value[property.key()] = property.value().at("default");
    }
    if (value.contains(property.key())) fill_defaults(value[property.key()], {part.file, &property.value()});
  }
}

}  // namespace cryptopath
