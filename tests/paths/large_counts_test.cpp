// The papers' formulas for a file of 100 MB. Apart, since 100 MB in buffers of 64 B are three million requests.
#include <catch2/catch.hpp>

#include "run_path.hpp"

using namespace cryptopath;
using namespace cryptopath::test;

namespace {

void check_100_megabytes(std::int64_t buffer) {
  const Settings settings = {
      {"/payload", "modelled"}, {"/file/size", "100 MB"}, {"/buffer", std::to_string(buffer) + " B"}};
  const std::int64_t pieces_of_file = (100'000'000 + buffer - 1) / buffer;
  const Result traditional = run_path("traditional", settings);
  CHECK(traditional.counts.at("paper.copies") == 4 * pieces_of_file);
  CHECK(traditional.counts.at("paper.context_switches") == 8 * pieces_of_file);
  CHECK(traditional.counts.at("paper.dma") == 3 * pieces_of_file);
  const Result shortcut = run_path("shortcut", settings);
  CHECK(shortcut.counts.at("paper.copies") == 0);
  CHECK(shortcut.counts.at("paper.context_switches") == 2);
  CHECK(shortcut.counts.at("paper.dma") == 3 * pieces_of_file);
}

}  // namespace

TEST_CASE("100 MB in buffers of 64 KiB count as the papers say") { check_100_megabytes(65536); }
TEST_CASE("100 MB in buffers of 8 KiB count as the papers say") { check_100_megabytes(8192); }
TEST_CASE("100 MB in buffers of 1 KiB count as the papers say") { check_100_megabytes(1024); }
TEST_CASE("100 MB in buffers of 64 B count as the papers say") { check_100_megabytes(64); }
