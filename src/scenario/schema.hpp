// The JSON Schemas of schemas/, which are the reference of every file format.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "document.hpp"

namespace cryptopath {

class Schema {
 public:
  /// Reads schemas/NAME.schema.json, and what it refers to, from the data directory.
  explicit Schema(const std::string& name);

  /// Throws InputError for the first thing in `document` that the schema does not allow.
  void check(const Document& document) const;

  /// Adds to `value`, and to what stands in it, the members that are missing and that the schema has a default for.
  void fill_defaults(nlohmann::json& value) const;

 private:
  /// A schema for a part of a document, and the file whose definitions its references mean.
  struct Part {
    std::string file;
    const nlohmann::json* schema;
  };

  const nlohmann::json& load(const std::string& file);
  Part follow_references(Part part) const;
  Part part_at(const nlohmann::json& document, const Pointer& pointer) const;
  void fill_defaults(nlohmann::json& value, const Part& part) const;

  std::string root_;
  std::map<std::string, nlohmann::json> files_;
};

}  // namespace cryptopath
