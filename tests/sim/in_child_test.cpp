#include "in_child.hpp"

#include <signal.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "cryptopath/errors.hpp"

using namespace cryptopath;
using namespace cryptopath::test;

TEST_CASE("A child hands back its numbers or its text") {
  CHECK(in_child([] { return Numbers{1, -2, std::int64_t{1} << 62}; }) == Numbers{1, -2, std::int64_t{1} << 62});
  CHECK(in_child([] { return std::string(100'000, 'x'); }) == std::string(100'000, 'x'));
}

TEST_CASE("What a child throws comes out with its type and message") {
  CHECK_THROWS_AS(in_child([]() -> Numbers { throw InputError("wrong"); }), InputError);
  CHECK_THROWS_WITH(in_child([]() -> Numbers { throw InputError("wrong"); }), "wrong");
  CHECK_THROWS_AS(in_child([]() -> Numbers { throw Fault("broken"); }), Fault);
  CHECK_THROWS_WITH(in_child([]() -> Numbers { throw std::out_of_range("far"); }), "far");
}

TEST_CASE("A child that dies is an error") {
  CHECK_THROWS_WITH(in_child([]() -> Numbers { std::_Exit(3); }), "the child ended with status 3");
  CHECK_THROWS_WITH(in_child([]() -> Numbers {
                      ::raise(SIGKILL);
                      return {};
                    }),
                    "the child died of signal 9");
}
