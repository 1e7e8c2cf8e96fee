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
        R"(Paths side by side
some file.bin, 1.00 MB (1,000,000 B), in the page cache
tls-1.2 / 3des-ede-cbc-hmac-sha1, buffers of 8 KiB, openbsd-3.3, seed 7

                                      traditional              shortcut
time and throughput
  elapsed                                  100 ms               80.0 ms
  throughput                          80.0 Mbit/s            100 Mbit/s
                                      10.0   MB/s           12.5   MB/s
  gain over traditional                         -               +25.0 %
  latency of a buffer, p50                 850 us                850 us
  latency of a buffer, p99                1.25 ms               1.25 ms
as the papers count
  copies                                      492                   492
  context switches                            984                   984
  DMA passes of data                          369                   369
copies by the processor (number, bytes)
  kernel to user                    246   2.00 MB         246   2.00 MB
  user to kernel                    249   2.00 MB         249   2.00 MB
  kernel to kernel                    0       0 B           0       0 B
  arguments, keys and IVs           124                   124
work of the kernel
  system calls                                375                   375
  mode crossings                              750                   750
  process switches                            246                   246
  wakeups                                     247                   247
  interrupts                                  248                   248
  crypto requests                             123                   123
DMA (transfers, bytes)
  data, host to device              251   2.01 MB         251   2.01 MB
  data, device to host              123   1.00 MB         123   1.00 MB
  data, device to device              0       0 B           0       0 B
  acknowledgements to host           62   3.35 kB          62   3.35 kB
memory traffic
  read                                    4.50 MB               4.50 MB
  written                                 3.40 MB               3.40 MB
processor time (share of all processors)
  user                           10.0 ms   10.0 %      8.00 ms   10.0 %
  kernel                         25.0 ms   25.0 %      20.0 ms   25.0 %
  crypto thread                  5.00 ms    5.0 %      4.00 ms    5.0 %
  interrupt handlers             5.00 ms    5.0 %      4.00 ms    5.0 %
  switching                      2.00 ms    2.0 %      1.60 ms    2.0 %
  idle                           53.0 ms   53.0 %      42.4 ms   53.0 %
use of each resource (busy share of the time)
  cpu0                        █████·····   47.0 %   █████·····   47.0 %
  memory                      █·········   12.5 %   █·········   12.5 %
  vpn1201                     █████████·   90.0 %   █████████·   90.0 %
  busiest resource                        vpn1201               vpn1201
on the wire
  bytes                                 1,004,551             1,004,551
  records                                     123                   123
  TCP segments                                689                   689
  sha256 of the image               0123456789ab…         0123456789ab…
  image                                 reference             identical
  decrypted and compared by          GnuTLS 3.7.9          GnuTLS 3.7.9
)");
}

TEST_CASE("a table of an empty file has neither infinities nor numbers that are none") {
  const std::string table = table_of({empty_result("traditional"), empty_result("shortcut")});
  CHECK_THAT(table, !Contains("nan") && !Contains("inf"));
  CHECK_THAT(line_with(table, "throughput  "), Contains("0.00 Mbit/s"));
  CHECK_THAT(line_with(table, "gain over"), Contains("-") && !Contains("%"));
  CHECK_THAT(line_with(table, "  idle"), Contains("0 ns") && !Contains("%"));
}

TEST_CASE("what was set stands in one line under the title") {
  const std::vector<Result> results = {result("traditional", Nanoseconds(9))};
  Scenario scenario = scenario_of(results);
  scenario.settings = {"/buffer=8 KiB", "/record={\"protocol\":\n\"tls-1.2\"}"};
  auto lines = lines_of(to_table(scenario, results, false));
  CHECK(lines.at(0) == "Paths side by side");
  CHECK(lines.at(1) == R"(with /buffer=8 KiB, /record={"protocol":\n"tls-1.2"})");
  CHECK(lines.at(2).starts_with("some file.bin"));
  scenario.settings.push_back("/title=" + std::string(200, 'x'));
  lines = lines_of(to_table(scenario, results, false));
  CHECK(columns(lines.at(1)) == 100);
  CHECK(lines.at(2).starts_with("some file.bin"));
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

TEST_CASE("the heading tells the protection of the paths that protect also where the first does not") {
  std::vector<Result> results = {result("http", Nanoseconds(100)), result("shortcut", Nanoseconds(100))};
  Scenario scenario = scenario_of(results);
  scenario.runs[0].format = RecordFormat();
  CHECK_THAT(to_table(scenario, results, false), Contains("tls-1.2 / 3des-ede-cbc-hmac-sha1"));
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
