// Table and document of a workload, of results made by hand.
#include "cryptopath/workload.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "../machine/example_machines.hpp"
#include "result/human.hpp"

using namespace cryptopath;
using namespace cryptopath::literals;
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

Workload workload_of(const std::vector<std::int64_t>& threads, const std::vector<Bytes>& requests) {
  Workload workload;
  workload.title = "Threads and sizes";
  workload.resolved = std::make_shared<json>(json{{"title", workload.title}});
  WorkloadSpec cell;
  auto vertices = examples::server_vertices();
  for (Vertex& vertex : vertices) vertex.model = vertex.name == "card" ? "vpn1201" : "";
  cell.machine = std::make_shared<const Machine>("server", std::move(vertices), examples::server_connections());
  cell.kernel_name = "openbsd-3.3";
  cell.algorithm = "3des-ede-cbc";
  cell.seed = 7;
  cell.payload = Payload::modelled;
  cell.warm_up = 20_ms;
  cell.duration = 200_ms;
  for (const std::int64_t count : threads) {
    for (const Bytes request : requests) {
      cell.threads = count;
      cell.request = request;
      workload.cells.push_back(cell);
    }
  }
  return workload;
}

/// `mbit_s` in a fifth of a second, the processor working for half of it.
Result result_with(std::int64_t mbit_s, const std::string& bottleneck = "cpu0") {
  Result result;
  result.path = "a cell";
  result.elapsed = 200_ms;
  result.payload = Bytes(mbit_s * 25'000);
  result.threads_served = 3;
  result.bottleneck = bottleneck;
  result.utilization = {{"cpu0", 0.5}, {"card", 0.987}};
  result.counts = {{"interrupts", 12'345},           {"cpu.user_ns", 20'000'000},
                   {"cpu.kernel_ns", 40'000'000},    {"cpu.crypto_thread_ns", 10'000'000},
                   {"cpu.interrupt_ns", 20'000'000}, {"cpu.switch_ns", 10'000'000},
                   {"cpu.idle_ns", 100'000'000}};
  return result;
}

std::vector<Result> results_for(const Workload& workload) {
  std::vector<Result> results;
  for (std::size_t i = 0; i < workload.cells.size(); ++i) {
    results.push_back(result_with(static_cast<std::int64_t>(10 * (i + 1)), i % 3 == 2 ? "card" : "cpu0"));
  }
  return results;
}

PublishedValue published(const std::string& series, const std::string& x, double y) {
  return {series, x, y, "Mbit/s", "Some authors, Some paper, 2006, Table I"};
}

/// Two numbers of threads and three sizes, three of the six cells published.
Workload compared() {
  Workload workload = workload_of({1, 32}, {16_B, 1_KiB, 16_KiB});
  workload.published = {published("1 threads", "16", 8), published("1 threads", "1024", 20),
                        published("1 threads", "16384", 32), published("16 threads", "16", 9)};
  return workload;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("the table of a workload has rates by threads and size and what was published under them") {
  const Workload workload = compared();
  CHECK(to_table(workload, results_for(workload), false) ==
        R"(Threads and sizes
3des-ede-cbc on server with vpn1201, openbsd-3.3
200 ms measured after 20.0 ms of warm-up, seed 7

                   16 B     1 KiB    16 KiB
Mbit/s
  1 thread         10.0      20.0      30.0
    published      8.00      20.0      32.0
    error       +25.0 %    +0.0 %    -6.2 %
  32 threads       40.0      50.0      60.0

3 of 6 cells published: median error 6.2 %, largest +25.0 % (1 thread, 16 B)
Some authors, Some paper, 2006, Table I

                       served           busy   interrupts/s      in kernel           idle
busiest resource at 32 threads
  16 B: cpu0                3         50.0 %         61,725         40.0 %         50.0 %
  1 KiB: cpu0               3         50.0 %         61,725         40.0 %         50.0 %
  16 KiB: card              3         98.7 %         61,725         40.0 %         50.0 %
)");
}

TEST_CASE("a workload that compares with nothing has no errors in its table") {
  const Workload workload = workload_of({4}, {64_B});
  CHECK(to_table(workload, {result_with(7)}, false) ==
        R"(Threads and sizes
3des-ede-cbc on server with vpn1201, openbsd-3.3
200 ms measured after 20.0 ms of warm-up, seed 7

              64 B
Mbit/s
  4 threads   7.00

                     served           busy   interrupts/s      in kernel           idle
busiest resource at 4 threads
  64 B: cpu0              3         50.0 %         61,725         40.0 %         50.0 %
)");
}

TEST_CASE("a workload of which more was set than what was published for says that it is not compared") {
  Workload workload = workload_of({1}, {16_B});
  json resolved = *workload.resolved;
  resolved["published"] = "tocs-table-1";
  workload.resolved = std::make_shared<json>(std::move(resolved));
  const std::string table = to_table(workload, results_for(workload), false);
  CHECK_THAT(table,
             Contains("\nnot compared with what was published: more was set than threads, sizes, seed and times\n\n"));
  CHECK_THAT(table, !Contains("error"));
  CHECK(to_json(workload, results_for(workload)).at("not_compared") ==
        "more was set than threads, sizes, seed and times");
  workload.published = {{"1 threads", "16", 3, "Mbit/s", "a paper"}};
  CHECK_FALSE(to_json(workload, results_for(workload)).contains("not_compared"));
}

TEST_CASE("a cell that the kernel refused has its errno in place of a rate and is compared with nothing") {
  const Workload workload = compared();
  std::vector<Result> results = results_for(workload);
  results[0] = {};
  results[0].errno_name = "E2BIG";
  results[0].refusal = "too much (E2BIG)";
  const auto lines = lines_of(to_table(workload, results, false));
  CHECK(lines.at(6) == "  1 thread       E2BIG     20.0     30.0");
  CHECK(lines.at(7) == "    published              20.0     32.0");
  CHECK(lines.at(11) == "  too much (E2BIG)");
  CHECK_THAT(lines.at(13), Contains("2 of 6 cells published"));
  const json runs = to_json(workload, results).at("runs");
  CHECK(runs.at(0).at("errno") == "E2BIG");
  CHECK(runs.at(0).at("refusal") == "too much (E2BIG)");
  CHECK_FALSE(runs.at(0).contains("error"));
  CHECK(result_from_json(runs.at(0)).errno_name == "E2BIG");
  CHECK(result_from_json(runs.at(1)).errno_name.empty());
}

TEST_CASE("what a workload asked for without effect stands in table and document") {
  const Workload workload = compared();
  std::vector<Result> results = results_for(workload);
  results[1].remarks = {"too late"};
  CHECK_THAT(to_table(workload, results, false), Contains("\n  too late\n"));
  const json runs = to_json(workload, results).at("runs");
  CHECK(runs.at(1).at("remarks") == json{"too late"});
  CHECK_FALSE(runs.at(0).contains("remarks"));
  CHECK(result_from_json(runs.at(1)).remarks == results[1].remarks);
}

TEST_CASE("the table of a workload says under what else it was measured") {
  Workload workload = workload_of({4}, {64_B});
  CHECK(lines_of(to_table(workload, {result_with(7)}, false)).at(2).starts_with("200 ms measured"));
  workload.cells[0].batch = 8;
  workload.cells[0].allow_software = false;
  const auto lines = lines_of(to_table(workload, {result_with(7)}, false));
  CHECK(lines.at(2) == "8 requests in a call, no software");
  CHECK(lines.at(3).starts_with("200 ms measured"));
}

TEST_CASE("the table of a workload says what was set") {
  Workload workload = workload_of({4}, {64_B});
  workload.settings = {"/duration=5 s"};
  const auto lines = lines_of(to_table(workload, {result_with(7)}, false));
  CHECK(lines.at(0) == "Threads and sizes");
  CHECK(lines.at(1) == "with /duration=5 s");
  CHECK(lines.at(2).starts_with("3des-ede-cbc on server"));
}

TEST_CASE("the table of a workload with a hog says how long it took") {
  Workload workload = workload_of({1, 2}, {16_B, 64_B});
  for (WorkloadSpec& cell : workload.cells) cell.hog = true;
  const std::vector<Result> results = results_for(workload);
  const std::string table = to_table(workload, results, false);
  CHECK_THAT(table, Contains("the hog's life measured after 20.0 ms of warm-up"));
  CHECK_THAT(table, Contains("seconds for a process that computes for 200 ms\n"
                             "  1 thread    0.20   0.20\n"
                             "  2 threads   0.20   0.20\n"));
  CHECK(to_json(workload, results).at("runs").at(1).at("hog_elapsed_ns") == 200'000'000);
}

TEST_CASE("a row of threads without a published value has none under it and an empty place where one is missing") {
  Workload workload = workload_of({1, 2}, {16_B, 64_B});
  workload.published = {published("2 threads", "64", 50)};
  const auto lines = lines_of(to_table(workload, results_for(workload), false));
  CHECK(std::vector<std::string>(lines.begin() + 6, lines.begin() + 10) ==
        std::vector<std::string>{"  1 thread         10.0      20.0", "  2 threads        30.0      40.0",
                                 "    published                50.0", "    error                 -20.0 %"});
}

TEST_CASE("the median of an even number of errors is between the middle two") {
  Workload workload = workload_of({1}, {16_B, 64_B});
  workload.published = {published("1 threads", "16", 8), published("1 threads", "64", 25)};
  CHECK_THAT(to_table(workload, results_for(workload), false),
             Contains("2 of 2 cells published: median error 22.5 %, largest +25.0 %"));
}

TEST_CASE("a published table without any of the cells is said to have none") {
  Workload workload = workload_of({1}, {16_B});
  workload.published = {published("2 threads", "16", 8)};
  CHECK_THAT(to_table(workload, results_for(workload), false), Contains("0 of 1 cells published\n"));
}

TEST_CASE("what limits is told of the most threads wherever they stand") {
  const Workload workload = workload_of({8, 1}, {16_B});
  const std::string table = to_table(workload, {result_with(1, "card"), result_with(2)}, false);
  CHECK_THAT(table, Contains("busiest resource at 8 threads") && Contains("16 B: card") && !Contains("16 B: cpu0"));
}

TEST_CASE("the cards of a workload's machine are counted by model") {
  Workload workload = workload_of({1}, {16_B});
  auto vertices = examples::server_vertices();
  auto connections = examples::server_connections();
  for (Vertex& vertex : vertices) vertex.model = "vpn1201";
  for (const char* name : {"second", "third"}) {
    vertices.push_back(examples::accelerator(name));
    vertices.back().model = "ubsec-5820";
    connections.push_back({name, "pci1"});
  }
  workload.cells[0].machine = std::make_shared<const Machine>("server", vertices, connections);
  CHECK_THAT(to_table(workload, results_for(workload), false),
             Contains("on server with 2 x ubsec-5820 and vpn1201, openbsd-3.3"));
}

TEST_CASE("nothing done in no time and counts that are missing show as such") {
  const Workload workload = workload_of({1}, {16_B});
  Result nothing;
  nothing.counts = {{"interrupts", 0}, {"cpu.idle_ns", 0}};
  const std::string table = to_table(workload, {nothing}, false);
  CHECK_THAT(lines_of(table).back(), Catch::Matchers::Matches("  16 B: - +0( +-){4}"));
  CHECK_THAT(table, Contains("16 B: -") && Contains("0.00") && !Contains("nan") && !Contains("inf"));
}

TEST_CASE("the lines of a workload's table are at most a hundred columns") {
  std::vector<Bytes> sizes;
  for (int size = 16; size <= 16 << 14; size *= 2) sizes.emplace_back(size);
  Workload workload = workload_of({1, 100'000}, sizes);
  workload.title = std::string(200, 'x');
  std::vector<Result> results = results_for(workload);
  for (Result& result : results) result.bottleneck = "quad-7751.7751-0";
  for (const std::string& line : lines_of(to_table(workload, results, false))) {
    INFO(line);
    CHECK(columns(line) <= 100);
  }
  CHECK_THAT(to_table(workload, results, true), Contains("\033[1m"));
}

TEST_CASE("the document of a workload tells each cell and how far it is from what was published") {
  const Workload workload = compared();
  const json document = to_json(workload, results_for(workload));
  CHECK(document.at("format") == result_format);
  CHECK(document.at("version") == version());
  CHECK(document.at("seed") == 7);
  CHECK(document.at("workload").at("title") == "Threads and sizes");
  CHECK(document.size() == 5);
  REQUIRE(document.at("runs").size() == 6);
  const json& given = document.at("runs").at(0);
  CHECK(given.at("threads") == 1);
  CHECK(given.at("request_bytes") == 16);
  CHECK(given.at("throughput_mbit_s") == 10.0);
  CHECK(given.at("published_mbit_s") == 8.0);
  CHECK(given.at("error") == 0.25);
  const json& not_given = document.at("runs").at(5);
  CHECK(not_given.at("threads") == 32);
  CHECK(not_given.at("request_bytes") == 16384);
  CHECK_FALSE(not_given.contains("published_mbit_s"));
  CHECK_FALSE(not_given.contains("error"));
  CHECK(to_json(result_from_json(given)) == to_json(results_for(workload)[0]));
}

namespace {

/// Of `operations` in a fifth of a second.
Result signatures(std::int64_t operations) {
  Result result = result_with(0, "card.key1");
  result.utilization["card.key1"] = 0.999;
  result.operations = operations;
  return result;
}

Workload of_signatures(bool crt) {
  Workload workload = workload_of({1, 2}, {16_B, 64_B});
  for (std::size_t i = 0; i < workload.cells.size(); ++i) {
    workload.cells[i].public_key = {PublicKeyOperation::rsa_sign, i % 2 == 0 ? 512 : 1024, crt, {}};
  }
  return workload;
}

}  // namespace

TEST_CASE("the table of public-key operations has operations a second by threads and modulus") {
  CHECK(to_table(of_signatures(true), {signatures(160), signatures(20), signatures(319), signatures(41)}, false) ==
        R"(Threads and sizes
rsa-sign with CRT on server with vpn1201, openbsd-3.3
200 ms measured after 20.0 ms of warm-up, seed 7

               512 bit   1024 bit
operations/s
  1 thread         800        100
  2 threads      1,595        205

                              served           busy   interrupts/s      in kernel           idle
busiest resource at 2 threads
  512 bit: card.key1               3         99.9 %         61,725         40.0 %         50.0 %
  1024 bit: card.key1              3         99.9 %         61,725         40.0 %         50.0 %
)");
}

TEST_CASE("the document of public-key operations has their number and rate and what they were") {
  Workload workload = of_signatures(false);
  workload.cells[1].provider = Provider::user;
  const std::vector<Result> results = {signatures(160), signatures(20), signatures(319), signatures(0)};
  const json document = to_json(workload, results);
  const json& first = document.at("runs").at(0);
  CHECK(first.at("operation") == "rsa-sign");
  CHECK(first.at("modulus_bits") == 512);
  CHECK(first.at("crt") == false);
  CHECK(first.at("provider") == "dev-crypto");
  CHECK(first.at("threads") == 1);
  CHECK(first.at("operations") == 160);
  CHECK(first.at("operations_per_second") == 800.0);
  CHECK_FALSE(first.contains("request_bytes"));
  CHECK(document.at("runs").at(1).at("provider") == "user");
  CHECK(document.at("runs").at(3).at("operations") == 0);
  for (std::size_t i = 0; i < results.size(); ++i) {
    CHECK(to_json(result_from_json(to_json(results[i]))) == to_json(results[i]));
  }
  CHECK_FALSE(to_json(result_with(1)).contains("operations"));
}
