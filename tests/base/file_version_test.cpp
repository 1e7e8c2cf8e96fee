// What tells that a file is no longer what it was.
#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

#include "../result/scratch_folder.hpp"
#include "cryptopath/scenario.hpp"

using namespace cryptopath;
using Catch::Matchers::EndsWith;
namespace fs = std::filesystem;

namespace {

/// Longer than the clock stands still by which a file system dates changes.
void let_the_clock_move() { std::this_thread::sleep_for(std::chrono::milliseconds(50)); }

RunSpec sending(const fs::path& file) {
  RunSpec run;
  run.payload = Payload::real;
  run.file.path = file;
  run.file.version = version_of(file);
  return run;
}

}  // namespace

TEST_CASE("a file that nobody touches keeps its version and one that is not there has none") {
  const ScratchFolder folder;
  const auto file = write_file(folder / "file", "text");
  const auto version = version_of(file);
  REQUIRE(version);
  let_the_clock_move();
  CHECK(read_file(file) == "text");
  CHECK(version_of(file) == version);
  CHECK_FALSE(version_of(folder / "nothing"));
}

TEST_CASE("a file that was written over has another version though its size and its time are the old ones") {
  const ScratchFolder folder;
  const fs::path file = write_file(folder / "file", "text");
  const auto version = version_of(file);
  const auto time = fs::last_write_time(file);
  let_the_clock_move();
  write_file(file, "next");
  fs::last_write_time(file, time);
  CHECK(version_of(file)->modified_ns == version->modified_ns);
  CHECK_FALSE(version_of(file) == version);
}

TEST_CASE("a file in another's place has another version though its size and its time are the same") {
  const ScratchFolder folder;
  const fs::path file = write_file(folder / "file", "text");
  const fs::path other = write_file(folder / "other", "next");
  fs::last_write_time(other, fs::last_write_time(file));
  const auto version = version_of(file);
  fs::rename(other, file);
  CHECK_FALSE(version_of(file)->inode == version->inode);
  CHECK_FALSE(version_of(file) == version);
}

TEST_CASE("a file whose attributes alone may have changed is refused as such and a changed one as changed") {
  const ScratchFolder folder;
  const fs::path file = write_file(folder / "file", "text");
  const RunSpec run = sending(file);
  CHECK_NOTHROW(check_unchanged(run));
  let_the_clock_move();
  fs::create_hard_link(file, folder / "link");
  CHECK_THROWS_WITH(check_unchanged(run), EndsWith("file: was changed, or its mode, owner or links were, while it was "
                                                   "read; a file that stays the same would do"));
  write_file(file, "longer text");
  const auto changed = EndsWith("file: was changed while it was read; a file that stays the same would do");
  CHECK_THROWS_WITH(check_unchanged(run), changed);
  fs::remove(file);
  CHECK_THROWS_WITH(check_unchanged(run), changed);
}
