#pragma once

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>

namespace cryptopath {

/// Whether something is mounted there, as containers mount single files: no file can be renamed to such a place.
/// Kernels before Linux 5.8 do not say.
inline bool is_mount_point(const std::filesystem::path& path) {
  struct statx status {};
  return ::statx(AT_FDCWD, path.c_str(), 0, 0, &status) == 0 && (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

}  // namespace cryptopath
