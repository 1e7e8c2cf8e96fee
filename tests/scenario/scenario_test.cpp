// Scenarios that load, and what is wrong with those that do not.
#include <catch2/catch.hpp>
#include <fstream>

#include "workspace.hpp"

using namespace cryptopath;
using namespace cryptopath::literals;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

const Workspace workspace;

std::string error_of(std::string_view before, std::string_view after) {
  return workspace.error_of(with(valid_scenario, before, after));
}

}  // namespace

TEST_CASE("a scenario becomes one run a path") {
  const Scenario scenario = workspace.load(valid_scenario);
  CHECK(scenario.title == "A test");
  REQUIRE(scenario.runs.size() == 2);
  CHECK(scenario.runs[0].program.name == "traditional");
  CHECK(scenario.runs[1].program.name == "shortcut");
  for (const RunSpec& run : scenario.runs) {
    CHECK(run.machine->name() == "poweredge-2650");
    CHECK(run.kernel_name == "openbsd-3.3");
    CHECK(run.kernel.family == "openbsd");
    CHECK(run.software_ciphers.contains("aes-128-gcm"));
    CHECK(run.format == RecordFormat{Protocol::tls_1_2, Suite::triple_des_cbc_hmac_sha1});
    CHECK(run.file.size == Bytes(10'000'000));
    CHECK_FALSE(run.file.path.has_value());
    CHECK(run.file.in_page_cache);
    CHECK(run.buffer == 8_KiB);
    CHECK(run.payload == Payload::modelled);
    CHECK(run.no_delay);
    CHECK(run.seed == 7);
    CHECK(run.time_limit == Nanoseconds(600'000'000'000));
  }
}

TEST_CASE("defaults fill in what a scenario does not say and stand in what was resolved") {
  const Scenario scenario = workspace.load(R"({"format": "cryptopath-scenario-1", "title": "t",
    "machine": "poweredge-2650", "file": {"size": "1 MB"}, "paths": ["shortcut"]})");
  const RunSpec& run = scenario.runs.at(0);
  CHECK(run.buffer == 8_KiB);
  CHECK(run.format.suite == Suite::triple_des_cbc_hmac_sha1);
  CHECK(run.payload == Payload::real);
  CHECK(run.file.in_page_cache);
  CHECK_FALSE(run.no_delay);
  CHECK(run.seed == 1);
  CHECK(*scenario.resolved == nlohmann::json::parse(R"({"format": "cryptopath-scenario-1", "title": "t",
    "machine": "poweredge-2650", "cards": {}, "kernel": "openbsd-3.3", "file": {"size": "1 MB", "cache": "hot"},
    "buffer": "8 KiB", "record": {"protocol": "tls-1.2", "suite": "3des-ede-cbc-hmac-sha1", "encrypt_then_mac": false},
    "payload": "real", "paths": ["shortcut"], "socket": {"no_delay": false}, "seed": 1, "time_limit": "1 h"})"));
}

TEST_CASE("what was resolved is itself a scenario that resolves to the same") {
  const Scenario scenario = workspace.load(valid_scenario);
  CHECK(*workspace.load(scenario.resolved->dump()).resolved == *scenario.resolved);
}

TEST_CASE("every scenario and every workload of the project loads") {
  int count = 0;
  int workloads = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(data_directory() / "scenarios")) {
    if (entry.path().extension() != ".json" || entry.path().parent_path().filename() == "programs") continue;
    if (entry.path().filename() == "fit.json") continue;
    CAPTURE(entry.path());
    if (is_workload(entry.path())) {
      CHECK_NOTHROW(load_workload(entry.path()));
      ++workloads;
    } else {
      CHECK_NOTHROW(load_scenario(entry.path()));
      ++count;
    }
  }
  CHECK(count >= 4);
  CHECK(workloads >= 4);
}

TEST_CASE("a path that does not protect sends no records") {
  const Scenario scenario =
      workspace.load(with(valid_scenario, R"(["traditional", "shortcut"])", R"(["http-sendfile", "shortcut"])"));
  CHECK(scenario.runs[0].format == RecordFormat());
  CHECK(scenario.runs[1].format.protocol == Protocol::tls_1_2);
}

TEST_CASE("an unknown key is refused with the nearest known one") {
  CHECK(error_of("\"buffer\"", "\"bufer\"") ==
        R"(scenario.json:8: /bufer: found the unknown key "bufer", expected "buffer")");
  CHECK(error_of("\"no_delay\"", "\"nodelay\"") ==
        R"(scenario.json:12: /socket/nodelay: found the unknown key "nodelay", expected "no_delay")");
  CHECK(error_of("\"cache\"", "\"weather\"") ==
        R"(scenario.json:7: /file/weather: found the unknown key "weather", expected one of "cache", "path", "size")");
  CHECK(error_of("\"machine\"", "\"Machine\"") ==
        R"(scenario.json:4: /Machine: found the unknown key "Machine", expected "machine")");
  CHECK(error_of("\"seed\"", "\"\"") ==
        R"(scenario.json:13: /: found the unknown key "", expected one of "buffer", )"
        R"("cards", "file", "format", "kernel", "machine", "paths", "payload", "record", "seed", "socket", )"
        R"("time_limit", "title")");
}

TEST_CASE("a missing key is refused by name") {
  CHECK(error_of("  \"title\": \"A test\",\n", "") ==
        R"(scenario.json:1: "": found an object with "buffer", "cards", "file", "format", "kernel", "machine", )"
        R"("paths", "payload", "record", "seed", "socket", "time_limit", expected also the key "title")");
  CHECK(error_of("{\"size\": \"10 MB\", \"cache\": \"hot\"}", "{}") ==
        R"(scenario.json:7: /file: found an object with "cache", expected also the key "size" or the key "path")");
}

TEST_CASE("a value of another type is refused") {
  CHECK(error_of("\"seed\": 7", "\"seed\": \"7\"") ==
        R"(scenario.json:13: /seed: found "7", expected an integer of 0 to 9007199254740991)");
  CHECK(error_of("\"seed\": 7", "\"seed\": 7.0") ==
        "scenario.json:13: /seed: found 7.0, expected an integer of 0 to 9007199254740991");
  CHECK(error_of("\"8 KiB\"", "8192") == R"(scenario.json:8: /buffer: found 8192, expected a text such as "8 KiB")");
  CHECK(error_of("true", "\"yes\"") == R"(scenario.json:12: /socket/no_delay: found "yes", expected true or false)");
  CHECK(error_of("[\"traditional\", \"shortcut\"]", "\"shortcut\"") ==
        R"(scenario.json:11: /paths: found "shortcut", expected an array of at least 1 elements)");
  CHECK(error_of("\"shortcut\"]", "null]") ==
        "scenario.json:11: /paths/1: found null, expected a text of 1 to 1000 characters");
  CHECK(error_of("{\"slot1\": \"vpn1201\"}", "[\"vpn1201\"]") ==
        "scenario.json:5: /cards: found an array of 1, expected an object");
  CHECK(workspace.error_of("[]") ==
        R"(scenario.json:1: "": found an array of 0, expected an object with members from "buffer", "cards", "file", )"
        R"("format", "kernel", "machine", "paths", "payload", "record", "seed", "socket", "time_limit", "title")");
}

TEST_CASE("another format is refused") {
  CHECK(error_of("scenario-1", "scenario-2") ==
        R"(scenario.json:2: /format: found "cryptopath-scenario-2", expected "cryptopath-scenario-1")");
}

TEST_CASE("a quantity with a wrong or missing unit or sign is refused") {
  CHECK(error_of("8 KiB", "8") ==
        R"(scenario.json:8: /buffer: found "8", which has no unit, expected a size such as "8 KiB")");
  CHECK(error_of("10 MB", "10 ms") == R"(scenario.json:7: /file/size: found "10 ms", whose unit "ms" is none of )"
                                      R"(GiB, GB, MiB, MB, KiB, kB, B, expected a size such as "8 KiB")");
  CHECK(error_of("10 MB", "-1 B") ==
        R"(scenario.json:7: /file/size: found "-1 B", which is negative, expected a size such as "8 KiB")");
  CHECK(error_of("10 min", "a while") == R"(scenario.json:14: /time_limit: found "a while", which does not start )"
                                         R"(with a number, expected a time such as "1.5 us")");
}

TEST_CASE("an unknown name is refused with the nearest known one") {
  CHECK(error_of("\"poweredge-2650\"", "\"poweredge2650\"") ==
        R"(scenario.json:4: /machine: found the unknown machine "poweredge2650", expected "poweredge-2650")");
  CHECK(
      error_of("\"openbsd-3.3\"", "\"solaris\"") ==
      R"(scenario.json:6: /kernel: found the unknown kernel "solaris", expected one of "openbsd-3.3", "openbsd-3.3-pentium-iii")");
  CHECK(error_of("\"vpn1201\"", "\"vpn1021\"") ==
        R"(scenario.json:5: /cards/slot1: found the unknown accelerator, board or NIC "vpn1021", expected "vpn1201")");
  CHECK(error_of("\"slot1\"", "\"slot\"") ==
        R"(scenario.json:5: /cards/slot: found the unknown slot "slot", expected "slot1")");
  CHECK(error_of("\"shortcut\"", "\"shorcut\"") ==
        R"(scenario.json:11: /paths/1: found the unknown path "shorcut", expected "shortcut")");
  CHECK(error_of("\"shortcut\"", "\"../programs/shortcut\"") ==
        R"(scenario.json:11: /paths/1: found the unknown path "../programs/shortcut", expected one of )"
        R"("http-read-write", "http-sendfile", "library", "nic", "shortcut", "traditional")");
  CHECK(error_of("\"hot\"", "\"warm\"") ==
        R"(scenario.json:7: /file/cache: found "warm", expected one of "hot", "cold")");
  CHECK(error_of("\"modelled\"", "\"modeled\"") ==
        R"(scenario.json:10: /payload: found "modeled", expected "modelled")");
  CHECK(error_of("\"tls-1.2\"", "\"TLS 1.2\"") ==
        R"(scenario.json:9: /record/protocol: found "TLS 1.2", expected "tls-1.2")");
  CHECK(error_of("\"3des-ede-cbc-hmac-sha1\"", "\"3des-cbc-hmac-sha1\"") ==
        R"(scenario.json:9: /record/suite: found "3des-cbc-hmac-sha1" for tls-1.2, expected "3des-ede-cbc-hmac-sha1")");
}

TEST_CASE("a suite that the protocol does not have is refused") {
  CHECK(error_of("\"tls-1.2\"", "\"none\"") ==
        R"(scenario.json:9: /record/suite: found "3des-ede-cbc-hmac-sha1" for none, expected "null")");
  // Every one that it has, since the name is no mistyped one.
  CHECK_THAT(error_of(R"("tls-1.2", "suite": "3des-ede-cbc-hmac-sha1")", R"("ssh-2", "suite": "aes-128-ccm")"),
             Contains(R"(found "aes-128-ccm" for ssh-2, expected )") && Contains(R"("rc4-hmac-sha1", )") &&
                 Contains(R"("chacha20-poly1305")"));
}

TEST_CASE("a suite that nobody wrote is refused as the default") {
  const std::string bare = with(valid_scenario, R"(, "suite": "3des-ede-cbc-hmac-sha1")", "");
  const std::string of_default = R"(/record/suite: found the default "3des-ede-cbc-hmac-sha1" for tls-1.3, )";
  const std::string record = R"("record": {"protocol": "tls-1.2"})";
  CHECK_THAT(workspace.error_of(with(bare, "tls-1.2", "tls-1.3")), StartsWith("scenario.json:9: " + of_default));
  CHECK_THAT(workspace.error_of(with(bare, record, R"("record": {"protocol": "tls-1.3", "suite": "null"})")),
             StartsWith(R"(scenario.json:9: /record/suite: found "null" for tls-1.3, )"));
  const auto error_with = [](const std::string& text, const char* pointer, const char* value) {
    Overrides overrides;
    overrides.set.emplace_back(pointer, value);
    return workspace.error_of(text, overrides);
  };
  CHECK_THAT(error_with(bare, "/record/protocol", "tls-1.3"), StartsWith("scenario.json:9: " + of_default));
  CHECK_THAT(error_with(bare, "/record/suite", "3des-ede-cbc-hmac-md5"),
             StartsWith(R"(--set /record/suite=3des-ede-cbc-hmac-md5: /record/suite: found "3des-ede-cbc-hmac-md5")"));
  // What is set drops what the file said.
  CHECK_THAT(error_with(valid_scenario, "/record", R"({"protocol": "tls-1.3"})"), Contains(of_default));
  CHECK_THAT(error_with(valid_scenario, "/record", R"({"protocol": "tls-1.3", "suite": "null"})"),
             Contains(R"(found "null" for tls-1.3)"));
  CHECK_THAT(workspace.error_of(with(bare, "\"traditional\"", "\"nic\"")),
             Contains(R"(found the default "3des-ede-cbc-hmac-sha1", which path "nic" has the NIC encipher)"));
}

TEST_CASE("a file of the user's own that is missing or no file is refused where it is named") {
  CHECK(error_of("\"shortcut\"", "\"mine.json\"") ==
        R"(scenario.json:11: /paths/1: found "mine.json", no such file, expected a JSON file)");
  CHECK(error_of("\"poweredge-2650\"", "\"/dev/null/a.json\"") ==
        R"(scenario.json:4: /machine: found "/dev/null/a.json", no such file, expected a JSON file)");
  std::filesystem::create_directory(workspace.path("folder.json"));
  CHECK(error_of("\"openbsd-3.3\"", "\"folder.json\"") ==
        R"(scenario.json:6: /kernel: found "folder.json", a directory, expected a JSON file)");
}

TEST_CASE("a file of another format is refused inside it") {
  workspace.write("mine.json", valid_program);
  CHECK(error_of("\"poweredge-2650\"", "\"mine.json\"") ==
        R"(mine.json:2: /format: found "cryptopath-program-1", expected "cryptopath-machine-1")");
  CHECK(error_of("\"vpn1201\"", "\"mine.json\"") ==
        R"(mine.json:2: /format: found "cryptopath-program-1", expected one of "cryptopath-accelerator-1", )"
        R"("cryptopath-board-1", "cryptopath-nic-1")");
}

TEST_CASE("a path stands in a scenario only once") {
  CHECK(error_of("\"shortcut\"", "\"traditional\"") ==
        R"(scenario.json:11: /paths/1: found the path "traditional" a second time, expected each path once)");
}

TEST_CASE("a file to send is found beside the scenario and gives the size") {
  workspace.write("data.bin", "0123456789");
  const Scenario scenario = workspace.load(with(valid_scenario, "\"size\": \"10 MB\"", "\"path\": \"data.bin\""));
  CHECK(scenario.runs[0].file.path == workspace.path("data.bin"));
  CHECK(scenario.runs[0].file.size == 10_B);
  CHECK(scenario.resolved->at("file").at("size") == "10 B");
  CHECK(error_of("\"10 MB\"", "\"10 MB\", \"path\": \"data.bin\"") ==
        R"(scenario.json:7: /file/size: found "10 MB", expected 10 B, the size of the file)");
  CHECK(error_of("\"size\": \"10 MB\"", "\"path\": \"no.bin\"") ==
        "scenario.json:7: /file/path: found no such file, expected a regular file");
}

TEST_CASE("an empty file can be sent") {
  CHECK(workspace.load(with(valid_scenario, "10 MB", "0 B")).runs[0].file.size == 0_B);
}
