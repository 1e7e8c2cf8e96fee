// The latencies of a run's buffers, in bounded memory.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "cryptopath/result.hpp"

namespace cryptopath::sim {

/// Keeps every latency up to 65,536 of them, then every second, every fourth and so on, so that what is kept is spread
/// evenly over the run.
class LatencyRecord {
 public:
  void add(Nanoseconds latency) {
    if (seen_++ % stride_ != 0) return;
    if (kept_.size() == most) {
      for (std::size_t i = 0; i < most / 2; ++i) kept_[i] = kept_[i * 2];
      kept_.resize(most / 2);
      stride_ *= 2;
      if ((seen_ - 1) % stride_ != 0) return;
    }
    kept_.push_back(latency);
  }
  /// Nearest-rank percentiles; zero when there was none.
  Latency percentiles() {
    std::sort(kept_.begin(), kept_.end());
    return {at(0.50), at(0.99)};
  }

 private:
  static constexpr std::size_t most = 65'536;
  Nanoseconds at(double share) const {
    if (kept_.empty()) return Nanoseconds(0);
    const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(kept_.size())));
    return kept_[std::max<std::size_t>(rank, 1) - 1];
  }
  std::vector<Nanoseconds> kept_;
  std::size_t seen_ = 0;
  std::size_t stride_ = 1;
};

}  // namespace cryptopath::sim
