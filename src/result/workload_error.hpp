#pragma once

#include "cryptopath/result.hpp"

namespace cryptopath {

/// How far the result is above, or below 0 under, a published rate in Mbit/s, as a share of that.
inline double error_against(const Result& result, double published) {
  return result.throughput_mbit_s() / published - 1;
}

}  // namespace cryptopath
