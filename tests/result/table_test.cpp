#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>

#include "example_results.hpp"
#include "result/human.hpp"

using namespace cryptopath;
using namespace cryptopath::examples;
using Catch::Matchers::Contains;

namespace {

std::string table_of(const std::vector<Result>& results, bool colour = false) {
  return to_table(scenario_of(results), results, colour);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::string line_with(const std::string& table, const std::string& label) {
  for (const std::string& line : lines_of(table)) {
    if (line.find(label) != std::string::npos) return line;
  }
  return "no line with " + label;
}

}  // namespace

TEST_CASE("two paths stand side by side") {
  CHECK(table_of({result("traditional", Nanoseconds(100'000'000)), result("shortcut", Nanoseconds(80'000'000))}) ==
        R"(GOLDEN)");
}

TEST_CASE("a table of an empty file has neither infinities nor numbers that are none") {
  const std::string table = table_of({empty_result("traditional"), empty_result("shortcut")});
  CHECK_THAT(table, !Contains("nan") && !Contains("inf"));
  CHECK_THAT(line_with(table, "throughput  "), Contains("0.00 Mbit/s"));
  CHECK_THAT(line_with(table, "gain over"), Contains("-") && !Contains("%"));
  CHECK_THAT(line_with(table, "  idle"), Contains("0 ns") && !Contains("%"));
}

TEST_CASE("three paths stand in one block and five in two of at most a hundred columns") {
  std::vector<Result> results;
  for (const char* name : {"traditional", "shortcut", "http-read-write"})
    results.push_back(result(name, Nanoseconds(99)));
  const auto heads = [](const std::string& table) {
    const auto lines = lines_of(table);
    return std::count_if(lines.begin(), lines.end(), [](const std::string& line) { return line == "on the wire"; });
  };
  CHECK(heads(table_of(results)) == 1);
  for (const char* name : {"http-sendfile", "library"}) results.push_back(result(name, Nanoseconds(98)));
  const std::string table = table_of(results);
  CHECK(heads(table) == 2);
  for (const std::string& line : lines_of(table)) {
    INFO(line);
    CHECK(columns(line) <= 100);
  }
  for (const Result& each : results) CHECK_THAT(table, Contains(each.path));
}

TEST_CASE("long names of paths are cut to keep the columns") {
  const std::string table = table_of({result(std::string(200, 'x'), Nanoseconds(9)), result("b", Nanoseconds(9))});
  for (const std::string& line : lines_of(table)) CHECK(columns(line) <= 100);
  CHECK_THAT(table, Contains("xxx…"));
}

TEST_CASE("colour is there only when asked for") {
  const std::vector<Result> results = {result("traditional", Nanoseconds(100))};
  CHECK_THAT(table_of(results), !Contains("\033"));
  CHECK_THAT(table_of(results, true), Contains("\033[1m"));
}

TEST_CASE("the table tells wires that differ from identical ones and from those in clear") {
  std::vector<Result> results = {result("traditional", Nanoseconds(100)), result("shortcut", Nanoseconds(100)),
                                 result("http", Nanoseconds(100))};
  CHECK_THAT(line_with(table_of(results), "  image "),
             Contains("reference") && Contains("identical") && Contains("in clear"));
  results[1].wire.sha256[0] = 'f';
  CHECK_THAT(line_with(table_of(results), "  image "), Contains("DIFFERENT") && !Contains("identical"));
}

TEST_CASE("a modelled payload has no image and a count that is missing shows as such") {
  Result modelled = result("traditional", Nanoseconds(100));
  modelled.wire = {Bytes(5), "", "", ""};
  modelled.counts.erase("wakeups");
  const std::string table = table_of({modelled});
  CHECK_THAT(line_with(table, "  image "), Contains("not kept"));
  CHECK_THAT(line_with(table, "compared by"), Catch::Matchers::EndsWith(" -"));
  CHECK_THAT(line_with(table, "wakeups"), Catch::Matchers::EndsWith(" -"));
}
