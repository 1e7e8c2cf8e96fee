// Cells of the workloads in scenarios/ocf, each simulated in a child.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "../sim/in_child.hpp"
#include "cryptopath/workload.hpp"

namespace cryptopath::test {

/// One cell of a workload, simulated.
struct Cell {
  Result result;
  std::optional<double> published;

  double rate() const { return result.operations ? result.operations_per_second() : result.throughput_mbit_s(); }
  double a_second(const char* count) const {
    return static_cast<double>(result.counts.at(count)) * 1e9 / static_cast<double>(result.elapsed.count);
  }
  double share(const char* time) const {
    return static_cast<double>(result.counts.at(time)) / static_cast<double>(result.elapsed.count);
  }
};

using Settings = std::vector<std::pair<std::string, std::string>>;

Workload workload(const std::string& name, Settings settings);
Cell simulated(const Workload& workload, const WorkloadSpec& spec);
Cell cell(const std::string& name, int threads, const std::string& request, Settings settings = {});
/// RSA signatures, or what `settings` make of them.
Cell of_public_keys(int threads, int modulus, Settings settings = {});

}  // namespace cryptopath::test
