// What the program makes of its command line.
#include <catch2/catch.hpp>

#include "../result/scratch_folder.hpp"
#include "cryptopath/result.hpp"
#include "process.hpp"

using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;
using Words = std::vector<std::string>;

namespace {

/// One line on standard error, nothing on standard output, exit status 2.
std::string refusal(const Words& arguments, const Redirections& redirections = {}) {
  const Outcome outcome = run_cryptopath(arguments, redirections);
  INFO(outcome.error);
  CHECK(outcome.exit_status() == 2);
  CHECK(outcome.output.empty());
  CHECK(lines_in(outcome.error) == 1);
  CHECK_THAT(outcome.error, StartsWith("cryptopath: "));
  return outcome.error;
}

}  // namespace

TEST_CASE("help and version go to standard output") {
  const Outcome help = run_cryptopath({"--help"});
  CHECK(help.exit_status() == 0);
  CHECK(help.error.empty());
  for (const char* command : {"run", "list", "explain", "validate", "fit"}) CHECK_THAT(help.output, Contains(command));
  const Outcome version = run_cryptopath({"--version"});
  CHECK(version.exit_status() == 0);
  CHECK(version.output == std::string("cryptopath ") + cryptopath::version() + "\n");
  CHECK_THAT(run_cryptopath({"run", "--help"}).output, Contains("--picture") && Contains("SCENARIO"));
}

TEST_CASE("a command line that cannot be understood gets one line and a hint") {
  CHECK_THAT(refusal({}), Contains("cryptopath --help"));
  CHECK_THAT(refusal({"runn", "x.json"}), Contains("\"runn\"") && Contains("did you mean run?"));
  CHECK_THAT(refusal({"run"}), Contains("SCENARIO") && Contains("cryptopath run --help"));
  CHECK_THAT(refusal({"run", "x.json", "--jsn", "-"}), Contains("did you mean --json?"));
  CHECK_THAT(refusal({"run", "x.json", "--jobs", "0"}), Contains("--jobs"));
  CHECK_THAT(refusal({"run", "x.json", "--jobs", "many"}), Contains("--jobs"));
  CHECK_THAT(refusal({"run", "x.json", "--json"}), Contains("--json"));
  CHECK_THAT(refusal({"run", "a.json", "line\nbreak"}), Contains("line\\nbreak"));
}

TEST_CASE("a scenario that is not there or a setting that is none gets one line") {
  CHECK_THAT(refusal({"run", "nowhere.json"}), Contains("nowhere.json"));
  CHECK_THAT(refusal({"explain", "nowhere.json"}), Contains("nowhere.json"));
  CHECK_THAT(refusal({"run", transfer_scenario(), "--set", "/buffer"}), Contains("/POINTER=VALUE"));
  CHECK_THAT(refusal({"run", transfer_scenario(), "--set", "/bufer=8 KiB"}), Contains("\"buffer\""));
  CHECK_THAT(refusal({"run", transfer_scenario(), "--file", "/nowhere"}), Contains("/nowhere"));
  CHECK_THAT(refusal({"run", transfer_scenario(), "--file", "/"}), Contains("directory"));
  CHECK_THAT(refusal({"run", transfer_scenario(), "--file", ""}), Contains("--file"));
}

TEST_CASE("outputs that cannot be written are refused before anything runs") {
  const ScratchFolder folder;
  // 100 GiB would take hours: an answer shows that the run has not started.
  const Words run = {"run",   transfer_scenario(), "--set", "/file/size=100 GiB",
                     "--set", "/file/cache=cold",  "--set", "/buffer=1 MiB"};
  const auto with = [&](const Words& more) {
    Words words = run;
    words.insert(words.end(), more.begin(), more.end());
    return refusal(words);
  };
  CHECK_THAT(with({"--json", folder / "nowhere/x.json"}), Contains("nowhere"));
  CHECK_THAT(with({"--json", folder.path()}), Contains("a directory"));
  CHECK_THAT(with({"--json", ""}), Contains("empty"));
  CHECK_THAT(with({"--picture", folder / "nowhere/x"}), Contains("nowhere"));
  CHECK_THAT(with({"--json", folder / "x.svg", "--picture", folder / "x"}), Contains("two outputs"));
  CHECK_THAT(with({"--json", transfer_scenario()}), Contains("input of this run"));
  const auto file = write_file(folder / "file.png", "data");
  const Words on_file = {"run", transfer_scenario(), "--file", file, "--picture", folder / "file"};
  CHECK_THAT(refusal(on_file), Contains("input of this run"));
  CHECK(read_file(file) == "data");
  Redirections no_programs;
  no_programs.path_variable = folder.path();
  CHECK_THAT(refusal({"run", transfer_scenario(), "--picture", folder / "x"}, no_programs),
             Contains("apt install gnuplot-nox"));
  CHECK(folder.names() == Words{"file.png"});
}

TEST_CASE("list names what is at hand with a line about each") {
  const Outcome outcome = run_cryptopath({"list"});
  CHECK(outcome.exit_status() == 0);
  for (const char* word :
       {"scenarios, workloads and fits\n", "transfer.json\n", "paths\n", "traditional\n", "shortcut\n", "machines\n",
        "poweredge-2650\n", "cards\n", "vpn1201\n", "kernels\n", "openbsd"}) {
    CHECK_THAT(outcome.output, Contains(word));
  }
  CHECK_THAT(outcome.output, !Contains("scenarios/programs"));
  CHECK_THAT(outcome.output,
             Contains("  esp-tunnel\n") && Contains(" aes-256-cbc-hmac-sha1*,") &&
                 Contains("  tls-1.3\n      aes-128-gcm, aes-256-gcm, aes-128-ccm, chacha20-poly1305\n"));
}

TEST_CASE("validate looks at every scenario and fails when one is bad") {
  const ScratchFolder folder;
  const auto bad = write_file(folder / "bad.json", "{\n");
  const Outcome good = run_cryptopath({"validate", transfer_scenario()});
  CHECK(good.exit_status() == 0);
  CHECK_THAT(good.output, EndsWith("transfer.json: good, 2 paths\n"));
  const Outcome mixed = run_cryptopath({"validate", bad, transfer_scenario(), folder / "missing.json"});
  CHECK(mixed.exit_status() == 2);
  CHECK(mixed.output == good.output);
  CHECK_THAT(mixed.error, Contains("bad.json") && Contains("missing.json") && Contains("2 of 3 files are bad"));
  CHECK(lines_in(mixed.error) == 3);
}

TEST_CASE("a full disk behind standard output is bad input and not silence") {
  Redirections full;
  full.output = "/dev/full";
  CHECK_THAT(refusal({"list"}, full), Contains("No space left on device"));
  CHECK_THAT(refusal({"--help"}, full), Contains("No space left on device"));
  CHECK_THAT(refusal({"validate", transfer_scenario()}, full), Contains("No space left on device"));
}
