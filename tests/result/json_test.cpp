#include <rapidcheck.h>

#include <bit>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "example_results.hpp"

using namespace cryptopath;
using namespace cryptopath::examples;
using nlohmann::json;

namespace {

std::vector<std::string> keys_of(const json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

Result any_result() {
  Result result;
  const auto text = rc::gen::container<std::string>(rc::gen::inRange(' ', '~'));
  const auto number = rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 53);
  result.path = *text;
  result.elapsed = Nanoseconds(*number);
  result.payload = Bytes(*number);
  result.counts = *rc::gen::container<Counts>(text, rc::gen::arbitrary<std::int64_t>());
  for (const std::string& name : *rc::gen::container<std::vector<std::string>>(text)) {
    result.utilization[name] = static_cast<double>(*number) / static_cast<double>(std::int64_t{1} << 53);
  }
  result.bottleneck = *text;
  result.latency = {Nanoseconds(*number), Nanoseconds(*number)};
  result.wire = {Bytes(*number), *text, *text, *text};
  result.checked = *rc::gen::container<std::vector<std::string>>(text);
  return result;
}

bool same_bits(const std::map<std::string, double>& a, const std::map<std::string, double>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.first == y.first && std::bit_cast<std::uint64_t>(x.second) == std::bit_cast<std::uint64_t>(y.second);
  });
}

}  // namespace

TEST_CASE("the result document has the keys of the format") {
  const std::vector<Result> results = {result("traditional", Nanoseconds(100'000'000)),
                                       result("shortcut", Nanoseconds(80'000'000))};
  const json document = to_json(scenario_of(results), results);
  CHECK(keys_of(document) == std::vector<std::string>{"format", "runs", "scenario", "seed", "version"});
  CHECK(document.at("format") == "cryptopath-result-1");
  CHECK(document.at("version") == version());
  CHECK(document.at("seed") == 7);
  CHECK(document.at("scenario").at("title") == "Paths side by side");
  REQUIRE(document.at("runs").size() == 2);
  const json& run = document.at("runs").at(1);
  CHECK(keys_of(run) == std::vector<std::string>{"bottleneck", "checked", "counts", "elapsed_ns", "latency_ns", "path",
                                                 "payload_bytes", "throughput_mbit_s", "utilization", "wire"});
  CHECK(keys_of(run.at("latency_ns")) == std::vector<std::string>{"p50", "p99"});
  CHECK(keys_of(run.at("wire")) == std::vector<std::string>{"bytes", "plaintext_sha256", "sha256", "verified_by"});
  CHECK(run.at("path") == "shortcut");
  CHECK(run.at("elapsed_ns") == 80'000'000);
  CHECK(run.at("throughput_mbit_s") == 100.0);
  CHECK(run.at("counts").at("paper.copies") == 492);
}

TEST_CASE("a result survives the way through text bit for bit") {
  CHECK(rc::check("round trip", [] {
    const Result before = any_result();
    const std::string text = to_json(before).dump();
    const Result after = result_from_json(json::parse(text));
    RC_ASSERT(to_json(after).dump() == text);
    RC_ASSERT(same_bits(after.utilization, before.utilization));
    RC_ASSERT(after.counts == before.counts);
    RC_ASSERT(after.checked == before.checked);
    RC_ASSERT(after.path == before.path);
    RC_ASSERT(after.elapsed == before.elapsed);
    RC_ASSERT(after.latency.p50 == before.latency.p50);
    RC_ASSERT(after.latency.p99 == before.latency.p99);
    RC_ASSERT(after.wire.sha256 == before.wire.sha256);
    RC_ASSERT(after.wire.plaintext_sha256 == before.wire.plaintext_sha256);
    RC_ASSERT(after.wire.verified_by == before.wire.verified_by);
  }));
}

TEST_CASE("a document that lacks a key or has a wrong type is no result") {
  const json good = to_json(result("traditional", Nanoseconds(1)));
  for (const std::string& key : keys_of(good)) {
    if (key == "throughput_mbit_s") continue;  // follows from the others
    INFO(key);
    json lacking = good;
    lacking.erase(key);
    CHECK_THROWS_AS(result_from_json(lacking), InputError);
    json wrong = good;
    wrong[key] = json::array({json::array()});
    CHECK_THROWS_AS(result_from_json(wrong), InputError);
  }
}

TEST_CASE("an empty file has no throughput and no gain") {
  const Result empty = empty_result("traditional");
  CHECK(empty.throughput_mbit_s() == 0);
  CHECK(gain_percent(empty, empty) == 0);
  CHECK(gain_percent(result("shortcut", Nanoseconds(1)), empty) == 0);
}

TEST_CASE("gain compares throughputs") {
  const Result slow = result("traditional", Nanoseconds(100));
  CHECK(gain_percent(result("shortcut", Nanoseconds(80)), slow) == Approx(25));
  CHECK(gain_percent(result("shortcut", Nanoseconds(125)), slow) == Approx(-20));
}
