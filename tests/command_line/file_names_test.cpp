// Names of files that would break a line or command a terminal.
#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "../result/scratch_folder.hpp"
#include "process.hpp"

using Catch::Matchers::Contains;
using Words = std::vector<std::string>;
namespace fs = std::filesystem;

namespace {

const std::string odd = "a\nb\x1b[31mz";
const std::string shown = R"(a\nb\x1b[31mz)";

/// The data of the source tree, which the program under test uses.
fs::path data_folder() { return fs::path(transfer_scenario()).parent_path().parent_path().parent_path(); }

void check_one_printable_line(const Outcome& outcome) {
  INFO(outcome.error);
  CHECK(outcome.exit_status() == 2);
  CHECK(outcome.output.empty());
  CHECK(lines_in(outcome.error) == 1);
  CHECK_THAT(outcome.error, Contains(shown) && !Contains("\x1b"));
}

}  // namespace

TEST_CASE("list shows names of files on a line each and refuses a bad one in a line") {
  const ScratchFolder folder;
  const auto data = folder / "data\n";
  fs::create_directory(data);
  for (const char* part : {"models", "schemas"}) fs::create_symlink(data_folder() / part, data / part);
  fs::create_directories(data / "scenarios/programs");
  write_file(data / "scenarios" / (odd + ".json"), R"({"title": "a title"})");
  write_file(data / "scenarios/programs" / (odd + ".json"), R"({"description": "a description"})");
  REQUIRE(::setenv("CRYPTOPATH_DATA", data.c_str(), 1) == 0);
  const Outcome good = run_cryptopath({"list"});
  fs::remove_all(data / "scenarios/programs");
  const Outcome without_programs = run_cryptopath({"list"});
  write_file(data / "scenarios" / (odd + ".json"), "{}");
  const Outcome without_title = run_cryptopath({"list"});
  ::unsetenv("CRYPTOPATH_DATA");
  INFO(good.error);
  CHECK(good.exit_status() == 0);
  CHECK_THAT(good.output, Contains(shown + ".json\n      a title\n") && Contains("\n  " + shown + "\n      a descr"));
  CHECK_THAT(good.output, !Contains("\x1b"));
  CHECK(without_programs.exit_status() == 2);
  CHECK(lines_in(without_programs.error) == 1);
  CHECK_THAT(without_programs.error, Contains("data\\n/scenarios/programs"));
  check_one_printable_line(without_title);
}

TEST_CASE("explain names the file of a number in a line") {
  const ScratchFolder folder;
  fs::create_directory(folder / odd);
  fs::copy_file(transfer_scenario(), folder / odd / "transfer.json");
  fs::copy_file(data_folder() / "models/kernels/openbsd-3.3.json", folder / odd / "kernel.json");
  const Outcome outcome = run_cryptopath({"explain", folder / odd / "transfer.json", "--set", "/kernel=kernel.json"});
  INFO(outcome.error);
  REQUIRE(outcome.exit_status() == 0);
  CHECK_THAT(outcome.output, Contains(shown + "/kernel.json/engine_call") && !Contains("\x1b"));
}

TEST_CASE("an output that grows beyond a limit is named in a line") {
  const ScratchFolder folder;
  struct rlimit before {};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  const struct rlimit less {
    1000, before.rlim_max
  };
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &less) == 0);  // for the program, which inherits it
  const Outcome outcome =
      run_cryptopath({"run", transfer_scenario(), "--set", "/file/size=10 kB", "--json", folder / odd});
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  check_one_printable_line(outcome);
}
