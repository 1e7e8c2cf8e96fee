// What is said of a file that cannot be sent as it was found.
#include "kernel/file_source.hpp"

#include <array>
#include <catch2/catch.hpp>

#include "../result/scratch_folder.hpp"

using namespace cryptopath;
using Catch::Matchers::EndsWith;

namespace {

FileToSend file_at(const std::filesystem::path& path, std::int64_t size) {
  return {.path = path, .version = {}, .size = Bytes(size)};
}

}  // namespace

TEST_CASE("a file that shrank is named in one printable line whatever its name") {
  const ScratchFolder folder;
  const auto file = write_file(folder / "a\nb\x1b[31mz", "text");
  const sim::FileSource source(file_at(file, 8), 1);
  std::array<std::byte, 8> bytes{};
  CHECK_THROWS_WITH(source.read(0, bytes),
                    EndsWith(R"(/a\nb\x1b[31mz: shrank while it was read: found its end at 4 B, expected 8 B)"));
}

TEST_CASE("a file that cannot be opened or read is named in one printable line whatever its name") {
  const ScratchFolder folder;
  CHECK_THROWS_WITH(sim::FileSource(file_at(folder / "a\nb", 8), 1),
                    EndsWith(R"(/a\nb: cannot be opened: No such file or directory)"));
  std::filesystem::create_directory(folder / "c\nd");
  const sim::FileSource directory(file_at(folder / "c\nd", 8), 1);
  std::array<std::byte, 8> bytes{};
  CHECK_THROWS_WITH(directory.read(0, bytes), EndsWith(R"(/c\nd: cannot be read: Is a directory)"));
}
