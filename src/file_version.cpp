#include <fmt/format.h>
#include <sys/stat.h>

#include "cryptopath/scenario.hpp"

namespace cryptopath {

std::optional<FileVersion> version_of(const std::filesystem::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return std::nullopt;
  const auto nanoseconds = [](const timespec& time) { return time.tv_sec * 1'000'000'000 + time.tv_nsec; };
  return FileVersion{status.st_dev, status.st_ino, Bytes(status.st_size), nanoseconds(status.st_mtim),
                     nanoseconds(status.st_ctim)};
}

void check_unchanged(const RunSpec& run) {
  const FileToSend& file = run.file;
  if (run.payload == Payload::modelled || !file.path || !file.version) return;
  std::optional<FileVersion> found = version_of(*file.path);
  if (found == file.version) return;
  // A chmod or a link leaves the bytes as they are, but so it looks, too, where a time of modification was set back.
  if (found) found->changed_ns = file.version->changed_ns;
  const bool perhaps_attributes = found == file.version;
  throw InputError(fmt::format("{}: was changed{} while it was read; a file that stays the same would do",
                               printable(file.path->string()),
                               perhaps_attributes ? ", or its mode, owner or links were," : ""));
}

}  // namespace cryptopath
