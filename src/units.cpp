#include "cryptopath/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <span>

namespace cryptopath {

namespace {

// 2^53: beyond it doubles, and so SimGrid's clock, skip integers.
constexpr std::uint64_t largest_exact = std::uint64_t{1} << 53U;

struct Scale {
  std::string_view name;
  std::uint64_t base_units;
};

// Largest first: printing takes the first that divides the value.
constexpr std::array size_scales = {Scale{"GiB", 1'073'741'824},
                                    Scale{"GB", 1'000'000'000},
                                    Scale{"MiB", 1'048'576},
                                    Scale{"MB", 1'000'000},
                                    Scale{"KiB", 1024},
                                    Scale{"kB", 1000},
                                    Scale{"B", 1}};
constexpr std::array time_scales = {Scale{"h", 3'600'000'000'000},
                                    Scale{"min", 60'000'000'000},
                                    Scale{"s", 1'000'000'000},
                                    Scale{"ms", 1'000'000},
                                    Scale{"us", 1000},
                                    Scale{"ns", 1}};
constexpr std::array rate_scales = {Scale{"Gbit/s", 1'000'000'000}, Scale{"Mbit/s", 1'000'000},
                                    Scale{"kbit/s", 1000},          Scale{"bit/s", 1},
                                    Scale{"GB/s", 8'000'000'000},   Scale{"MB/s", 8'000'000}};
constexpr std::array frequency_scales = {Scale{"GHz", 1'000'000'000}, Scale{"MHz", 1'000'000}, Scale{"kHz", 1000},
                                         Scale{"Hz", 1}};
constexpr std::array cycle_scales = {Scale{"cycles", 1}};
constexpr std::array nanoseconds_per_byte_scales = {Scale{"ns/B", 1}};
constexpr std::array cycles_per_byte_scales = {Scale{"cycles/B", 1}};

struct Kind {
  std::string_view what;     // "a size"
  std::string_view example;  // "8 KiB"
  std::span<const Scale> scales;
  std::string_view base;  // the base unit
  bool whole;             // counts whole base units
};

template <class Unit>
constexpr Kind kind_of();
template <>
constexpr Kind kind_of<Bytes>() {
  return {"a size", "8 KiB", size_scales, "B", true};
}
template <>
constexpr Kind kind_of<Nanoseconds>() {
  return {"a time", "1.5 us", time_scales, "ns", true};
}
template <>
constexpr Kind kind_of<BitsPerSecond>() {
  return {"a rate", "83 Mbit/s", rate_scales, "bit/s", true};
}
template <>
constexpr Kind kind_of<Hertz>() {
  return {"a frequency", "66 MHz", frequency_scales, "Hz", true};
}
template <>
constexpr Kind kind_of<Cycles>() {
  return {"a number of cycles", "24 cycles", cycle_scales, "cycles", true};
}
template <>
constexpr Kind kind_of<NanosecondsPerByte>() {
  return {"a cost per byte", "0.7 ns/B", nanoseconds_per_byte_scales, "ns/B", false};
}
template <>
constexpr Kind kind_of<CyclesPerByte>() {
  return {"a cost per byte", "12.6 cycles/B", cycles_per_byte_scales, "cycles/B", false};
}

[[noreturn]] void reject(const Kind& kind, std::string_view text, std::string_view why) {
  throw UnitError(
      fmt::format("found {}, {}, expected {} such as \"{}\"", in_quotes(text), why, kind.what, kind.example));
}

struct NumberAndUnit {
  std::string_view integer;
  std::string_view fraction;  // without trailing zeros
  std::string_view number;    // both, with the point
  std::string_view unit;
};

std::size_t leading_digits(std::string_view text) {
  return std::min(text.find_first_not_of("0123456789"), text.size());
}

NumberAndUnit split(const Kind& kind, std::string_view text) {
  const std::string_view unsigned_text = text.substr(text.starts_with('-') ? 1 : 0);
  NumberAndUnit parts;
  parts.integer = unsigned_text.substr(0, leading_digits(unsigned_text));
  std::string_view rest = unsigned_text.substr(parts.integer.size());
  if (parts.integer.empty()) reject(kind, text, "which does not start with a number");
  if (rest.starts_with('.')) {
    parts.fraction = rest.substr(1, leading_digits(rest.substr(1)));
    if (parts.fraction.empty()) reject(kind, text, "which has no digit after the point");
    rest.remove_prefix(1 + parts.fraction.size());
  }
  parts.number = unsigned_text.substr(0, unsigned_text.size() - rest.size());
  parts.integer.remove_prefix(std::min(parts.integer.find_first_not_of('0'), parts.integer.size()));
  parts.fraction = parts.fraction.substr(0, parts.fraction.find_last_not_of('0') + 1);
  parts.unit = rest.substr(rest.starts_with(' ') ? 1 : 0);
  if (parts.unit.empty()) reject(kind, text, "which has no unit");
  if (unsigned_text.size() != text.size()) reject(kind, text, "which is negative");
  return parts;
}

const Scale& scale_of(const Kind& kind, std::string_view text, std::string_view unit) {
  const auto found = std::ranges::find(kind.scales, unit, &Scale::name);
  if (found != kind.scales.end()) return *found;
  std::string known;
  for (const Scale& scale : kind.scales) known += fmt::format("{}{}", known.empty() ? "" : ", ", scale.name);
  reject(kind, text, fmt::format("whose unit {} is none of {}", in_quotes(unit), known));
}

__extension__ using Wide = unsigned __int128;

// In integers: a double would let through fractions of the base unit that are smaller than its own precision.
std::int64_t parse_whole(const Kind& kind, std::string_view text) {
  constexpr std::size_t most_digits = 18;  // of an unsigned 64-bit number, whatever they are
  const NumberAndUnit parts = split(kind, text);
  const Scale& scale = scale_of(kind, text, parts.unit);
  const auto reject_fraction = [&] { reject(kind, text, fmt::format("which is no whole number of {}", kind.base)); };
  if (parts.integer.size() > most_digits) reject(kind, text, "which is absurdly large");
  if (parts.integer.size() + parts.fraction.size() > most_digits) reject_fraction();
  std::uint64_t digits = 0;
  std::uint64_t power = 1;
  for (const char digit : parts.integer) digits = digits * 10 + static_cast<std::uint64_t>(digit - '0');
  for (const char digit : parts.fraction) {
    digits = digits * 10 + static_cast<std::uint64_t>(digit - '0');
    power *= 10;
  }
  const Wide value = static_cast<Wide>(digits) * scale.base_units;
  if (value / power > largest_exact) reject(kind, text, "which is absurdly large");
  if (value % power != 0) reject_fraction();
  return static_cast<std::int64_t>(value / power);
}

double parse_real(const Kind& kind, std::string_view text) {
  const NumberAndUnit parts = split(kind, text);
  scale_of(kind, text, parts.unit);  // there is one, and it is 1
  double value = 0;
  const char* const end = parts.number.data() + parts.number.size();
  const std::from_chars_result result = std::from_chars(parts.number.data(), end, value, std::chars_format::fixed);
  if (result.ec != std::errc() || value > static_cast<double>(largest_exact)) {
    reject(kind, text, "which is absurdly large or small");
  }
  return value;
}

std::string print(std::int64_t value, std::span<const Scale> scales) {
  for (const Scale& scale : scales) {
    const auto unit = static_cast<std::int64_t>(scale.base_units);
    if (unit == 1 || (value != 0 && value % unit == 0)) return fmt::format("{} {}", value / unit, scale.name);
    // One or two decimals are still exact and easier to read than a long row of digits.
    if (value > unit && unit % 1000 == 0 && value % (unit / 100) == 0) {
      const std::int64_t hundredths = value % unit / (unit / 100);
      return hundredths % 10 == 0 ? fmt::format("{}.{} {}", value / unit, hundredths / 10, scale.name)
                                  : fmt::format("{}.{:02} {}", value / unit, hundredths, scale.name);
    }
  }
  return fmt::format("{}", value);
}

// The shortest digits that parse() reads as the same number.
std::string print(double value, const Scale& scale) {
  std::array<char, 512> digits{};  // a double in fixed notation has at most 309 digits before and 324 after the point
  const std::to_chars_result result =
      std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed);
  ensure(result.ec == std::errc(), "a number fits the space for its digits");
  return fmt::format("{} {}", std::string_view(digits.data(), static_cast<std::size_t>(result.ptr - digits.data())),
                     scale.name);
}

Nanoseconds round_up(double nanoseconds) {
  ensure(nanoseconds < 0x1p62, "a time fits 64 bits");
  return Nanoseconds(static_cast<std::int64_t>(std::ceil(nanoseconds)));
}

}  // namespace

Nanoseconds time_at(Bytes size, BitsPerSecond rate) {
  ensure(rate.count > 0, "a rate must be positive");
  return round_up(static_cast<double>(size.count) * 8e9 / static_cast<double>(rate.count));
}
Nanoseconds time_at(Bytes size, NanosecondsPerByte cost) {
  return round_up(static_cast<double>(size.count) * cost.value);
}
Nanoseconds time_at(Cycles cycles, Hertz clock) {
  ensure(clock.count > 0, "a clock must run");
  return round_up(static_cast<double>(cycles.count) * 1e9 / static_cast<double>(clock.count));
}
Nanoseconds time_at(Bytes size, CyclesPerByte cost, Hertz clock) {
  ensure(clock.count > 0, "a clock must run");
  return round_up(static_cast<double>(size.count) * cost.value * 1e9 / static_cast<double>(clock.count));
}

template <class Unit>
Unit parse(std::string_view text) {
  if constexpr (kind_of<Unit>().whole) {
    return Unit(parse_whole(kind_of<Unit>(), text));
  } else {
    return Unit{parse_real(kind_of<Unit>(), text)};
  }
}
template Bytes parse<Bytes>(std::string_view);
template Nanoseconds parse<Nanoseconds>(std::string_view);
template BitsPerSecond parse<BitsPerSecond>(std::string_view);
template Hertz parse<Hertz>(std::string_view);
template Cycles parse<Cycles>(std::string_view);
template NanosecondsPerByte parse<NanosecondsPerByte>(std::string_view);
template CyclesPerByte parse<CyclesPerByte>(std::string_view);

std::string to_string(Bytes size) { return print(size.count, size_scales); }
std::string to_string(Nanoseconds time) { return print(time.count, time_scales); }
std::string to_string(BitsPerSecond rate) { return print(rate.count, std::span(rate_scales).first(4)); }
std::string to_string(Hertz frequency) { return print(frequency.count, frequency_scales); }
std::string to_string(Cycles cycles) { return print(cycles.count, cycle_scales); }
std::string to_string(NanosecondsPerByte cost) { return print(cost.value, nanoseconds_per_byte_scales[0]); }
std::string to_string(CyclesPerByte cost) { return print(cost.value, cycles_per_byte_scales[0]); }

}  // namespace cryptopath
