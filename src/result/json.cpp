// The result document. Keys stand in alphabetical order and doubles have the fewest digits that read back to the same
// bits, so that equal results are equal text.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cryptopath/result.hpp"

namespace cryptopath {

using nlohmann::json;

json to_json(const Result& result) {
  json document = {{"path", result.path},
                   {"elapsed_ns", result.elapsed.count},
                   {"payload_bytes", result.payload.count},
                   {"throughput_mbit_s", result.throughput_mbit_s()},
                   {"counts", result.counts},
                   {"utilization", result.utilization},
                   {"bottleneck", result.bottleneck},
                   {"latency_ns", {{"p50", result.latency.p50.count}, {"p99", result.latency.p99.count}}},
                   {"checked", result.checked},
                   {"wire",
                    {{"bytes", result.wire.bytes.count},
                     {"sha256", result.wire.sha256},
                     {"plaintext_sha256", result.wire.plaintext_sha256},
                     {"verified_by", result.wire.verified_by}}}};
  if (result.operations) {
    document["operations"] = *result.operations;
    document["operations_per_second"] = result.operations_per_second();
  }
  if (result.threads_served > 0) document["threads_served"] = result.threads_served;
  if (!result.remarks.empty()) document["remarks"] = result.remarks;
  if (!result.errno_name.empty()) {
    document["errno"] = result.errno_name;
    document["refusal"] = result.refusal;
  }
  return document;
}

Result result_from_json(const json& document) {
  try {
    Result result;
    result.path = document.at("path").get<std::string>();
    result.elapsed = Nanoseconds(document.at("elapsed_ns").get<std::int64_t>());
    result.payload = Bytes(document.at("payload_bytes").get<std::int64_t>());
    if (document.contains("operations")) result.operations = document.at("operations").get<std::int64_t>();
    result.counts = document.at("counts").get<Counts>();
    result.utilization = document.at("utilization").get<std::map<std::string, double>>();
    result.bottleneck = document.at("bottleneck").get<std::string>();
    const json& latency = document.at("latency_ns");
    result.latency.p50 = Nanoseconds(latency.at("p50").get<std::int64_t>());
    result.latency.p99 = Nanoseconds(latency.at("p99").get<std::int64_t>());
    result.threads_served = document.value("threads_served", std::int64_t{0});
    result.errno_name = document.value("errno", "");
    result.refusal = document.value("refusal", "");
    result.remarks = document.value("remarks", std::vector<std::string>());
    result.checked = document.at("checked").get<std::vector<std::string>>();
    const json& wire = document.at("wire");
    result.wire.bytes = Bytes(wire.at("bytes").get<std::int64_t>());
    result.wire.sha256 = wire.at("sha256").get<std::string>();
    result.wire.plaintext_sha256 = wire.at("plaintext_sha256").get<std::string>();
    result.wire.verified_by = wire.at("verified_by").get<std::string>();
    return result;
  } catch (const json::exception& error) {
    throw InputError(fmt::format("no result of format {}: {}", result_format, error.what()));
  }
}

json to_json(const Scenario& scenario, const std::vector<Result>& results) {
  ensure(scenario.resolved != nullptr && !scenario.runs.empty(), "a scenario holds its resolved form and runs");
  json runs = json::array();
  for (const Result& result : results) runs.push_back(to_json(result));
  return {{"format", result_format},
          {"version", version()},
          {"scenario", *scenario.resolved},
          {"seed", scenario.runs.front().seed},
          {"runs", std::move(runs)}};
}

}  // namespace cryptopath
