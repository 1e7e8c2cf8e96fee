#include "cli/outputs.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "../result/mounted_file.hpp"
#include "../result/scratch_folder.hpp"
#include "cryptopath/errors.hpp"

using namespace cryptopath;
using Catch::Matchers::Contains;

TEST_CASE("outputs may be new or existing files or devices") {
  const ScratchFolder folder;
  write_file(folder / "old", "");
  CHECK_NOTHROW(check_outputs({folder / "new", folder / "old", "/dev/null"}, {folder / "input"}));
  CHECK(folder.names() == std::vector<std::string>{"old"});
}

TEST_CASE("an output that would replace an input is refused however it is spelt") {
  const ScratchFolder folder;
  const auto input = write_file(folder / "input", "");
  std::filesystem::create_symlink("input", folder / "link");
  std::filesystem::create_hard_link(input, folder / "twin");
  for (const auto& output : {input, folder / "./input", folder / "link", folder / "twin"}) {
    CHECK_THROWS_WITH(check_outputs({output}, {input}), Contains("input of this run"));
  }
}

TEST_CASE("two outputs in one file are refused also when it does not exist yet") {
  const ScratchFolder folder;
  CHECK_THROWS_WITH(check_outputs({folder / "x", folder / "./x"}, {}), Contains("two outputs"));
  CHECK_NOTHROW(check_outputs({folder / "x", folder / "y"}, {}));
}

TEST_CASE("an output that is a mount point is refused") {
  const ScratchFolder folder;
  const auto mounted = write_file(folder / "mounted", "old");
  const auto refusal = refusal_where_mounted(mounted, [&] { check_outputs({mounted}, {}); });
  if (!refusal) {
    WARN("nothing can be mounted here: what becomes of a mount point was not seen");
    return;
  }
  CHECK_THAT(*refusal, Contains("mounted: a mount point, which nothing can replace"));
}

TEST_CASE("an output without a folder or in the place of one is refused") {
  const ScratchFolder folder;
  write_file(folder / "file", "");
  for (const auto& output : {folder / "nowhere/x", folder / "file/x", folder.path(), std::filesystem::path()}) {
    INFO(output);
    CHECK_THROWS_AS(check_outputs({output}, {}), InputError);
  }
}
