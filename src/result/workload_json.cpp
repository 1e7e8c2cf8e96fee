// The result document of a workload.
#include <nlohmann/json.hpp>

#include "cryptopath/workload.hpp"
#include "result/workload_comparison.hpp"

namespace cryptopath {

using nlohmann::json;

json to_json(const Workload& workload, const std::vector<Result>& results) {
  ensure(workload.resolved != nullptr && !workload.cells.empty(), "a workload holds its resolved form and cells");
  ensure(results.size() == workload.cells.size(), "each cell of a workload has a result");
  json runs = json::array();
  for (std::size_t i = 0; i < results.size(); ++i) {
    const WorkloadSpec& cell = workload.cells[i];
    json run = to_json(results[i]);
    run["threads"] = cell.threads;
    run["provider"] = cell.provider == Provider::user ? "user" : "dev-crypto";
    if (cell.public_key) {
      run["operation"] = name_of(cell.public_key->operation);
      run["modulus_bits"] = cell.public_key->modulus_bits;
      run["crt"] = cell.public_key->crt;
    } else {
      run["request_bytes"] = cell.request.count;
    }
    if (cell.hog) run["hog_elapsed_ns"] = results[i].elapsed.count;
    if (const auto published = published_rate(workload, cell)) {
      run["published_mbit_s"] = *published;
      if (results[i].errno_name.empty()) run["error"] = error_against(results[i], *published);
    }
    runs.push_back(std::move(run));
  }
  json document = {{"format", result_format},
                   {"version", version()},
                   {"workload", *workload.resolved},
                   {"seed", workload.cells.front().seed},
                   {"runs", std::move(runs)}};
  if (const std::string reason = why_not_compared(workload); !reason.empty()) document["not_compared"] = reason;
  return document;
}

}  // namespace cryptopath
