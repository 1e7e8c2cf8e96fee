#include <catch2/catch.hpp>

#include "workspace.hpp"

using namespace cryptopath;
using namespace cryptopath::literals;

namespace {

const Workspace workspace;

Overrides setting(const std::string& pointer, const std::string& value) {
  Overrides overrides;
  overrides.set.emplace_back(pointer, value);
  return overrides;
}

std::string error_of(const std::string& pointer, const std::string& value) {
  return workspace.error_of(valid_scenario, setting(pointer, value));
}

Overrides file(const std::filesystem::path& path) {
  Overrides overrides;
  overrides.file = path;
  return overrides;
}

}  // namespace

TEST_CASE("a setting replaces a value that JSON or plain text gives") {
  CHECK(workspace.load(valid_scenario, setting("/buffer", "64 KiB")).runs[0].buffer == 64_KiB);
  CHECK(workspace.load(valid_scenario, setting("/buffer", "\"64 KiB\"")).runs[0].buffer == 64_KiB);
  CHECK(workspace.load(valid_scenario, setting("/seed", "12")).runs[0].seed == 12);
  CHECK(workspace.load(valid_scenario, setting("/title", "null")).title == "null");
  CHECK(workspace.load(valid_scenario, setting("/paths/0", "library")).runs[0].program.name == "library");
  CHECK(workspace.load(valid_scenario, setting("/paths/-", "library")).runs.size() == 3);
  CHECK(workspace.load(valid_scenario, setting("/paths", "[\"library\"]")).runs.size() == 1);
  CHECK(workspace.load(valid_scenario, setting("/buffer", "64 KiB")).resolved->at("buffer") == "64 KiB");
}

TEST_CASE("a setting adds a member that a default or the schema allows") {
  const std::string bare = with(valid_scenario, "  \"socket\": {\"no_delay\": true},\n", "");
  CHECK(workspace.load(bare, setting("/socket/no_delay", "true")).runs[0].no_delay);
  CHECK(workspace.load(bare, setting("/socket", "{}")).resolved->at("socket").at("no_delay") == false);
}

TEST_CASE("a scenario keeps what was set for whoever shows its title") {
  Overrides overrides = setting("/buffer", "4 KiB");
  overrides.set.emplace_back("/paths/-", "library");
  CHECK(workspace.load(valid_scenario, overrides).settings ==
        std::vector<std::string>{"/buffer=4 KiB", "/paths/-=library"});
  CHECK(workspace.load(valid_scenario).settings.empty());
  CHECK(workspace.load_workload(valid_workload, setting("/seed", "9")).settings == std::vector<std::string>{"/seed=9"});
}

TEST_CASE("later settings win") {
  Overrides overrides = setting("/record", R"({"suite": "aes-128-gcm"})");
  overrides.set.emplace_back("/record/suite", "3des-ede-cbc-hmac-sha1");
  CHECK(workspace.load(valid_scenario, overrides).runs[0].format.suite == Suite::triple_des_cbc_hmac_sha1);
}

TEST_CASE("what is wrong with a setting is said in its own words") {
  CHECK(error_of("/buffer", "8") == R"(--set /buffer=8: /buffer: found 8, expected a text such as "8 KiB")");
  CHECK(error_of("/bufer", "8 KiB") ==
        R"(--set /bufer=8 KiB: /bufer: found the unknown key "bufer", expected "buffer")");
  CHECK(error_of("/record", "{\"suit\": 1}") ==
        R"(--set /record={"suit": 1}: /record/suit: found the unknown key "suit", expected "suite")");
  CHECK(error_of("/paths/-", "shorcut") ==
        R"(--set /paths/-=shorcut: /paths/2: found the unknown path "shorcut", expected "shortcut")");
  CHECK(error_of("/file/size", "2 GiB") ==
        R"(scenario.json:7: /file/cache: found "hot" for a file of 2 GiB, expected "cold": )"
        "the machine's memory holds 1 GiB");
  CHECK(error_of("/title", "a\nb") == R"(--set /title=a\nb: /title: found "a\nb", expected printable text)");
  CHECK(error_of("/title", "\xff") == R"(--set /title=\xff: /title: found "\xff", expected printable text)");
}

TEST_CASE("a setting needs a pointer whose parent exists") {
  CHECK(error_of("buffer", "8 KiB") ==
        R"(--set buffer=8 KiB: found "buffer", expected a JSON pointer such as "/file/size")");
  CHECK(error_of("", "{}") == R"(--set ={}: found "", expected a JSON pointer such as "/file/size")");
  CHECK(error_of("/a~2", "1") == R"(--set /a~2=1: found "/a~2", expected a JSON pointer such as "/file/size")");
  CHECK(error_of("/net/delay", "1") ==
        R"(--set /net/delay=1: /net/delay: found no "net" in an object with "buffer", "cards", "file", "format", )"
        R"("kernel", "machine", "paths", "payload", "record", "seed", "socket", "time_limit", "title", )"
        "expected the pointer of a value whose parent exists");
  CHECK(error_of("/fiel/size", "3 B") ==
        R"(--set /fiel/size=3 B: /fiel/size: found no "fiel" in an object with "buffer", "cards", "file", "format", )"
        R"("kernel", "machine", "paths", "payload", "record", "seed", "socket", "time_limit", "title", )"
        R"(expected "file")");
  CHECK(error_of("/paths/3", "library") ==
        R"(--set /paths/3=library: /paths/3: found no element "3" in an array of 2, )"
        "expected the pointer of a value whose parent exists");
  CHECK(error_of("/paths/x", "library") ==
        R"(--set /paths/x=library: /paths/x: found no element "x" in an array of 2, )"
        "expected the pointer of a value whose parent exists");
  CHECK(error_of("/seed/x", "1") ==
        "--set /seed/x=1: /seed/x: found 7, which has no members, expected the pointer of a value whose parent exists");
}

TEST_CASE("a setting cannot bring what a file may not") {
  CHECK(error_of("/cards", R"({"slot1": "vpn1201", "slot1": "vpn1201"})") ==
        R"(--set /cards={"slot1": "vpn1201", "slot1": "vpn1201"}:1: /cards/slot1: found the key "slot1" )"
        "a second time, expected it only once: it stands in line 1 already");
  const std::string message = error_of("/title", std::string(30'000, '[') + std::string(30'000, ']'));
  CHECK_THAT(message, Catch::Contains("found an array or object inside too many others, expected at most 64 levels"));
}

TEST_CASE("the file of the command line is sent in place of the scenario's") {
  const auto path = workspace.write("real.bin", "0123456789");
  const Scenario scenario = workspace.load(valid_scenario, file(path));
  CHECK(scenario.runs[1].file.path == path);
  CHECK(scenario.runs[1].file.size == 10_B);
  CHECK(scenario.resolved->at("file") == nlohmann::json({{"path", path.string()}, {"size", "10 B"}, {"cache", "hot"}}));
}

TEST_CASE("any name will do for a file") {
  const auto path = workspace.write("a \"b\"\n\xff", "0123");
  const Scenario scenario = workspace.load(valid_scenario, file(path));
  CHECK(scenario.runs[0].file.path == path);
  CHECK_NOTHROW(scenario.resolved->dump());
}

TEST_CASE("a file of the command line that is no regular file is refused") {
  CHECK(workspace.error_of(valid_scenario, file("no/such")) ==
        "--file no/such: /file/path: found no such file, expected a regular file");
  CHECK(workspace.error_of(valid_scenario, file("/")) ==
        "--file /: /file/path: found a directory, expected a regular file");
  CHECK(workspace.error_of(valid_scenario, file("/dev/null")) ==
        "--file /dev/null: /file/path: found a device, pipe or socket, expected a regular file");
  std::filesystem::create_symlink("loop", workspace.path("loop"));
  CHECK(workspace.error_of(valid_scenario, file(workspace.path("loop"))) ==
        "--file loop: /file/path: found a path that cannot be followed (Too many levels of symbolic links), "
        "expected a regular file");
}

TEST_CASE("a file that reports no size but has bytes is refused") {
  CHECK(workspace.error_of(valid_scenario, file("/proc/cpuinfo")) ==
        "--file /proc/cpuinfo: /file/path: found a file that reports 0 B and has bytes, "
        "expected a file whose size is known");
}

TEST_CASE("an empty file of the command line works") {
  CHECK(workspace.load(valid_scenario, file(workspace.write("empty", ""))).runs[0].file.size == 0_B);
}
