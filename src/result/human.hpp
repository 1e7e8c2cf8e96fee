// Quantities rounded for a reader. What must be read back is printed by units.hpp instead, exactly.
#pragma once

#include <cstdint>
#include <string>

#include "cryptopath/units.hpp"

namespace cryptopath {

/// "1,234,567".
std::string grouped(std::int64_t number);
/// Three digits that matter: "5.31", "80.1", "921".
std::string rounded(double number);
/// "5.31 ms", from ns to s.
std::string human(Nanoseconds time);
/// "10.0 MB", in powers of 1000; exact below 1000 B.
std::string human(Bytes size);
/// "641 Mbit/s", in powers of 1000.
std::string human(BitsPerSecond rate);
/// "52.1 %" of the share 0.521.
std::string percent(double share);

/// How many columns UTF-8 text takes, one a code point.
std::size_t columns(std::string_view text);
/// `text`, cut to `width` columns with "…" at its end where it is longer.
std::string cut(std::string_view text, std::size_t width);
/// `text` broken at spaces into lines of at most `width` columns, each behind `indentation` and ended.
std::string wrapped(std::string_view text, std::size_t width, std::string_view indentation);

}  // namespace cryptopath
