#include <catch2/catch.hpp>

#include "cryptopath/scenario.hpp"

using namespace cryptopath;

TEST_CASE("the nearest name is the one with the fewest slips") {
  const std::vector<std::string> names = {"traditional", "shortcut", "http-sendfile", "library"};
  CHECK(nearest("shortcut", names) == "shortcut");
  CHECK(nearest("shorcut", names) == "shortcut");
  CHECK(nearest("hsortcut", names) == "shortcut");
  CHECK(nearest("Shortcut", names) == "shortcut");
  CHECK(nearest("http_sendfile", names) == "http-sendfile");
  CHECK(nearest("lib", names) == std::nullopt);
  CHECK(nearest("kernel", names) == std::nullopt);
}

TEST_CASE("a swap of neighbours is one slip") {
  CHECK(nearest("ab", {"xb", "ba"}) == "xb");
  CHECK(nearest("abcd", {"abxy", "abdc"}) == "abdc");
}

TEST_CASE("of equally near names the first is meant") { CHECK(nearest("slot9", {"slot2", "slot1"}) == "slot2"); }

TEST_CASE("nothing is near to an empty or an endless name") {
  CHECK(nearest("", {"a", "b"}) == std::nullopt);
  CHECK(nearest(std::string(1'000'000, 'a'), {std::string(1'000'000, 'a')}) == std::nullopt);
  CHECK(nearest("a", {}) == std::nullopt);
}
