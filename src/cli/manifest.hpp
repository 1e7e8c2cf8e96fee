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

/// Whether all inputs that `manifest` lists are as they were, this program and `input` among them, and also those
/// outputs of the list that are called `outputs`, each of them. Other outputs may have changed.
bool holds(const std::filesystem::path& manifest, const std::filesystem::path& input,
           const std::vector<std::string>& outputs, Digests& digests);

}  // namespace cryptopath
