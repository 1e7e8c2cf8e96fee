#include "cli/outputs.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "cryptopath/errors.hpp"
#include "result/mount_point.hpp"

namespace cryptopath {

namespace {

namespace fs = std::filesystem;

bool same_file(const fs::path& a, const fs::path& b) {
  std::error_code error;
  if (fs::equivalent(a, b, error)) return true;
  const fs::path canonical_a = fs::weakly_canonical(fs::absolute(a), error);
  return !error && canonical_a == fs::weakly_canonical(fs::absolute(b), error) && !error;
}

/// Whether what is printed goes to `path` too. The null device takes both: nobody reads either.
bool is_standard_output(const fs::path& path) {
  struct stat output = {};
  struct stat printed = {};
  if (::stat(path.c_str(), &output) != 0 || ::fstat(STDOUT_FILENO, &printed) != 0) return false;
  return output.st_dev == printed.st_dev && output.st_ino == printed.st_ino && !same_file(path, "/dev/null");
}

[[noreturn]] void fail(const fs::path& path, std::string_view why) {
  throw InputError(fmt::format("cannot write {}: {}", printable(path.string()), why));
}

void check_writable(const fs::path& path) {
  if (path.empty()) fail(path, "the name of an output is empty");
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::none) fail(path, error.message());
  if (fs::is_directory(status)) fail(path, "a directory");
  if (!fs::exists(status) && fs::is_symlink(fs::symlink_status(path, error)))
    fail(path, "a link to a file that is not there");
  if (fs::exists(status)) {
    if (::access(path.c_str(), W_OK) != 0) fail(path, std::generic_category().message(errno));
    if (!fs::is_regular_file(status)) return;
    if (is_mount_point(path)) fail(path, "a mount point, which nothing can replace; a mount of its folder would do");
  }
  const fs::path folder = fs::weakly_canonical(fs::absolute(path), error).parent_path();
  if (!fs::is_directory(folder, error)) fail(path, fmt::format("no folder {}", printable(folder.string())));
  if (::access(folder.c_str(), W_OK | X_OK) != 0) fail(path, std::generic_category().message(errno));
}

}  // namespace

void check_outputs(const std::vector<fs::path>& outputs, const std::vector<fs::path>& inputs) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    check_writable(outputs[i]);
    if (is_standard_output(outputs[i])) fail(outputs[i], "standard output goes there too");
    for (const fs::path& input : inputs) {
      if (same_file(outputs[i], input)) fail(outputs[i], "it is an input of this run");
    }
    for (std::size_t other = 0; other < i; ++other) {
      if (same_file(outputs[i], outputs[other])) fail(outputs[i], "two outputs would go there");
    }
  }
}

}  // namespace cryptopath
