// What the program makes of a workload.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "../result/scratch_folder.hpp"
#include "cryptopath/result.hpp"
#include "process.hpp"

using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using nlohmann::json;
using Words = std::vector<std::string>;

namespace {

/// Four cells in software and on a card, the last of them published.
std::string workload_in(const ScratchFolder& folder) {
  write_file(folder / "table.csv",
             "figure,series,x_name,x,y,unit,source\n"
             "table,2 threads,request_bytes,1024,50,Mbit/s,\"Somebody, 2006\"\n");
  return write_file(folder / "workload.json", R"({
  "format": "cryptopath-workload-1",
  "title": "A small workload",
  "machine": "poweredge-2650",
  "cards": {"slot1": "vpn1201"},
  "algorithm": "3des-ede-cbc-hmac-sha1",
  "threads": [1, 2],
  "requests": ["64 B", "1 KiB"],
  "warm_up": "1 ms",
  "duration": "10 ms",
  "published": "table.csv"
}
)");
}

}  // namespace

TEST_CASE("a workload runs cell by cell and prints its table") {
  const ScratchFolder folder;
  const Outcome outcome = run_cryptopath({"run", workload_in(folder), "--json", folder / "result.json"});
  INFO(outcome.error);
  REQUIRE(outcome.exit_status() == 0);
  CHECK(outcome.error.empty());
  CHECK_THAT(outcome.output, Contains("A small workload\n3des-ede-cbc-hmac-sha1 on poweredge-2650 with vpn1201, "));
  CHECK_THAT(outcome.output, Contains("1 of 4 cells published: median error") && Contains("at 2 threads"));
  const json document = json::parse(read_file(folder / "result.json"));
  CHECK(document.at("format") == cryptopath::result_format);
  CHECK(document.at("workload").at("duration") == "10 ms");
  REQUIRE(document.at("runs").size() == 4);
  CHECK(document.at("runs").at(3).at("published_mbit_s") == 50);
  for (const json& run : document.at("runs")) CHECK(run.at("elapsed_ns") == 10'000'000);
}

TEST_CASE("the document of a workload goes to standard output and does not depend on the number of jobs") {
  const ScratchFolder folder;
  const std::string workload = workload_in(folder);
  const Outcome one = run_cryptopath({"run", workload, "--json", "-", "--jobs", "1"});
  const Outcome many = run_cryptopath({"run", workload, "--json", "-", "--jobs", "4", "--set", "/seed=1"});
  REQUIRE(one.exit_status() == 0);
  CHECK(json::accept(one.output));
  CHECK(many.output == one.output);
  CHECK_THAT(one.error, Contains("A small workload"));
}

TEST_CASE("a workload has no wire and no file and no picture") {
  const ScratchFolder folder;
  const std::string workload = workload_in(folder);
  const auto refusal = [&](const std::string& option) {
    const Outcome outcome = run_cryptopath({"run", workload, option, folder / "out"});
    CHECK(outcome.exit_status() == 2);
    CHECK(outcome.output.empty());
    CHECK(folder.names() == Words{"table.csv", "workload.json"});
    return outcome.error;
  };
  CHECK(refusal("--pcap") == "cryptopath: --pcap: found a workload, which has no wire, expected a scenario\n");
  CHECK(refusal("--keylog") == "cryptopath: --keylog: found a workload, which has no wire, expected a scenario\n");
  CHECK(refusal("--picture") ==
        "cryptopath: --picture: found a workload, which has no paths to draw, expected a scenario\n");
  CHECK(refusal("--file") == "cryptopath: --file " + (folder / "out").string() +
                                 ": found a workload, which sends no file, expected a scenario\n");
}

TEST_CASE("the document of a workload replaces none of its inputs") {
  const ScratchFolder folder;
  const std::string workload = workload_in(folder);
  for (const std::string& input : {workload, (folder / "table.csv").string()}) {
    const std::string before = read_file(input);
    const Outcome outcome = run_cryptopath({"run", workload, "--json", input});
    CHECK(outcome.exit_status() == 2);
    CHECK_THAT(outcome.error, Contains("it is an input of this run") && Contains(input));
    CHECK(read_file(input) == before);
  }
}

TEST_CASE("what the kernel answers to a cell stands in table and document and makes the input bad") {
  const ScratchFolder folder;
  const Outcome outcome = run_cryptopath({"run", workload_in(folder), "--set", "/requests=[\"17 B\", \"64 B\"]",
                                          "--set", "/threads=[1]", "--json", folder / "result.json"});
  CHECK(outcome.exit_status() == 2);
  CHECK_THAT(outcome.output, Contains("EINVAL") && Contains("17 B is no multiple of the block"));
  CHECK(lines_in(outcome.error) == 1);
  CHECK_THAT(outcome.error,
             Contains("the kernel refused 1 of 2 cells, the first 1 thread, 17 B: ") && Contains("EINVAL"));
  const json runs = json::parse(read_file(folder / "result.json")).at("runs");
  CHECK(runs.at(0).at("errno") == "EINVAL");
  CHECK_FALSE(runs.at(0).contains("error"));
  CHECK_FALSE(runs.at(1).contains("errno"));
  CHECK(runs.at(1).at("throughput_mbit_s") > 0);
}

TEST_CASE("more threads than a card's memory holds sessions are ENOMEM though the software has room") {
  const ScratchFolder folder;
  json card = json::parse(read_file(cryptopath::data_directory() / "models/accelerators/vpn1201.json"));
  card.at("sessions").at("value") = 8;
  const std::string small = write_file(folder / "small.json", card.dump());
  const Outcome outcome =
      run_cryptopath({"run", workload_in(folder), "--set", "/requests=[\"64 B\"]", "--set", "/threads=[8, 9]", "--set",
                      "/cards/slot1=" + small, "--json", folder / "result.json"});
  CHECK(outcome.exit_status() == 2);
  const std::string refusal = "small has no memory for a session beside the 8 that are open with it (ENOMEM)";
  CHECK_THAT(outcome.output, Contains("ENOMEM") && Contains(refusal));
  CHECK(lines_in(outcome.error) == 1);
  CHECK_THAT(outcome.error, Contains("the kernel refused 1 of 2 cells, the first 9 threads, 64 B: " + refusal));
  const json runs = json::parse(read_file(folder / "result.json")).at("runs");
  CHECK_FALSE(runs.at(0).contains("errno"));
  CHECK(runs.at(1).at("errno") == "ENOMEM");
  CHECK_THAT(runs.at(1).at("refusal").get<std::string>(), Contains(refusal));
}

TEST_CASE("a key of the wrong length is EINVAL in a workload and in a transfer") {
  const ScratchFolder folder;
  const std::string refusal = "a session for 3des-ede-cbc-hmac-sha1 has a key of 24 B and not of 7 B (EINVAL)";
  const Outcome workload =
      run_cryptopath({"run", workload_in(folder), "--set", "/key_length=7 B", "--set", "/threads=[1]", "--set",
                      "/requests=[\"64 B\"]", "--json", folder / "result.json"});
  CHECK(workload.exit_status() == 2);
  CHECK_THAT(workload.output, Contains("keys of 7 B") && Contains("EINVAL") && Contains(refusal));
  CHECK_THAT(workload.error, Contains("the kernel refused 1 of 1 cells, the first 1 thread, 64 B: " + refusal));
  CHECK(json::parse(read_file(folder / "result.json")).at("runs").at(0).at("errno") == "EINVAL");

  const auto data = std::filesystem::path(transfer_scenario()).parent_path().parent_path().parent_path();
  for (const auto& [name, opens] : {std::pair("traditional.json", 3), std::pair("shortcut.json", 2)}) {
    json program = json::parse(read_file(data / "scenarios/programs" / name));
    program["steps"].at(static_cast<std::size_t>(opens))["key_length"] = "7 B";
    write_file(folder / name, program.dump());
    const std::string path = "/paths=[\"" + (folder / name).string() + "\"]";
    const Outcome transfer = run_cryptopath({"run", transfer_scenario(), "--set", path, "--set", "/file/size=10 kB"});
    INFO(name << ": " << transfer.error);
    CHECK(transfer.exit_status() == 2);
    CHECK(lines_in(transfer.error) == 1);
    CHECK_THAT(transfer.error, Contains(refusal));
  }
}

TEST_CASE("validate counts a workload's cells") {
  const ScratchFolder folder;
  const Outcome outcome = run_cryptopath({"validate", workload_in(folder), transfer_scenario()});
  CHECK(outcome.exit_status() == 0);
  CHECK_THAT(outcome.output, Contains("workload.json: good, 4 cells\n") && EndsWith("transfer.json: good, 2 paths\n"));
  write_file(folder / "table.csv", "nothing\n");
  const Outcome bad = run_cryptopath({"validate", folder / "workload.json"});
  CHECK(bad.exit_status() == 2);
  CHECK_THAT(bad.error, Contains("table.csv:1: found \"nothing\"") && Contains("1 of 1 files are bad"));
}

TEST_CASE("explain shows a workload's cells and machine and where its numbers are from") {
  const ScratchFolder folder;
  const Outcome outcome = run_cryptopath({"explain", workload_in(folder), "--set", "/threads=[1, 2, 3]"});
  INFO(outcome.error);
  REQUIRE(outcome.exit_status() == 0);
  CHECK_THAT(outcome.output, Contains("CIOCCRYPT of 3des-ede-cbc-hmac-sha1, 64 B, 1 KiB\nthreads   1, 2, 3\n"
                                      "cells     6, 1 of them published\n"));
  CHECK_THAT(outcome.output, Contains("time      10 ms measured after 1 ms of warm-up\nkernel    openbsd-3.3\n"));
  CHECK_THAT(outcome.output, Contains("memory to vpn1201") && Contains("model numbers: ") && Contains("cited ("));
}

TEST_CASE("explain shows the interrupt lines of slots and the chips of boards") {
  const ScratchFolder folder;
  const auto data = std::filesystem::path(transfer_scenario()).parent_path().parent_path().parent_path();
  json machine = json::parse(read_file(data / "models/machines/poweredge-2650.json"));
  machine["slots"]["slot1"]["irq"] = {{"value", 11}, {"estimated", "made up for a test"}};
  write_file(folder / "machine.json", machine.dump());
  machine["slots"]["slot1"]["irq"]["value"] = 1;
  write_file(folder / "twin.json", json{{"format", "cryptopath-board-1"},
                                        {"description", "a test"},
                                        {"bridge", machine["bridges"]["io-bridge-1"]},
                                        {"segment", machine["segments"]["pci1"]},
                                        {"interrupt_pins", machine["slots"]["slot1"]["irq"]},
                                        {"chips", {{"left", "vpn1201"}, {"right", "vpn1201"}}}}
                                       .dump());
  const Outcome outcome = run_cryptopath(
      {"explain", workload_in(folder), "--set", "/machine=machine.json", "--set", "/cards/slot1=twin.json"});
  INFO(outcome.error);
  REQUIRE(outcome.exit_status() == 0);
  CHECK_THAT(outcome.output,
             Contains("└─ twin (twin): bridge, 2 cycles\n") && Contains("twin.pci (twin): PCI segment"));
  CHECK_THAT(outcome.output, Contains("─ twin.left (vpn1201): accelerator") && Contains(" MHz, irq 11\n"));
  CHECK_THAT(outcome.output, Contains("pci1 - twin - twin.pci - twin.left\n"));
}

namespace {

std::string public_keys_in(const ScratchFolder& folder, const std::string& card = "ubsec-5820") {
  return write_file(folder / "keys.json", R"({
  "format": "cryptopath-workload-1",
  "title": "Signatures",
  "machine": "tyan-thunder-hesl-t",
  "cards": {"slot64-1": ")" + card + R"("},
  "operation": "rsa-sign",
  "modulus_bits": [512, 1024],
  "threads": [1],
  "warm_up": "10 ms",
  "duration": "200 ms"
}
)");
}

}  // namespace

TEST_CASE("a workload of public keys prints operations a second and writes them down") {
  const ScratchFolder folder;
  const Outcome outcome = run_cryptopath({"run", public_keys_in(folder), "--json", folder / "result.json"});
  INFO(outcome.error);
  REQUIRE(outcome.exit_status() == 0);
  CHECK_THAT(outcome.output, Contains("Signatures\nrsa-sign on tyan-thunder-hesl-t with ubsec-5820, ") &&
                                 Contains("512 bit   1024 bit\noperations/s\n  1 thread "));
  const json document = json::parse(read_file(folder / "result.json"));
  REQUIRE(document.at("runs").size() == 2);
  const json& run = document.at("runs").at(1);
  CHECK(run.at("path") == "1 thread, 1024 bit");
  CHECK(run.at("modulus_bits") == 1024);
  CHECK(run.at("operations") == 20);
  CHECK(run.at("operations_per_second") == 100.0);
}

TEST_CASE("explain shows the units for public keys of a card and the moduli of a workload") {
  const ScratchFolder folder;
  const Outcome outcome = run_cryptopath({"explain", public_keys_in(folder)});
  INFO(outcome.error);
  REQUIRE(outcome.exit_status() == 0);
  CHECK_THAT(outcome.output, Contains("requests  rsa-sign, 512 bit, 1024 bit\nthreads   1\ncells     2, 0 of them"));
  CHECK_THAT(outcome.output, Contains(", public keys by 2 units, 64 bit PCI at 66 MHz"));
  CHECK_THAT(outcome.output, Contains("/key_engine/modular_exponentiation = 9.8 ms"));
}

TEST_CASE("explain and list show a card that has public keys alone") {
  const ScratchFolder folder;
  const Outcome outcome = run_cryptopath({"explain", public_keys_in(folder, "hifn-7814")});
  INFO(outcome.error);
  REQUIRE(outcome.exit_status() == 0);
  CHECK_THAT(outcome.output,
             Contains("hifn-7814 (hifn-7814): accelerator, public keys by 1 unit, 64 bit PCI at 66 MHz"));
  CHECK_THAT(outcome.output, Contains("/alu/modular_exponentiation = 23.8 ms"));
  CHECK_THAT(outcome.output, Contains("  memory to nic0 ") && !Contains("memory to hifn-7814"));
  const Outcome listed = run_cryptopath({"list"});
  CHECK_THAT(listed.output, Contains("  hifn-6500\n") && Contains("  hifn-7814\n"));
}

TEST_CASE("a modulus that a card's registers have no room for is that cell's errno") {
  const ScratchFolder folder;
  const Outcome outcome =
      run_cryptopath({"run", public_keys_in(folder, "hifn-6500"), "--set", "/modulus_bits=[512,2048]"});
  CHECK(outcome.exit_status() == 2);
  CHECK_THAT(outcome.output, Contains("rsa-sign on tyan-thunder-hesl-t with hifn-6500, ") && Contains("ERANGE"));
}
