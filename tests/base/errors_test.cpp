#include <catch2/catch.hpp>

#include "cryptopath/errors.hpp"

using namespace cryptopath;

TEST_CASE("text from outside stays one line in a message") {
  CHECK(printable("a\nb\r\t\x01z") == "a\\nb\\r\\t\\x01z");
  CHECK(in_quotes("say \"hello\"") == "\"say \\\"hello\\\"\"");
  CHECK(in_quotes("Größe") == "\"Größe\"");
  CHECK(in_quotes("not UTF-8: \xff") == "\"not UTF-8: \\xff\"");
}

TEST_CASE("long text loses its middle and no half of a character stays") {
  CHECK(in_quotes("0123456789ab", 12) == "\"0123456789ab\"");
  CHECK(in_quotes("0123456789abc", 12) == "\"01234567...9abc\"");
  CHECK(in_quotes("0123456ö890abcdöfgh", 12) == "\"0123456...fgh\"");
}

TEST_CASE("an assertion that does not hold is a fault that names its place") {
  CHECK_NOTHROW(ensure(true, "all is well"));
  CHECK_THROWS_WITH(ensure(false, "the ring holds what was put in"),
                    Catch::StartsWith("the ring holds what was put in (") && Catch::Contains("errors_test.cpp:"));
}
