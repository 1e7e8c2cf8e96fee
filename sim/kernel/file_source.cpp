#include "kernel/file_source.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace cryptopath::sim {

namespace {

/// SplitMix64 (Steele, Lea, Flood 2014) at position `index`: bytes that can be made from any offset on.
std::uint64_t mix(std::uint64_t seed, std::uint64_t index) {
  std::uint64_t z = seed + (index + 1) * 0x9E3779B97F4A7C15U;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31);
}

[[noreturn]] void fail(const std::filesystem::path& path, std::string_view what) {
  throw InputError(fmt::format("{}: {}", printable(path.string()), what));
}

}  // namespace

FileSource::FileSource(const FileToSend& file, std::uint64_t seed) : file_(file), seed_(seed) {
  if (!file.path) return;
  descriptor_ = ::open(file.path->c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor_ < 0) {
    fail(*file_.path, fmt::format("cannot be opened: {}", std::generic_category().message(errno)));
  }
}

FileSource::~FileSource() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void FileSource::read(std::uint64_t offset, std::span<std::byte> into) const {
  if (!file_.path) {
    while (!into.empty()) {
      std::uint64_t word = mix(seed_, offset / 8) >> (offset % 8 * 8);
      const std::size_t count = std::min<std::size_t>(into.size(), 8 - offset % 8);
      for (std::size_t i = 0; i < count; ++i, word >>= 8) into[i] = static_cast<std::byte>(word & 0xFF);
      into = into.subspan(count);
      offset += count;
    }
    return;
  }
  while (!into.empty()) {
    const ssize_t count = ::pread(descriptor_, into.data(), into.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(*file_.path, fmt::format("cannot be read: {}", std::generic_category().message(errno)));
    if (count == 0) {
      fail(*file_.path,
           fmt::format("shrank while it was read: found its end at {} B, expected {} B", offset, file_.size.count));
    }
    offset += static_cast<std::uint64_t>(count);
    into = into.subspan(static_cast<std::size_t>(count));
  }
}

}  // namespace cryptopath::sim
