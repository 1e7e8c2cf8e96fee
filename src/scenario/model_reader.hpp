// Reads the numbers of a model file, each with its unit and its origin, and keeps a list of them.
#pragma once

#include <string>
#include <vector>

#include "cryptopath/scenario.hpp"
#include "document.hpp"

namespace cryptopath {

/// The quantity that the text of `node` is; throws InputError for what parse() does not take, and for what is less than
/// `least` or more than `most`.
template <class Unit>
Unit parse_quantity(const Node& node, Unit least, Unit most);

/// An object of a model file whose members are numbers: {"value": "2 us", "cited": "..."}. The schema holds.
class ModelReader {
 public:
  ModelReader(Node object, std::vector<SourcedNumber>& numbers) : object_(std::move(object)), numbers_(&numbers) {}

  const Node& node() const { return object_; }
  ModelReader at(const std::string& key) const { return {object_.at(key), *numbers_}; }

  /// Within what a simulation can work with; zero only where nothing is divided by it.
  Bytes size(const std::string& key, Bytes least = Bytes(1), Bytes most = limits::file_size) const;
  Nanoseconds time(const std::string& key) const;
  BitsPerSecond rate(const std::string& key) const;
  Hertz frequency(const std::string& key) const;
  Cycles cycles(const std::string& key) const;
  NanosecondsPerByte cost_per_byte(const std::string& key) const;
  CyclesPerByte cycles_per_byte(const std::string& key) const;
  std::int64_t count(const std::string& key) const;
  bool flag(const std::string& key) const;

 private:
  /// The value of the number called `key`, whose origin goes on the list.
  Node number(const std::string& key) const;

  Node object_;
  std::vector<SourcedNumber>* numbers_;
};

}  // namespace cryptopath
