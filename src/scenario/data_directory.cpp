#include <fmt/format.h>

#include <cstdlib>

#include "cryptopath/scenario.hpp"

namespace cryptopath {

namespace {

bool holds_data(const std::filesystem::path& folder) {
  std::error_code error;
  return std::filesystem::is_directory(folder / "schemas", error) &&
         std::filesystem::is_directory(folder / "models", error);
}

}  // namespace

std::filesystem::path data_directory() {
  if (const char* const named = std::getenv("CRYPTOPATH_DATA"); named != nullptr && *named != '\0') {
    if (holds_data(named)) return named;
    throw InputError(
        fmt::format("CRYPTOPATH_DATA: found {}, expected a folder with schemas/ and models/", in_quotes(named, 200)));
  }
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::filesystem::path installed = program.parent_path().parent_path() / "share" / "cryptopath";
  if (!error && holds_data(installed)) return installed;
  if (const std::filesystem::path source = CRYPTOPATH_SOURCE_DIRECTORY; holds_data(source)) return source;
  throw InputError(fmt::format("found neither {} nor {}, expected the installed data there, or CRYPTOPATH_DATA",
                               in_quotes(installed.string(), 200), in_quotes(CRYPTOPATH_SOURCE_DIRECTORY, 200)));
}

}  // namespace cryptopath
