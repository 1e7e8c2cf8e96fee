// docs/records.md says what the codec does: its tables of sizes.
#include <fnmatch.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "cryptopath/header_sizes.hpp"
#include "sealed_stream.hpp"

using namespace cryptopath;
using namespace cryptopath::test;

namespace {

struct Row {
  std::string line;
  std::vector<std::string> patterns;  // what the first cell has in back quotes: names, with * for any part
  std::vector<std::int64_t> numbers;  // of the other cells, in order

  bool speaks_of(std::string_view name) const {
    return std::ranges::any_of(patterns, [&](const std::string& pattern) {
      return fnmatch(pattern.c_str(), std::string(name).c_str(), 0) == 0;
    });
  }
};

std::vector<std::string> quoted(const std::string& cell) {
  std::vector<std::string> texts;
  std::istringstream pieces(cell);
  bool inside = false;
  for (std::string piece; std::getline(pieces, piece, '`'); inside = !inside) {
    if (inside) texts.push_back(piece);
  }
  return texts;
}

std::vector<std::int64_t> numbers_of(std::string cells) {
  std::ranges::replace_if(
      cells, [](char letter) { return letter < '0' || letter > '9'; }, ' ');
  std::istringstream stream(cells);
  std::vector<std::int64_t> numbers;
  for (std::int64_t number = 0; stream >> number;) numbers.push_back(number);
  return numbers;
}

/// The rows of a section whose first cells have names.
std::vector<Row> rows_of(const std::string& section) {
  std::ifstream file(CRYPTOPATH_RECORDS_DOCUMENT);
  REQUIRE(file);
  std::vector<Row> rows;
  bool within = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("## ")) within = line == "## " + section;
    if (!within || !line.starts_with("| `")) continue;
    const std::size_t first_cell = line.find('|', 1);
    rows.push_back({line, quoted(line.substr(0, first_cell)), numbers_of(line.substr(first_cell))});
  }
  return rows;
}

/// The one row that speaks of the name.
const Row& row_of(std::string_view name, const std::vector<Row>& rows) {
  const auto speaks = [&](const Row& row) { return row.speaks_of(name); };
  REQUIRE(std::ranges::count_if(rows, speaks) == 1);
  return *std::ranges::find_if(rows, speaks);
}

std::int64_t added(const RecordFormat& format, std::size_t plaintext) {
  return frame_of(format, 1, plaintext).size().count - static_cast<std::int64_t>(plaintext);
}

}  // namespace

TEST_CASE("the bytes that docs records says TLS and DTLS add are those of the codec") {
  std::size_t compared = 0;
  for (const Row& row : rows_of("What TLS and DTLS add")) {
    for (const RecordFormat& format : protected_formats()) {
      if (!row.speaks_of(name_of(format))) continue;
      INFO(row.line);
      CHECK(row.numbers ==
            std::vector{added(format, 0), added(format, 1400), added(format, 4096), added(format, 16384)});
      ++compared;
    }
  }
  CHECK(compared >= 15);
}

TEST_CASE("the sizes of packets that docs records says ESP has are those of the codec") {
  const std::vector<Row> rows = rows_of("ESP");
  std::size_t compared = 0;
  for (const Suite suite : all_suites()) {
    if (!supports(Protocol::esp_transport, suite)) continue;
    const Row& row = row_of(name_of(suite), rows);
    INFO(row.line);
    const Frame frame = frame_of({Protocol::esp_transport, suite}, 1, 0);
    std::vector expected = {frame.iv.count, frame.tag.count};
    for (const Protocol protocol : {Protocol::esp_transport, Protocol::esp_tunnel}) {
      const RecordFormat format{protocol, suite};
      std::vector<std::int64_t> sizes;
      for (std::size_t plaintext = 0; plaintext < 100; ++plaintext) sizes.push_back(added(format, plaintext));
      const Bytes in_ethernet = Bytes(1500) - header_sizes::ipv4;
      expected.insert(expected.end(), {std::ranges::min(sizes), std::ranges::max(sizes), added(format, 1400),
                                       RecordFraming(format, 1, in_ethernet).largest_plaintext().count});
      ++compared;
    }
    CHECK(row.numbers == expected);
  }
  CHECK(compared == 46);
}

TEST_CASE("the sizes of packets that docs records says SSH has are those of the codec") {
  const std::vector<Row> rows = rows_of("SSH");
  std::size_t compared = 0;
  for (const RecordFormat& format : protected_formats()) {
    if (format.protocol != Protocol::ssh_2) continue;
    const Row& row = row_of(name_of(format).substr(name_of(Protocol::ssh_2).size() + 3), rows);
    INFO(row.line << " for " << name_of(format));
    std::vector<std::int64_t> padding;
    for (std::size_t payload = 0; payload < 100; ++payload) {
      padding.push_back(frame_of(format, 1, payload).trailer.count);
    }
    const auto [least, most] = std::ranges::minmax(padding);
    CHECK(row.numbers == std::vector{most - least + 1, added(format, 0) - padding[0], least, most, added(format, 1),
                                     added(format, 1400), added(format, 32768)});
    ++compared;
  }
  CHECK(compared == 35);
}
