// What a figure's outputs were made from: a list of files with their SHA-256, as `sha256sum -c` reads it.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cryptopath/result.hpp"

namespace cryptopath {

/// Hashes of files, each read once in the life of the object.
class Digests {
 public:
  /// In lower-case hexadecimal; nothing for a file that cannot be read.
  const std::optional<std::string>& of(const std::filesystem::path& file);

 private:
  std::map<std::filesystem::path, std::optional<std::string>> known_;
};

/// The text of the manifest of `outputs`, which stand in the manifest's own folder, made by this program from `inputs`.
/// Throws InputError for an input that cannot be read any more.
std::string manifest_of(std::vector<std::filesystem::path> inputs, const std::vector<OutputFile>& outputs,
                        Digests& digests);

/// Whether all that `manifest` lists is as it was, and this program, `input` and the files of its folder called
/// `outputs` are on its list.
bool holds(const std::filesystem::path& manifest, const std::filesystem::path& input,
           const std::vector<std::string>& outputs, Digests& digests);

}  // namespace cryptopath
