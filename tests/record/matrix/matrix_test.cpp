// Which peers prove which format, by doing it, and that docs/records.md says so.
//
// Where the peers or the formats change, look at the difference, then write the table anew with
//   CRYPTOPATH_RECORD_MATRIX=1 build/dev/test_record_matrix
#include <catch2/catch.hpp>
#include <cstdlib>

#include "../../result/scratch_folder.hpp"
#include "absences.hpp"
#include "captures.hpp"
#include "libraries.hpp"
#include "programs.hpp"
#include "table.hpp"

using namespace cryptopath;
using namespace cryptopath::test;

namespace {

constexpr const char* document_file = CRYPTOPATH_RECORDS_DOCUMENT;
const std::string begin_mark = "<!-- What test_record_matrix has proven, written by it. -->\n";
const std::string end_mark = "<!-- The end of what test_record_matrix has proven. -->\n";

std::vector<Row> proven_rows() {
  const std::vector<RecordFormat> formats = protected_formats();
  const std::vector<Cell> by_tshark = tshark_cells(formats);
  std::map<std::string, Cell> by_programs = program_cells();
  std::vector<Row> rows;
  for (std::size_t i = 0; i < formats.size(); ++i) {
    INFO(name_of(formats[i]));
    rows.push_back(
        {formats[i],
         {openssl_cell(formats[i]), gnutls_cell(formats[i]), by_tshark[i], by_programs[name_of(formats[i])]}});
  }
  return rows;
}

}  // namespace

TEST_CASE("every protocol either has a suite or one reason why it has not") {
  for (const Protocol protocol : all_protocols()) {
    if (protocol == Protocol::none) continue;
    for (const Suite suite : all_suites()) {
      if (suite == Suite::null) continue;
      INFO(name_of(RecordFormat{protocol, suite}));
      const auto reasons = std::ranges::count_if(absences(), [&](const Absence& absence) {
        return std::ranges::count(absence.protocols, protocol) > 0 && std::ranges::count(absence.suites, suite) > 0;
      });
      CHECK(reasons == (supports(protocol, suite) ? 0 : 1));
    }
  }
}

TEST_CASE("docs records says of every format which peers have proven it and why others cannot") {
  const std::vector<Row> rows = proven_rows();
  CHECK(rows.size() == 150);
  for (const Row& row : rows) {
    INFO(name_of(row.format));
    CHECK(std::ranges::any_of(row.cells, &Cell::proven));
  }
  const std::string table = '\n' + table_of({openssl_release(), gnutls_release(), tshark_release(), "others"}, rows) +
                            '\n' + table_of(absences()) + '\n';

  std::string document = read_file(document_file);
  const std::size_t begin = document.find(begin_mark);
  const std::size_t end = document.find(end_mark);
  REQUIRE(begin != std::string::npos);
  REQUIRE(end != std::string::npos);
  const std::size_t table_at = begin + begin_mark.size();
  if (std::getenv("CRYPTOPATH_RECORD_MATRIX") != nullptr) {
    write_file(document_file, document.substr(0, table_at) + table + document.substr(end));
    document = read_file(document_file);
  }
  CHECK(document.substr(table_at, document.find(end_mark) - table_at) == table);
}
