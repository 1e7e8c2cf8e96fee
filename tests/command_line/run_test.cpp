// What a run leaves behind.
#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "../result/scratch_folder.hpp"
#include "cryptopath/result.hpp"
#include "process.hpp"

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using nlohmann::json;
using Words = std::vector<std::string>;

TEST_CASE("with the document on standard output the table goes to standard error") {
  const ScratchFolder folder;
  const auto file = write_file(folder / "some file", std::string(100'000, 'x'));
  const Outcome outcome = run_cryptopath({"run", transfer_scenario(), "--file", file, "--json", "-"});
  INFO(outcome.error);
  REQUIRE(outcome.exit_status() == 0);
  const json document = json::parse(outcome.output);
  CHECK(document.at("format") == cryptopath::result_format);
  REQUIRE(document.at("runs").size() == 2);
  const json& traditional = document.at("runs").at(0);
  const json& shortcut = document.at("runs").at(1);
  CHECK(traditional.at("path") == "traditional");
  CHECK(traditional.at("payload_bytes") == 100'000);
  CHECK(traditional.at("wire").at("sha256") == shortcut.at("wire").at("sha256"));
  CHECK_THAT(traditional.at("wire").at("verified_by").get<std::string>(), StartsWith("GnuTLS"));
  CHECK_THAT(outcome.error, Contains("gain over traditional") && Contains("identical"));
  CHECK_THAT(outcome.error, !Contains("\033"));
}

TEST_CASE("a run writes document and picture and prints the table") {
  const ScratchFolder folder;
  const Outcome outcome = run_cryptopath({"run", transfer_scenario(), "--set", "/file/size=100 kB", "--json",
                                          folder / "result.json", "--picture", folder / "picture"});
  INFO(outcome.error);
  REQUIRE(outcome.exit_status() == 0);
  CHECK(outcome.error.empty());
  CHECK_THAT(outcome.output, Contains("throughput") && Contains("busiest resource"));
  CHECK(folder.names() == Words{"picture.png", "picture.svg", "result.json"});
  CHECK(json::parse(read_file(folder / "result.json")).at("runs").size() == 2);
}

TEST_CASE("the document does not depend on the number of jobs") {
  const Words run = {"run", transfer_scenario(), "--set", "/file/size=300 kB", "--json", "-", "--jobs"};
  const auto document_with = [&](const std::string& jobs) {
    Words words = run;
    words.push_back(jobs);
    return run_cryptopath(words).output;
  };
  const std::string one = document_with("1");
  CHECK(!one.empty());
  CHECK(document_with("2") == one);
  CHECK(document_with("5") == one);
}

TEST_CASE("an empty file runs") {
  const ScratchFolder folder;
  const auto file = write_file(folder / "empty", "");
  const Outcome outcome = run_cryptopath({"run", transfer_scenario(), "--file", file});
  INFO(outcome.error);
  CHECK(outcome.exit_status() == 0);
  CHECK_THAT(outcome.output, Contains("0.00 Mbit/s") && !Contains("nan"));
}

TEST_CASE("a device that is full as the document's target is bad input") {
  const Outcome outcome =
      run_cryptopath({"run", transfer_scenario(), "--set", "/file/size=10 kB", "--json", "/dev/full"});
  CHECK(outcome.exit_status() == 2);
  CHECK(outcome.output.empty());
  CHECK(outcome.error == "cryptopath: cannot write /dev/full: No space left on device\n");
}

TEST_CASE("a limit on the size of files is one line of error and leaves nothing") {
  const ScratchFolder folder;
  const auto run_under = [](rlim_t limit, const Words& words) {
    struct rlimit before {};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    const struct rlimit less {
      limit, before.rlim_max
    };
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &less) == 0);  // for the program, which inherits it
    Outcome outcome = run_cryptopath(words);
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
    return outcome;
  };
  const Words run = {"run", transfer_scenario(), "--set", "/file/size=600 kB"};
  for (const auto& [option, limit, message] :
       {std::tuple{"--pcap", 400'000, "cannot keep its packets for --pcap: File too large"},
        std::tuple{"--pcap", 1'000'000, "cannot write "}, std::tuple{"--json", 1000, "cannot write "}}) {
    Words words = run;
    words.insert(words.end(), {option, folder / "output"});
    const Outcome outcome = run_under(static_cast<rlim_t>(limit), words);
    INFO(option << ' ' << limit << ": " << outcome.error);
    CHECK(outcome.exit_status() == 2);
    CHECK(outcome.output.empty());
    CHECK_THAT(outcome.error, Contains(message) && Contains("File too large"));
    CHECK(lines_in(outcome.error) == 1);
    CHECK(folder.names().empty());
  }
}

TEST_CASE("a file name that is no UTF-8 does not stop a run") {
  const ScratchFolder folder;
  const auto file = write_file(folder / "\xff\xfe", "data");
  const Outcome outcome = run_cryptopath({"run", transfer_scenario(), "--file", file, "--json", "-"});
  INFO(outcome.error);
  REQUIRE(outcome.exit_status() == 0);
  CHECK(json::accept(outcome.output));
}

TEST_CASE("a path that the simulated world refuses ends all and writes nothing") {
  const ScratchFolder folder;
  // A nanosecond of simulated time is enough for no path.
  const Outcome outcome = run_cryptopath({"run", transfer_scenario(), "--set", "/time_limit=1 ns", "--json",
                                          folder / "result.json", "--picture", folder / "picture"});
  INFO(outcome.error);
  CHECK(outcome.exit_status() == 2);
  CHECK(outcome.output.empty());
  CHECK(lines_in(outcome.error) == 1);
  // Which of the paths ends first is chance; each is named once.
  CHECK_THAT(outcome.error, StartsWith("cryptopath: path traditional: the run did not end within its limit of 1 ns") ||
                                StartsWith("cryptopath: path shortcut: the run did not end within its limit of 1 ns"));
  CHECK(folder.names().empty());
}

TEST_CASE("a terminal sees a progress bar that is gone at the end and a quiet one does not") {
  Redirections terminal;
  terminal.error_to_terminal = true;
  const Words run = {"run", transfer_scenario(), "--set", "/file/size=100 kB"};
  const Outcome outcome = run_cryptopath(run, terminal);
  REQUIRE(outcome.exit_status() == 0);
  CHECK_THAT(outcome.error, Contains("traditional") && Contains(" % "));
  CHECK_THAT(outcome.error, Catch::Matchers::EndsWith("\r\033[K"));
  Words quiet = run;
  quiet.push_back("--quiet");
  CHECK(run_cryptopath(quiet, terminal).error.empty());
}

TEST_CASE("no output replaces a file that the run reads") {
  const ScratchFolder folder;
  const auto data = std::filesystem::path(transfer_scenario()).parent_path().parent_path().parent_path();
  const std::vector<std::pair<std::string, std::filesystem::path>> models = {
      {"/machine", "models/machines/poweredge-2650.json"},
      {"/cards/slot1", "models/accelerators/vpn1201.json"},
      {"/kernel", "models/kernels/openbsd-3.3.json"},
      {"/paths/0", "scenarios/programs/traditional.json"}};
  for (const auto& [pointer, model] : models) {
    const std::string content = read_file(data / model);
    const std::string own = write_file(folder / "own.json", content);
    const Outcome outcome = run_cryptopath({"run", transfer_scenario(), "--set", pointer + "=" + own, "--json", own});
    INFO(pointer << ": " << outcome.error);
    CHECK(outcome.exit_status() == 2);
    CHECK_THAT(outcome.error, Contains("own.json: it is an input of this run"));
    CHECK(read_file(own) == content);
  }
}

TEST_CASE("no output goes where the table goes") {
  const ScratchFolder folder;
  const std::string table = write_file(folder / "table", "");
  Redirections redirections;
  redirections.output = table;
  const std::vector<Words> outputs = {{"--json", "/dev/stdout"},
                                      {"--json", table},
                                      {"--pcap", "/dev/stdout"},
                                      {"--keylog", "/proc/self/fd/1"},
                                      {"--json", "-", "--keylog", table}};
  for (const Words& output : outputs) {
    Words words = {"run", transfer_scenario(), "--set", "/file/size=10 kB"};
    words.insert(words.end(), output.begin(), output.end());
    const Outcome outcome = run_cryptopath(words, redirections);
    INFO(outcome.error);
    CHECK(outcome.exit_status() == 2);
    CHECK(outcome.error == "cryptopath: cannot write " + output.back() + ": standard output goes there too\n");
    CHECK(read_file(table).empty());
    CHECK(folder.names() == Words{"table"});
  }
  // A pipe has no name of its own.
  const Outcome piped = run_cryptopath({"run", transfer_scenario(), "--pcap", "/dev/stdout"});
  CHECK(piped.exit_status() == 2);
  CHECK(piped.output.empty());
}

TEST_CASE("the null device takes document and table") {
  Redirections redirections;
  redirections.output = "/dev/null";
  const Outcome outcome =
      run_cryptopath({"run", transfer_scenario(), "--set", "/file/size=10 kB", "--json", "/dev/null"}, redirections);
  INFO(outcome.error);
  CHECK(outcome.exit_status() == 0);
}

TEST_CASE("a link to nothing is not taken for an output") {
  const ScratchFolder folder;
  std::filesystem::create_symlink("nowhere", folder / "link");
  const Outcome outcome = run_cryptopath({"run", transfer_scenario(), "--json", folder / "link"});
  CHECK(outcome.exit_status() == 2);
  CHECK_THAT(outcome.error, Contains("link: a link to a file that is not there"));
  CHECK(std::filesystem::is_symlink(folder / "link"));
}

TEST_CASE("a file and a setting of its size or path contradict each other") {
  const ScratchFolder folder;
  const auto file = write_file(folder / "file", "text");
  for (const char* setting : {"/file/size=1 MB", "/file/path=other"}) {
    const Outcome outcome = run_cryptopath({"run", transfer_scenario(), "--file", file, "--set", setting});
    CHECK(outcome.exit_status() == 2);
    CHECK_THAT(outcome.error, Contains("found --file beside it, expected one of the two"));
  }
}

TEST_CASE("a scenario without anything is told what it has and not its defaults") {
  const ScratchFolder folder;
  const auto empty = write_file(folder / "empty.json", "{}");
  const Outcome outcome = run_cryptopath({"run", empty});
  CHECK(outcome.exit_status() == 2);
  CHECK_THAT(outcome.error, Contains("found an empty object"));
}
