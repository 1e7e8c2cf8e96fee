// Published numbers to compare with.
#include <catch2/catch.hpp>

#include "workspace.hpp"

using namespace cryptopath;
using namespace cryptopath::literals;

namespace {

const Workspace workspace;
std::string own_table() { return with(valid_workload, "tocs-table-1", "table.csv"); }
const std::string head = "figure,series,x_name,x,y,unit,source\n";

std::vector<PublishedValue> values_of(const std::string& lines) {
  workspace.write("table.csv", head + lines);
  return workspace.load_workload(own_table()).published;
}

std::string error_of(const std::string& table) {
  workspace.write("table.csv", table);
  return workspace.error_of_workload(own_table());
}

}  // namespace

TEST_CASE("every table of published numbers can be read") {
  int tables = 0;
  for (const auto& entry : std::filesystem::directory_iterator(data_directory() / "plots" / "published")) {
    CAPTURE(entry.path());
    const Workload workload =
        workspace.load_workload(with(valid_workload, "tocs-table-1", entry.path().stem().string()));
    CHECK(!workload.published.empty());
    ++tables;
  }
  CHECK(tables >= 30);
}

TEST_CASE("a published rate is that of the cell's threads and size in Mbit a second") {
  const Workload workload = workspace.load_workload(valid_workload);
  std::vector<std::optional<double>> rates;
  for (const WorkloadSpec& cell : workload.cells) rates.push_back(published_rate(workload, cell));
  CHECK(rates == std::vector<std::optional<double>>{3, 59, 80, 7.3, 249, 320});
  WorkloadSpec other = workload.cells[0];
  other.threads = 2;
  CHECK_FALSE(published_rate(workload, other));
  other.threads = 1;
  other.request = 64_B;
  CHECK_FALSE(published_rate(workload, other));
}

TEST_CASE("values in another unit or of nothing are no rates") {
  Workload workload = workspace.load_workload(valid_workload);
  workload.published = {{"1 threads", "16", 3, "MB/s", ""}, {"32 threads", "16", 0, "Mbit/s", ""}};
  CHECK_FALSE(published_rate(workload, workload.cells[0]));
  CHECK_FALSE(published_rate(workload, workload.cells[3]));
}

TEST_CASE("fields in quotation marks hold commas and quotation marks") {
  const auto values = values_of("t,\"a, \"\"b\"\"\",request_bytes,16,7.3,Mbit/s,\"someone, 2006\"\nt,,,,-1e3,,\"\"\n");
  REQUIRE(values.size() == 2);
  CHECK(values[0].series == "a, \"b\"");
  CHECK(values[0].x == "16");
  CHECK(values[0].y == 7.3);
  CHECK(values[0].unit == "Mbit/s");
  CHECK(values[0].source == "someone, 2006");
  CHECK(values[1].series.empty());
  CHECK(values[1].y == -1000);
  CHECK(values_of("t,a,x,1,2,u,s").size() == 1);  // without a line feed at its end
  CHECK(values_of("").empty());
}

TEST_CASE("a mistake in a table of published numbers gets its file and line") {
  CHECK(error_of("") == R"(table.csv:1: found "", expected "figure,series,x_name,x,y,unit,source")");
  CHECK(error_of("figure,series\n") ==
        R"(table.csv:1: found "figure,series", expected "figure,series,x_name,x,y,unit,source")");
  CHECK(error_of(head + "t,a,x,1,2,u,s\nt,a,x,1,2,u\n") ==
        "table.csv:3: found 6 fields, expected 7: figure,series,x_name,x,y,unit,source");
  CHECK(error_of(head + "\n") == "table.csv:2: found 1 fields, expected 7: figure,series,x_name,x,y,unit,source");
  CHECK(error_of(head + "t,a,x,1,2 Mbit/s,u,s\n") == R"(table.csv:2: found y "2 Mbit/s", expected a number)");
  CHECK(error_of(head + "t,a,x,1,,u,s\n") == R"(table.csv:2: found y "", expected a number)");
  CHECK(error_of(head + "t,a,x,1,inf,u,s\n") == R"(table.csv:2: found y "inf", expected a number)");
  CHECK(error_of(head + "t,\"a,x,1,2,u,s\n") ==
        "table.csv:2: found a quotation mark that none closes, expected both in one line");
  CHECK(error_of(head + "t,\"a\"b,x,1,2,u,s\n") ==
        "table.csv:2: found text behind a field in quotation marks, expected a comma or the end of the line");
  CHECK(error_of(head + "t,a\"b\",x,1,2,u,s\n") ==
        "table.csv:2: found a quotation mark inside a field, expected quotation marks around the whole field");
  CHECK(error_of(head + "t,a,x,1,2,u,s\r\n") ==
        "table.csv:2: found a control character, expected printable text, a line feed at the end of each line");
  CHECK(error_of(head + "t,a,x,1,2,u,s\nt,b,x,1,2,u,s\nt,a,x,1,3,u,s\n") ==
        R"(table.csv:4: found a second value at "1" of "a", expected one value for each point)");
  CHECK(error_of(head + std::string("t,a\0,x,1,2,u,s\n", 15)) ==
        "table.csv:2: found a NUL byte, expected CSV, which is text");
}

TEST_CASE("a table of published numbers that is not there is refused where it is named") {
  CHECK(workspace.error_of_workload(with(valid_workload, "tocs-table-1", "none.csv")) ==
        R"(workload.json:12: /published: found "none.csv", no such file, expected a CSV file)");
}
