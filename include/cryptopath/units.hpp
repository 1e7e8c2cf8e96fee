// Quantities that cannot be mixed. Every number that crosses a public interface is one of these.
//
// Integers count the base unit (bytes, nanoseconds, bits per second, hertz); costs per byte are doubles.
// Text carries its unit: "8 KiB", "1.5 us", "83 Mbit/s", "66 MHz", "0.7 ns/B". KiB, MiB and GiB are powers of 1024;
// kB, MB and GB, and all rates, are powers of 1000.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "cryptopath/errors.hpp"

namespace cryptopath {

/// A count of one base unit. The tag makes each instance a type of its own.
template <class Tag>
struct Quantity {
  std::int64_t count = 0;

  constexpr Quantity() = default;
  constexpr explicit Quantity(std::int64_t n) : count(n) {}

  constexpr auto operator<=>(const Quantity&) const = default;
  constexpr Quantity operator+(Quantity other) const { return Quantity(count + other.count); }
  constexpr Quantity operator-(Quantity other) const { return Quantity(count - other.count); }
  constexpr Quantity operator*(std::int64_t factor) const { return Quantity(count * factor); }
  constexpr Quantity& operator+=(Quantity other) { return *this = *this + other; }
  constexpr Quantity& operator-=(Quantity other) { return *this = *this - other; }
};

using Bytes = Quantity<struct BytesTag>;
using Nanoseconds = Quantity<struct NanosecondsTag>;
using BitsPerSecond = Quantity<struct BitsPerSecondTag>;
using Hertz = Quantity<struct HertzTag>;

/// What one byte costs a processor, in nanoseconds. Copies are measured so.
struct NanosecondsPerByte {
  double value = 0;
  constexpr auto operator<=>(const NanosecondsPerByte&) const = default;
};

/// What one byte costs a processor, in its clock cycles. Ciphers are measured so.
struct CyclesPerByte {
  double value = 0;
  constexpr auto operator<=>(const CyclesPerByte&) const = default;
};

/// A number of clock cycles, of the clock that the context names.
using Cycles = Quantity<struct CyclesTag>;

/// Time that `size` takes at `rate`, rounded up to whole nanoseconds. `rate` must be positive.
Nanoseconds time_at(Bytes size, BitsPerSecond rate);
/// Time that `size` takes at `cost`, rounded up to whole nanoseconds.
Nanoseconds time_at(Bytes size, NanosecondsPerByte cost);
/// Time that `cycles` take on a clock of `clock`, rounded up to whole nanoseconds.
Nanoseconds time_at(Cycles cycles, Hertz clock);
/// Time that `size` takes at `cost` on a clock of `clock`, rounded up to whole nanoseconds.
Nanoseconds time_at(Bytes size, CyclesPerByte cost, Hertz clock);

/// The number of pieces of `piece` bytes that hold `size` bytes: ceil(size / piece).
constexpr std::int64_t pieces(Bytes size, Bytes piece) { return (size.count + piece.count - 1) / piece.count; }

/// Text that is no such quantity. The message says what was found and gives an example of what would do.
class UnitError : public InputError {
 public:
  using InputError::InputError;
};

/// Reads "8 KiB", "1.5 us", "83 Mbit/s", "66 MHz", "0.7 ns/B", "12.6 cycles/B" or "24 cycles".
/// Throws UnitError for a missing, unknown or foreign unit, for a negative number, for more precision than the base
/// unit has, and for what does not fit in 2^53 base units.
template <class Unit>
Unit parse(std::string_view text);

/// Prints what parse() reads, in the largest unit that keeps the value exact ("8 KiB", "8193 B").
std::string to_string(Bytes);
std::string to_string(Nanoseconds);
std::string to_string(BitsPerSecond);
std::string to_string(Hertz);
std::string to_string(NanosecondsPerByte);
std::string to_string(CyclesPerByte);
std::string to_string(Cycles);

namespace literals {
constexpr Bytes operator""_B(unsigned long long n) { return Bytes(static_cast<std::int64_t>(n)); }
constexpr Bytes operator""_KiB(unsigned long long n) { return Bytes(static_cast<std::int64_t>(n) * 1024); }
constexpr Bytes operator""_MiB(unsigned long long n) { return Bytes(static_cast<std::int64_t>(n) * 1024 * 1024); }
constexpr Nanoseconds operator""_ns(unsigned long long n) { return Nanoseconds(static_cast<std::int64_t>(n)); }
constexpr Nanoseconds operator""_us(unsigned long long n) { return Nanoseconds(static_cast<std::int64_t>(n) * 1000); }
constexpr Nanoseconds operator""_ms(unsigned long long n) {
  return Nanoseconds(static_cast<std::int64_t>(n) * 1'000'000);
}
constexpr BitsPerSecond operator""_Mbit_s(unsigned long long n) {
  return BitsPerSecond(static_cast<std::int64_t>(n) * 1'000'000);
}
constexpr Hertz operator""_MHz(unsigned long long n) { return Hertz(static_cast<std::int64_t>(n) * 1'000'000); }
}  // namespace literals

}  // namespace cryptopath
