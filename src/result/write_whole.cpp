#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <optional>
#include <system_error>
#include <utility>

#include "cryptopath/result.hpp"
#include "result/signals_held.hpp"

namespace cryptopath {

namespace {

[[noreturn]] void fail(const std::filesystem::path& path, int error) {
  throw InputError(fmt::format("cannot write {}: {}", path.string(), std::generic_category().message(error)));
}

using Produce = std::function<void(const WritePiece&)>;

/// An open file, and the path to name where something fails.
class OpenFile {
 public:
  OpenFile(int file, const std::filesystem::path& named) : file_(file), named_(named) {
    if (file_ < 0) fail(named_, errno);
  }
  ~OpenFile() {
    if (file_ >= 0) ::close(file_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  int descriptor() const { return file_; }
  void write(std::string_view content) const {
    while (!content.empty()) {
      const ssize_t written = ::write(file_, content.data(), content.size());
      if (written >= 0) {
        content.remove_prefix(static_cast<std::size_t>(written));
      } else if (errno != EINTR) {
        fail(named_, errno);
      }
    }
  }
  void close() {
    if (::close(std::exchange(file_, -1)) != 0) fail(named_, errno);
  }

 private:
  int file_;
  const std::filesystem::path& named_;
};

mode_t mode_of_new_files() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
}

/// A device or a pipe takes the bytes as they come: to rename over it would replace it by a file.
void write_through(const std::filesystem::path& path, const Produce& produce) {
  OpenFile file(::open(path.c_str(), O_WRONLY | O_CLOEXEC), path);
  produce([&file](std::string_view piece) { file.write(piece); });
  file.close();
}

/// Writes a temporary file and renames it; removes it where anything fails.
void replace(const std::filesystem::path& path, const Produce& produce, mode_t mode) {
  // Through a symbolic link it is the target that is written, and the link stays.
  std::error_code unresolved;
  const std::filesystem::path target = std::filesystem::weakly_canonical(path, unresolved);
  if (unresolved) fail(path, unresolved.value());

  const SignalsHeld held;
  std::string temporary = (target.parent_path() / ".cryptopath-XXXXXX").string();
  OpenFile file(::mkostemp(temporary.data(), O_CLOEXEC), path);
  try {
    produce([&file](std::string_view piece) { file.write(piece); });
    if (::fchmod(file.descriptor(), mode) != 0 || ::fsync(file.descriptor()) != 0) fail(path, errno);
    file.close();
    if (::rename(temporary.c_str(), target.c_str()) != 0) fail(path, errno);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
}

/// `mode` is for new files and old ones; without it old ones keep theirs.
void write_whole(const std::filesystem::path& path, const Produce& produce, std::optional<mode_t> mode) {
  struct stat existing {};
  const bool exists = ::stat(path.c_str(), &existing) == 0;
  if (!exists && errno != ENOENT) fail(path, errno);
  // A link to nothing: whether it or what it names is meant to be made, nobody can tell.
  if (!exists && ::lstat(path.c_str(), &existing) == 0) fail(path, ENOENT);
  if (exists && S_ISDIR(existing.st_mode)) fail(path, EISDIR);
  if (exists && ::access(path.c_str(), W_OK) != 0) fail(path, errno);
  if (exists && !S_ISREG(existing.st_mode)) return write_through(path, produce);
  replace(path, produce, mode.value_or(exists ? existing.st_mode & 0777U : mode_of_new_files()));
}

Produce whole(std::string_view content) {
  return [content](const WritePiece& write) { write(content); };
}

}  // namespace

void write_whole(const std::filesystem::path& path, std::string_view content) {
  write_whole(path, whole(content), std::nullopt);
}

void write_whole_secret(const std::filesystem::path& path, std::string_view content) {
  constexpr mode_t owner_only = 0600;
  write_whole(path, whole(content), owner_only);
}

void write_whole(const std::filesystem::path& path, const Produce& produce) {
  write_whole(path, produce, std::nullopt);
}

}  // namespace cryptopath
