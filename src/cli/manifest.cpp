#include "cli/manifest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <span>

#include "record/sha256.hpp"

namespace cryptopath {

namespace {

namespace fs = std::filesystem;

std::optional<std::string> digest_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  Sha256 sha256;
  std::array<char, 65536> piece{};
  while (stream) {
    stream.read(piece.data(), piece.size());
    sha256.update(std::as_bytes(std::span(piece).first(static_cast<std::size_t>(stream.gcount()))));
  }
  if (!stream.eof()) return std::nullopt;
  return sha256.hexadecimal();
}

fs::path this_program() { return fs::read_symlink("/proc/self/exe"); }

fs::path canonical_file(const fs::path& file) { return fs::weakly_canonical(fs::absolute(file)); }

}  // namespace

const std::optional<std::string>& Digests::of(const fs::path& file) {
  const auto [place, fresh] = known_.try_emplace(file);
  if (fresh) place->second = digest_of(file);
  return place->second;
}

std::string manifest_of(std::vector<fs::path> inputs, const std::vector<OutputFile>& outputs, Digests& digests) {
  inputs.push_back(this_program());
  for (fs::path& input : inputs) input = canonical_file(input);
  std::ranges::sort(inputs);
  inputs.erase(std::ranges::unique(inputs).begin(), inputs.end());
  std::string text;
  for (const fs::path& input : inputs) {
    const auto& digest = digests.of(input);
    if (!digest) throw InputError(fmt::format("cannot read {} any more", printable(input.string())));
    text += fmt::format("{}  {}\n", *digest, input.string());
  }
  for (const OutputFile& output : outputs) {
    Sha256 sha256;
    output.produce([&sha256](std::string_view piece) { sha256.update(std::as_bytes(std::span(piece))); });
    text += fmt::format("{}  {}\n", sha256.hexadecimal(), output.path.filename().string());
  }
  return text;
}

bool holds(const fs::path& manifest, const fs::path& input, const std::vector<std::string>& outputs, Digests& digests) {
  std::ifstream stream(manifest);
  if (!stream) return false;
  std::vector<fs::path> listed;
  for (std::string line; std::getline(stream, line);) {
    const std::size_t gap = line.find("  ");
    if (gap == std::string::npos) return false;
    // An output is named relative to the folder that it shares with the manifest.
    const fs::path file = line.substr(gap + 2);
    if (file.is_relative() && std::ranges::find(outputs, file.string()) == outputs.end()) continue;
    if (digests.of(manifest.parent_path() / file) != line.substr(0, gap)) return false;
    listed.push_back(file);
  }
  std::vector<fs::path> needed = {canonical_file(this_program()), canonical_file(input)};
  needed.insert(needed.end(), outputs.begin(), outputs.end());
  return std::ranges::all_of(
      needed, [&listed](const fs::path& file) { return std::ranges::find(listed, file) != listed.end(); });
}

}  // namespace cryptopath
