#include "cli/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "cli/terminal.hpp"
#include "result/human.hpp"

namespace cryptopath {

namespace {

double share(Bytes done, Bytes all) {
  return all.count > 0 ? static_cast<double>(done.count) / static_cast<double>(all.count) : 0;
}

std::string seconds(std::chrono::milliseconds time) {
  const auto count = std::chrono::duration_cast<std::chrono::seconds>(time).count();
  return count < 60 ? fmt::format("{} s", count) : fmt::format("{} min {:02} s", count / 60, count % 60);
}

}  // namespace

std::string progress_line(const std::vector<PathProgress>& paths, std::chrono::milliseconds elapsed,
                          std::size_t width) {
  Bytes done;
  Bytes size;
  std::string each;
  for (const PathProgress& path : paths) {
    done += path.done;
    size += path.size;
    each += fmt::format("{}{} {:.0f} %", each.empty() ? "" : ", ", path.path, share(path.done, path.size) * 100);
  }
  const double whole = share(done, size);
  constexpr std::size_t length = 12;
  std::string bar;
  for (std::size_t i = 0; i < length; ++i) bar += static_cast<double>(i) < whole * length ? "█" : "·";
  std::string time = seconds(elapsed);
  // The first percent tells too little about the rest.
  if (whole >= 0.01) {
    const double left = static_cast<double>(elapsed.count()) * (1 - whole) / whole;
    time += fmt::format(", about {} left", seconds(std::chrono::milliseconds(static_cast<std::int64_t>(left))));
  }
  return cut(fmt::format("{:3.0f} % {}  {}   {}", whole * 100, bar, time, each), width);
}

void ProgressBar::draw(const std::vector<PathProgress>& paths) {
  const Clock::time_point now = Clock::now();
  // However soon the end comes, it is shown.
  const bool complete = std::ranges::all_of(paths, [](const PathProgress& path) { return path.done == path.size; });
  const bool ends = complete && !complete_;
  if (!shown_ || (drawn_ && !ends && now - last_ < std::chrono::milliseconds(100))) return;
  last_ = now;
  drawn_ = true;
  complete_ = complete;
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(now - start_);
  // The last column stays free: some terminals wrap there.
  write_to(STDERR_FILENO, "\r" + progress_line(paths, elapsed, terminal_width(STDERR_FILENO) - 1) + "\033[K");
}

void ProgressBar::clear() {
  if (!drawn_) return;
  drawn_ = false;
  constexpr std::string_view erase = "\r\033[K";
  // Nothing is to be done about a terminal that has gone.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, erase.data(), erase.size());
}

}  // namespace cryptopath
