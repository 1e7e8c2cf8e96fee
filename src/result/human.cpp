#include "result/human.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace cryptopath {

namespace {

struct Scale {
  double units;
  std::string_view name;
};

constexpr std::array time_scales = {Scale{1e9, "s"}, Scale{1e6, "ms"}, Scale{1e3, "us"}, Scale{1, "ns"}};
constexpr std::array size_scales = {Scale{1e12, "TB"}, Scale{1e9, "GB"}, Scale{1e6, "MB"}, Scale{1e3, "kB"},
                                    Scale{1, "B"}};
constexpr std::array rate_scales = {Scale{1e9, "Gbit/s"}, Scale{1e6, "Mbit/s"}, Scale{1e3, "kbit/s"},
                                    Scale{1, "bit/s"}};

std::string scaled(std::int64_t count, std::span<const Scale> scales) {
  for (const Scale& scale : scales) {
    const double value = static_cast<double>(count) / scale.units;
    // 999.5 us and more would be rounded to 1000 us: the larger unit takes over there.
    if (scale.units > 1 && value >= 0.9995) return fmt::format("{} {}", rounded(value), scale.name);
  }
  return fmt::format("{} {}", count, scales.back().name);
}

bool continues_code_point(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

}  // namespace

std::string grouped(std::int64_t number) {
  std::string digits = std::to_string(number);
  const std::size_t first = number < 0 ? 1 : 0;
  for (std::size_t place = digits.size(); place > first + 3;) {
    place -= 3;
    digits.insert(place, 1, ',');
  }
  return digits;
}

std::string rounded(double number) {
  const double size = number < 0 ? -number : number;
  if (size < 9.995) return fmt::format("{:.2f}", number);
  if (size < 99.95) return fmt::format("{:.1f}", number);
  if (size < 1e15) return grouped(static_cast<std::int64_t>(number + (number < 0 ? -0.5 : 0.5)));
  return fmt::format("{:.3g}", number);
}

std::string human(Nanoseconds time) { return scaled(time.count, time_scales); }
std::string human(Bytes size) { return scaled(size.count, size_scales); }
std::string human(BitsPerSecond rate) { return scaled(rate.count, rate_scales); }
std::string percent(double share) { return fmt::format("{:.1f} %", share * 100); }

std::size_t columns(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += continues_code_point(c) ? 0U : 1U;
  return count;
}

std::string cut(std::string_view text, std::size_t width) {
  if (columns(text) <= width) return std::string(text);
  if (width == 0) return {};
  std::size_t end = 0;
  for (std::size_t kept = 0; kept < width; ++end) {
    if (!continues_code_point(text[end]) && ++kept == width) break;
  }
  return std::string(text.substr(0, end)) + "…";
}

std::string wrapped(std::string_view text, std::size_t width, std::string_view indentation) {
  std::string lines;
  std::size_t used = 0;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    const bool fits = used > 0 && used + 1 + columns(word) <= width;
    if (fits) {
      lines += ' ';
    } else {
      lines.append(used > 0 ? "\n" : "").append(indentation);
    }
    used = (fits ? used + 1 : columns(indentation)) + columns(word);
    lines += word;
  }
  return lines + '\n';
}

}  // namespace cryptopath
