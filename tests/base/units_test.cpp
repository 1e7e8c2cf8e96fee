#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <string>

#include "cryptopath/units.hpp"

using namespace cryptopath;
using namespace cryptopath::literals;

namespace {

constexpr std::int64_t largest = std::int64_t{1} << 53;

template <class Unit>
std::string error_of(const std::string& text) {
  try {
    parse<Unit>(text);
  } catch (const UnitError& error) {
    return error.what();
  }
  return "no error";
}

// Base units of every magnitude, and many round ones.
rc::Gen<std::int64_t> amounts() {
  return rc::gen::map(
      rc::gen::tuple(rc::gen::inRange<std::int64_t>(0, largest), rc::gen::inRange(0, 53), rc::gen::inRange(0, 16)),
      [](const auto& drawn) {
        const auto [amount, shift, zeros] = drawn;
        const std::int64_t small = amount >> shift;
        const auto power = static_cast<std::int64_t>(std::pow(10, zeros));
        return small / power * power;
      });
}

template <class Unit>
void check_round_trip(const char* what) {
  CHECK(rc::check(what, [] {
    const Unit quantity(*amounts());
    RC_ASSERT(parse<Unit>(to_string(quantity)) == quantity);
  }));
}

template <class Cost>
void check_cost_round_trip(const char* what) {
  CHECK(rc::check(what, [] {
    const Cost cost{
        std::ldexp(static_cast<double>(*rc::gen::inRange<std::int64_t>(0, largest)), -*rc::gen::inRange(0, 80))};
    RC_ASSERT(parse<Cost>(to_string(cost)) == cost);
  }));
}

}  // namespace

TEST_CASE("quantities are read with their units") {
  CHECK(parse<Bytes>("8 KiB") == 8192_B);
  CHECK(parse<Bytes>("8KiB") == 8192_B);
  CHECK(parse<Bytes>("0.5 KiB") == 512_B);
  CHECK(parse<Bytes>("10 MB") == Bytes(10'000'000));
  CHECK(parse<Bytes>("0 B") == 0_B);
  CHECK(parse<Nanoseconds>("1.5 us") == 1500_ns);
  CHECK(parse<Nanoseconds>("2 h") == Nanoseconds(7'200'000'000'000));
  CHECK(parse<BitsPerSecond>("83 Mbit/s") == 83_Mbit_s);
  CHECK(parse<BitsPerSecond>("3.2 GB/s") == BitsPerSecond(25'600'000'000));
  CHECK(parse<Hertz>("66 MHz") == 66_MHz);
  CHECK(parse<Cycles>("24 cycles") == Cycles(24));
  CHECK(parse<NanosecondsPerByte>("0.7 ns/B").value == 0.7);
  CHECK(parse<CyclesPerByte>("12.6 cycles/B").value == 12.6);
  CHECK(parse<Bytes>("9007199254740992 B") == Bytes(largest));
}

TEST_CASE("what is no quantity is refused with what would do") {
  CHECK(error_of<Bytes>("8") == R"(found "8", which has no unit, expected a size such as "8 KiB")");
  CHECK(error_of<Bytes>("8 ") == R"(found "8 ", which has no unit, expected a size such as "8 KiB")");
  CHECK(error_of<Bytes>("") == R"(found "", which does not start with a number, expected a size such as "8 KiB")");
  CHECK(error_of<Bytes>("KiB") ==
        R"(found "KiB", which does not start with a number, expected a size such as "8 KiB")");
  CHECK(error_of<Bytes>("+8 B") ==
        R"(found "+8 B", which does not start with a number, expected a size such as "8 KiB")");
  CHECK(error_of<Bytes>("nan B") ==
        R"(found "nan B", which does not start with a number, expected a size such as "8 KiB")");
  CHECK(error_of<Bytes>("-8 KiB") == R"(found "-8 KiB", which is negative, expected a size such as "8 KiB")");
  CHECK(error_of<Bytes>("8. KiB") ==
        R"(found "8. KiB", which has no digit after the point, expected a size such as "8 KiB")");
  CHECK(error_of<Bytes>("8 kb") == R"(found "8 kb", whose unit "kb" is none of GiB, GB, MiB, MB, KiB, kB, B, )"
                                   R"(expected a size such as "8 KiB")");
  CHECK(error_of<Nanoseconds>("8 KiB") ==
        R"(found "8 KiB", whose unit "KiB" is none of h, min, s, ms, us, ns, expected a time such as "1.5 us")");
  CHECK(error_of<Bytes>("9007199254740993 B") ==
        R"(found "9007199254740993 B", which is absurdly large, expected a size such as "8 KiB")");
  CHECK(error_of<Bytes>(std::string(400, '9') + " B") ==
        "found \"" + std::string(40, '9') + "..." + std::string(18, '9') +
            R"( B", which is absurdly large, expected a size such as "8 KiB")");
  CHECK(error_of<NanosecondsPerByte>(std::string(400, '9') + " ns/B") ==
        "found \"" + std::string(40, '9') + "..." + std::string(15, '9') +
            R"( ns/B", which is absurdly large or small, expected a cost per byte such as "0.7 ns/B")");
}

TEST_CASE("more precision than the base unit has is refused") {
  CHECK(error_of<Bytes>("1.5 B") == R"(found "1.5 B", which is no whole number of B, expected a size such as "8 KiB")");
  CHECK(error_of<Bytes>("0.1 KiB") ==
        R"(found "0.1 KiB", which is no whole number of B, expected a size such as "8 KiB")");
  // Smaller than a double can tell from nothing, or from the next whole number.
  CHECK(error_of<Bytes>("0.0000001 B") ==
        R"(found "0.0000001 B", which is no whole number of B, expected a size such as "8 KiB")");
  CHECK(error_of<Bytes>("9007199254740991.5 B") ==
        R"(found "9007199254740991.5 B", which is no whole number of B, expected a size such as "8 KiB")");
  CHECK(parse<Bytes>("1.000000000000000000000000000 B") == 1_B);
}

TEST_CASE("control characters in a wrong quantity are escaped") {
  CHECK(error_of<Hertz>("66\nMHz") ==
        R"(found "66\nMHz", whose unit "\nMHz" is none of GHz, MHz, kHz, Hz, expected a frequency such as "66 MHz")");
}

TEST_CASE("quantities are printed in the largest unit that keeps them exact") {
  CHECK(to_string(8192_B) == "8 KiB");
  CHECK(to_string(8193_B) == "8193 B");
  CHECK(to_string(Bytes(10'000'000)) == "10 MB");
  CHECK(to_string(Bytes(262'140)) == "262.14 kB");
  CHECK(to_string(0_B) == "0 B");
  CHECK(to_string(1500_ns) == "1.5 us");
  CHECK(to_string(Nanoseconds(1'050'000'000)) == "1.05 s");
  CHECK(to_string(83_Mbit_s) == "83 Mbit/s");
  CHECK(to_string(BitsPerSecond(123'456'780'000)) == "123456.78 Mbit/s");
  CHECK(to_string(Cycles(24)) == "24 cycles");
  CHECK(to_string(NanosecondsPerByte{0.7}) == "0.7 ns/B");
  CHECK(to_string(CyclesPerByte{1e-7}) == "0.0000001 cycles/B");
}

TEST_CASE("what is printed reads back as the same quantity") {
  check_round_trip<Bytes>("sizes");
  check_round_trip<Nanoseconds>("times");
  check_round_trip<BitsPerSecond>("rates");
  check_round_trip<Hertz>("frequencies");
  check_round_trip<Cycles>("cycles");
  check_cost_round_trip<NanosecondsPerByte>("nanoseconds per byte");
  check_cost_round_trip<CyclesPerByte>("cycles per byte");
}

TEST_CASE("any text is a quantity or an error of one line") {
  CHECK(rc::check("any text", [] {
    const auto text =
        *rc::gen::container<std::string>(rc::gen::elementOf(std::string("0123456789.-+ eEBKikMGns/\n\x01\xff")));
    try {
      RC_ASSERT(parse<Bytes>(text).count >= 0);
    } catch (const UnitError& error) {
      RC_ASSERT(std::string(error.what()).find('\n') == std::string::npos);
    }
  }));
}

TEST_CASE("times are rounded up to whole nanoseconds") {
  CHECK(time_at(1500_B, BitsPerSecond(1'000'000'000)) == 12000_ns);
  CHECK(time_at(1_B, BitsPerSecond(3'000'000'000)) == 3_ns);
  CHECK(time_at(0_B, 1_Mbit_s) == 0_ns);
  CHECK(time_at(8192_B, NanosecondsPerByte{0.75}) == 6144_ns);
  CHECK(time_at(3_B, NanosecondsPerByte{0.5}) == 2_ns);
  CHECK(time_at(Cycles(2), 33_MHz) == 61_ns);
  CHECK(time_at(1000_B, CyclesPerByte{134.3}, Hertz(2'400'000'000)) == Nanoseconds(55959));
}

TEST_CASE("a rate or a clock of zero is a fault") {
  CHECK_THROWS_AS(time_at(1_B, BitsPerSecond(0)), Fault);
  CHECK_THROWS_AS(time_at(Cycles(1), Hertz(0)), Fault);
  CHECK_THROWS_AS(time_at(1_B, CyclesPerByte{1}, Hertz(0)), Fault);
}

TEST_CASE("a time beyond 64 bits is a fault") { CHECK_THROWS_AS(time_at(Bytes(largest), BitsPerSecond(1)), Fault); }

TEST_CASE("pieces are counted up") {
  CHECK(pieces(0_B, 8_KiB) == 0);
  CHECK(pieces(1_B, 8_KiB) == 1);
  CHECK(pieces(8_KiB, 8_KiB) == 1);
  CHECK(pieces(8193_B, 8_KiB) == 2);
}
