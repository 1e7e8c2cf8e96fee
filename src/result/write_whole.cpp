#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "cryptopath/result.hpp"
#include "result/mount_point.hpp"
#include "result/signals_held.hpp"

namespace cryptopath {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, int error) {
  throw InputError(
      fmt::format("cannot write {}: {}", printable(path.string()), std::generic_category().message(error)));
}

/// An open file, and the path to name where something fails.
class OpenFile {
 public:
  OpenFile(int file, fs::path named) : file_(file), named_(std::move(named)) {
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
  fs::path named_;
};

mode_t mode_of_new_files() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
}

/// A device or a pipe takes the bytes as they come: to rename over it would replace it by a file.
void write_through(const OutputFile& output) {
  OpenFile file(::open(output.path.c_str(), O_WRONLY | O_CLOEXEC), output.path);
  output.produce([&file](std::string_view piece) { file.write(piece); });
  file.close();
}

/// The new content of a file, complete but not yet in its place. Destroyed before keep(), it leaves what was there.
class StagedFile {
 public:
  /// Takes `held` where the file system has no files without a name.
  StagedFile(const fs::path& path, std::optional<SignalsHeld>& held)
      : path_(path), target_(resolved(path)), replaces_(fs::exists(target_)), file_(open(held), path) {}
  ~StagedFile() {
    if (in_place_) take_back();
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
  }
  StagedFile(const StagedFile&) = delete;
  StagedFile& operator=(const StagedFile&) = delete;

  void write(const OutputFile& output, mode_t mode) const {
    output.produce([this](std::string_view piece) { file_.write(piece); });
    if (::fchmod(file_.descriptor(), mode) != 0 || ::fsync(file_.descriptor()) != 0) fail(path_, errno);
  }
  /// From here on only put_in_place() is missing.
  void finish() {
    if (temporary_.empty()) link();
    file_.close();
  }
  void put_in_place() {
    // The former file takes the temporary name, so that it can come back; not every file system can do that.
    former_is_kept_ = replaces_ && exchange();
    if (!former_is_kept_) {
      if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail(path_, errno);
      temporary_.clear();
    }
    in_place_ = true;
  }
  void keep() { in_place_ = false; }

 private:
  /// Through a symbolic link it is the target that is written, and the link stays.
  static fs::path resolved(const fs::path& path) {
    std::error_code unresolved;
    fs::path target = fs::weakly_canonical(fs::absolute(path), unresolved);
    if (unresolved) fail(path, unresolved.value());
    return target;
  }
  bool exchange() const {
    return ::renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, target_.c_str(), RENAME_EXCHANGE) == 0;
  }
  void take_back() {
    if (former_is_kept_) {
      exchange();
    } else if (!replaces_) {
      ::unlink(target_.c_str());
    }
  }
  int open(std::optional<SignalsHeld>& held) {
    const int file = ::open(target_.parent_path().c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (file >= 0 || (errno != EOPNOTSUPP && errno != EISDIR)) return file;
    if (!held) held.emplace();
    std::string name = target_.parent_path() / ".cryptopath-XXXXXX";
    const int named = ::mkostemp(name.data(), O_CLOEXEC);
    if (named >= 0) temporary_ = name;
    return named;
  }
  /// A link does not replace what is there, a renaming does: the file gets another name first.
  void link() {
    const std::string file = fmt::format("/proc/self/fd/{}", file_.descriptor());
    for (int attempt = 0;; ++attempt) {
      const fs::path name = target_.parent_path() / fmt::format(".cryptopath-{}-{}", ::getpid(), attempt);
      if (::linkat(AT_FDCWD, file.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0) {
        temporary_ = name;
        return;
      }
      if (errno != EEXIST) fail(path_, errno);
    }
  }

  fs::path path_;
  fs::path target_;
  bool replaces_;       // a file that is there
  fs::path temporary_;  // the name until it is in its place, then the former file's; none when empty
  bool in_place_ = false;
  bool former_is_kept_ = false;
  OpenFile file_;
};

/// The mode that the file will have; nothing for a device or a pipe.
std::optional<mode_t> mode_of(const OutputFile& output) {
  const fs::path& path = output.path;
  struct stat existing {};
  const bool exists = ::stat(path.c_str(), &existing) == 0;
  if (!exists && errno != ENOENT) fail(path, errno);
  // A link to nothing: whether it or what it names is meant to be made, nobody can tell.
  if (!exists && ::lstat(path.c_str(), &existing) == 0) fail(path, ENOENT);
  if (exists && S_ISDIR(existing.st_mode)) fail(path, EISDIR);
  if (exists && ::access(path.c_str(), W_OK) != 0) fail(path, errno);
  if (exists && !S_ISREG(existing.st_mode)) return std::nullopt;
  if (exists && is_mount_point(path)) fail(path, EBUSY);
  if (output.secret) return S_IRUSR | S_IWUSR;
  return exists ? existing.st_mode & 0777U : mode_of_new_files();
}

}  // namespace

OutputFile output_file(fs::path path, std::string content, bool secret) {
  return {std::move(path), [content = std::move(content)](const OutputFile::Write& write) { write(content); }, secret};
}

void write_whole(const std::vector<OutputFile>& outputs) {
  // Held while there are temporary files with names: where the file system has others, for an instant at the end.
  std::optional<SignalsHeld> held;
  std::vector<std::unique_ptr<StagedFile>> files;
  std::vector<const OutputFile*> devices;
  for (const OutputFile& output : outputs) {
    if (const auto mode = mode_of(output)) {
      files.push_back(std::make_unique<StagedFile>(output.path, held));
      files.back()->write(output, *mode);
    } else {
      devices.push_back(&output);
    }
  }
  // What a device has taken, nobody takes back: only when all files are safe.
  for (const OutputFile* output : devices) write_through(*output);
  if (!held) held.emplace();
  for (const auto& file : files) file->finish();
  for (const auto& file : files) file->put_in_place();
  for (const auto& file : files) file->keep();
}

}  // namespace cryptopath
