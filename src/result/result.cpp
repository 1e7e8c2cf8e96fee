#include "cryptopath/result.hpp"

namespace cryptopath {

double Result::throughput_mbit_s() const {
  if (elapsed.count == 0) return 0;
  return static_cast<double>(payload.count) * 8e3 / static_cast<double>(elapsed.count);
}

double Result::operations_per_second() const {
  if (elapsed.count == 0) return 0;
  return static_cast<double>(operations.value_or(0)) * 1e9 / static_cast<double>(elapsed.count);
}

double gain_percent(const Result& run, const Result& reference) {
  const double base = reference.throughput_mbit_s();
  return base > 0 ? (run.throughput_mbit_s() / base - 1) * 100 : 0;
}

const char* version() { return CRYPTOPATH_VERSION; }

}  // namespace cryptopath
