// A workload's results beside what was published of it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "cryptopath/workload.hpp"

namespace cryptopath {

/// How far the result is above, or below 0 under, a published rate in Mbit/s, as a share of that.
inline double error_against(const Result& result, double published) {
  return result.throughput_mbit_s() / published - 1;
}

/// Why nothing is compared with the table that the workload's file names; empty where it is, or the file names none.
inline std::string why_not_compared(const Workload& workload) {
  if (!workload.published.empty() || !workload.resolved || !workload.resolved->contains("published")) return "";
  return "more was set than threads, sizes, seed and times";
}

}  // namespace cryptopath
