// docs/records.md says what the codec does.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "sealed_stream.hpp"

using namespace cryptopath;
using namespace cryptopath::test;

TEST_CASE("the bytes that docs records says a format adds are those of the codec") {
  std::ifstream file(CRYPTOPATH_RECORDS_DOCUMENT);
  REQUIRE(file);
  std::size_t rows = 0;
  for (std::string line; std::getline(file, line);) {
    for (const RecordFormat& format : protected_formats()) {
      const std::string start = "| `" + name_of(format) + "` |";
      if (!line.starts_with(start)) continue;
      INFO(line);
      std::istringstream cells(line.substr(start.size()));
      for (const std::int64_t plaintext : {0, 1400, 4096, 16384}) {
        std::int64_t added = 0;
        char bar = 0;
        REQUIRE(cells >> added >> bar);
        CHECK(frame_of(format, 1, static_cast<std::size_t>(plaintext)).size() == Bytes(plaintext + added));
      }
      ++rows;
    }
  }
  CHECK(rows >= 15);
}
