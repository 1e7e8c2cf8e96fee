// The line that shows how far the runs are.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "cryptopath/units.hpp"

namespace cryptopath {

struct PathProgress {
  std::string path;
  Bytes done;
  Bytes size;
};

/// " 27 % [████··········]  3 s, about 8 s left   traditional 43 %, shortcut 12 %", at most `width` columns.
std::string progress_line(const std::vector<PathProgress>& paths, std::chrono::milliseconds elapsed, std::size_t width);

/// Draws that line in place on a terminal's standard error, ten times a second at most and when all is done, and
/// takes it away at the end.
class ProgressBar {
 public:
  explicit ProgressBar(bool shown) : shown_(shown) {}
  ~ProgressBar() { clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void draw(const std::vector<PathProgress>& paths);
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  bool shown_;
  bool drawn_ = false;
  bool complete_ = false;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_;
};

}  // namespace cryptopath
