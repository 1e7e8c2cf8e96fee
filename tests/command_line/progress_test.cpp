#include "cli/progress.hpp"

#include <catch2/catch.hpp>

#include "result/human.hpp"

using namespace cryptopath;
using Catch::Matchers::Contains;
using std::chrono::milliseconds;

TEST_CASE("the progress line tells share and time and what is left and each path") {
  const std::vector<PathProgress> paths = {{"traditional", Bytes(30), Bytes(100)}, {"shortcut", Bytes(70), Bytes(100)}};
  CHECK(progress_line(paths, milliseconds(61'000), 200) ==
        " 50 % ██████······  1 min 01 s, about 1 min 01 s left   traditional 30 %, shortcut 70 %");
}

TEST_CASE("nothing is foretold before the first percent") {
  CHECK_THAT(progress_line({{"a", Bytes(0), Bytes(1000)}}, milliseconds(5000), 200),
             Contains("5 s") && !Contains("left"));
}

TEST_CASE("an empty file has progress without a division by zero") {
  CHECK_THAT(progress_line({{"a", Bytes(0), Bytes(0)}}, milliseconds(0), 200), Contains("0 %") && !Contains("nan"));
}

TEST_CASE("the progress line fits the terminal") {
  const std::vector<PathProgress> paths(40, {"traditional", Bytes(1), Bytes(2)});
  for (const std::size_t width : {1U, 10U, 79U}) CHECK(columns(progress_line(paths, milliseconds(1), width)) <= width);
}
