// What a table takes from a result's counts.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cryptopath/result.hpp"

namespace cryptopath {

/// Nothing where the result has no count of that name.
std::optional<std::int64_t> count_of(const Result& result, const std::string& name);

struct ProcessorClass {
  std::string_view label;
  std::string name;  // of the count
};
/// All that processors do.
extern const std::array<ProcessorClass, 6> processor_classes;

/// The share of all processor time that the class with this count has; nothing where no time passed.
std::optional<double> processor_share(const Result& result, const std::string& name);

}  // namespace cryptopath
