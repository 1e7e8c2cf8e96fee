#include "result/human.hpp"

#include <catch2/catch.hpp>

using namespace cryptopath;

TEST_CASE("numbers get separators every three digits") {
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1000) == "1,000");
  CHECK(grouped(-1234567) == "-1,234,567");
  CHECK(grouped(-999) == "-999");
}

TEST_CASE("rounded numbers keep three digits") {
  CHECK(rounded(0) == "0.00");
  CHECK(rounded(5.3149) == "5.31");
  CHECK(rounded(9.9949) == "9.99");
  CHECK(rounded(9.996) == "10.0");
  CHECK(rounded(99.96) == "100");
  CHECK(rounded(6480.4) == "6,480");
  CHECK(rounded(-12.34) == "-12.3");
}

TEST_CASE("quantities take the unit that suits their size") {
  CHECK(human(Nanoseconds(0)) == "0 ns");
  CHECK(human(Nanoseconds(999)) == "999 ns");
  CHECK(human(Nanoseconds(5'310'000)) == "5.31 ms");
  CHECK(human(Nanoseconds(999'499)) == "999 us");
  CHECK(human(Nanoseconds(999'500)) == "1.00 ms");
  CHECK(human(Nanoseconds(86'400'000'000'000)) == "86,400 s");
  CHECK(human(Bytes(812)) == "812 B");
  CHECK(human(Bytes(10'000'000)) == "10.0 MB");
  CHECK(human(BitsPerSecond(83'000'000)) == "83.0 Mbit/s");
  CHECK(percent(0.5214) == "52.1 %");
}

TEST_CASE("text is cut and counted in characters and not in bytes") {
  CHECK(columns("größe") == 5);
  CHECK(cut("größe", 5) == "größe");
  CHECK(cut("größer", 5) == "größ…");
  CHECK(cut("ab", 1) == "…");
  CHECK(cut("ab", 0).empty());
}

TEST_CASE("text is wrapped at spaces behind its indentation") {
  CHECK(wrapped("one two three", 9, "  ") == "  one two\n  three\n");
  CHECK(wrapped("a-word-too-long b", 5, " ") == " a-word-too-long\n b\n");
}
