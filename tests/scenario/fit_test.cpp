#include "scenario/fit.hpp"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "workspace.hpp"

using namespace cryptopath;
using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;

namespace {

const Workspace workspace;

const std::string valid_fit = R"({
  "format": "cryptopath-fit-1",
  "title": "A test",
  "workloads": ["workload.json"],
  "free": [
    {"model": "kernels/openbsd-3.3", "pointer": "/process_switch", "from": "500 ns", "to": "1500 ns"},
    {"model": "accelerators/vpn1201", "pointer": "/engines/3des-ede-cbc-hmac-sha1", "from": "50 Mbit/s", "to": "0.1 Gbit/s"},
    {"model": "kernels/openbsd-3.3", "pointer": "/checksum", "from": "0.6 cycles/B", "to": "1.8 cycles/B"}
  ]
}
)";

Fit load(const std::string& text) {
  workspace.write("workload.json", valid_workload);
  return load_fit(workspace.write("fit.json", text));
}

/// The message for the valid fit with `before` replaced, without the folder's name.
std::string error_of(std::string_view before, std::string_view after) {
  try {
    const Fit fit = load(with(valid_fit, before, after));
    given_cells(fit, fit.models);
  } catch (const InputError& error) {
    return with(error.what(), workspace.path("").string(), "");
  }
  return "no error";
}

}  // namespace

TEST_CASE("a fit has its numbers in their base units and the cells that rates were published for") {
  const Fit fit = load(valid_fit);
  CHECK(fit.title == "A test");
  REQUIRE(fit.free.size() == 3);
  CHECK(fit.free[0].value == 1000);
  CHECK(fit.free[0].from == 500);
  CHECK(fit.free[1].value == 89.5e6);
  CHECK(fit.free[1].to == 100e6);
  CHECK(fit.free[2].value == 1.2);
  CHECK(fit.free[1].unit->write(83.45e6) == "83.45 Mbit/s");
  CHECK(fit.free[0].unit->write(999.6) == "1 us");
  const std::vector<GivenCell> cells = given_cells(fit, fit.models);
  REQUIRE(cells.size() == 6);
  CHECK(cells[0].published == 3);
  CHECK(cells[1].spec.threads == 1);
  CHECK(cells[1].spec.request == Bytes(1024));
  CHECK(origin_of_fitted(cells, "cryptopath fit x") ==
        "to tocs-table-1 1 threads 16, 1024, 16384; 32 threads 16, 1024, 16384; by cryptopath fit x");
}

TEST_CASE("cells that no rate was published for are left out of a fit") {
  const Fit fit = load(valid_fit);
  workspace.write("workload.json", with(valid_workload, "[1, 32]", "[1, 2]"));
  CHECK(given_cells(fit, fit.models).size() == 3);
}

TEST_CASE("models with other numbers differ in nothing but these") {
  const Fit fit = load(valid_fit);
  const FileTexts texts = with_values(fit, {"900 ns", "70 Mbit/s", "1.68 cycles/B"}, "to nothing, a \"test\"");
  REQUIRE(texts.size() == 2);
  const std::string kernel = with(fit.models.at(fit.free[0].file),
                                  R"({
    "value": "1 us",
    "estimated": "usual cost on a 2.4 GHz Xeon under a BSD of the time: a switch with its wakeup takes 1-2 us, and the wakeup 0.3"
  })",
                                  R"({"value": "900 ns", "fitted": "to nothing, a \"test\""})");
  CHECK(
      texts.at(fit.free[0].file) ==
      with(
          kernel,
          R"({"value": "1.2 cycles/B", "estimated": "in_cksum over data in the cache: a little more than one cycle a byte"})",
          R"({"value": "1.68 cycles/B", "fitted": "to nothing, a \"test\""})"));
  const std::string origin(100, 'x');
  CHECK_THAT(with_values(fit, {"900 ns", "70 Mbit/s", "1.68 cycles/B"}, origin).at(fit.free[1].file),
             Contains("  \"engines\": {\n    \"3des-ede-cbc-hmac-sha1\": {\n      \"value\": \"70 Mbit/s\",\n"
                      "      \"fitted\": \"" +
                      origin + "\"\n    },\n    \"hmac-sha1\": {\n"));
}

TEST_CASE("numbers that have the same cause change together") {
  const auto fit_with = [](std::string_view pointer) {
    return with(
        valid_fit, R"("to": "1500 ns"})",
        fmt::format(R"("to": "1500 ns", "same": [{{"model": "kernels/openbsd-3.3-pentium-iii", "pointer": "{}"}}]}})",
                    pointer));
  };
  // Both kernels know of the same quantum; a switch takes each its own time.
  const std::string quanta = with(with(fit_with("/quantum"), "/process_switch", "/quantum"), "500 ns", "50 ms");
  const Fit fit = load(with(quanta, "1500 ns", "150 ms"));
  const FileTexts texts = with_values(fit, {"90 ms", "70 Mbit/s", "1.68 cycles/B"}, "a test");
  REQUIRE(texts.size() == 3);
  CHECK_THAT(texts.at(fit.free[0].file), Contains(R"("quantum": {"value": "90 ms", "fitted": "a test"})"));
  CHECK_THAT(
      texts.at(fit.free[0].same.at(0).file),
      Contains("\"value\": \"90 ms\"") && Contains("\"fitted\": \"with /quantum of kernels/openbsd-3.3, a test\""));
  CHECK_THAT(error_of(valid_fit, fit_with("/process_switch")),
             Contains("fit.json:6: /free/0/same/0: found \"") &&
                 EndsWith("expected \"1 us\", as in models/kernels/openbsd-3.3.json"));
  CHECK_THAT(error_of(valid_fit, fit_with("/proces_switch")),
             Contains("/free/0/same/0/pointer: found \"/proces_switch\""));
  CHECK_THAT(error_of(valid_fit, with(with(quanta, "1500 ns", "150 ms"), "openbsd-3.3-pentium-iii", "openbsd-3.3")),
             EndsWith("/free/0: found \"/quantum\" of kernels/openbsd-3.3 a second time, expected it once"));
}

TEST_CASE("a workload is loaded with the numbers of a fit in the place of those in the files") {
  const Fit fit = load(valid_fit);
  const std::vector<GivenCell> cells =
      given_cells(fit, with_values(fit, {"900 ns", "70 Mbit/s", "1.68 cycles/B"}, "a test of fits"));
  CHECK(cells.at(0).spec.kernel.process_switch == Nanoseconds(900));
  CHECK(cells.at(0).spec.kernel.checksum.value == 0.7);
  CHECK(given_cells(fit, {}).at(0).spec.kernel.process_switch == Nanoseconds(1000));
}

TEST_CASE("a fit file is refused with file, line, pointer, what was found and what would do") {
  CHECK(error_of("cryptopath-fit-1", "cryptopath-fit-2") ==
        "fit.json:2: /format: found \"cryptopath-fit-2\", expected \"cryptopath-fit-1\"");
  CHECK(error_of("kernels/openbsd-3.3", "kernels/openbsd-3.4") ==
        "fit.json:6: /free/0/model: found the unknown model \"kernels/openbsd-3.4\", expected "
        "\"kernels/openbsd-3.3\"");
  CHECK_THAT(error_of("kernels/openbsd-3.3", "../models/kernels/openbsd-3.3"), Contains("/model: found the unknown"));
  CHECK(error_of("/process_switch", "/proces_switch") ==
        "fit.json:6: /free/0/pointer: found \"/proces_switch\", where models/kernels/openbsd-3.3.json has no number "
        "with a unit, expected \"/process_switch\"");
  // A word and a flag.
  CHECK_THAT(error_of("/process_switch", "/family"), EndsWith("expected the pointer of one"));
  CHECK_THAT(error_of("/process_switch", "/sendfile_copies"), Contains("has no number with a unit"));
  CHECK_THAT(error_of("/engines/3des", "/command_ring"), Contains("has no number with a unit"));
  CHECK(error_of("500 ns", "1500 ns") == "fit.json:6: /free/0/to: found \"1500 ns\", expected more than \"1500 ns\"");
  CHECK(error_of("500 ns", "0 ns") == "fit.json:6: /free/0/from: found \"0 ns\", expected more than 0");
  CHECK(error_of("\"500 ns\"", "\"5 KiB\"") ==
        "fit.json:6: /free/0/from: found \"5 KiB\", whose unit \"KiB\" is none of h, min, s, ms, us, ns, expected a "
        "time such as \"1.5 us\"");
  CHECK(error_of("\"500 ns\"", "\"1.1 us\"") ==
        "fit.json:6: /free/0: found \"1 us\" in models/kernels/openbsd-3.3.json, not from \"1.1 us\" to \"1500 ns\", "
        "expected bounds around it");
  CHECK(error_of("/checksum\", \"from\": \"0.6 cycles/B\", \"to\": \"1.8 cycles/B",
                 "/process_switch\", \"from\": \"1 ns\", \"to\": \"2 us") ==
        "fit.json:8: /free/2: found \"/process_switch\" of kernels/openbsd-3.3 a second time, expected it once");
}

TEST_CASE("workloads of a fit are refused where they have nothing to fit to") {
  CHECK(error_of("[\"workload.json\"]", "[\"other.json\"]") ==
        "fit.json:4: /workloads/0: found \"other.json\", no such file, expected a workload file");
  CHECK(error_of("[\"workload.json\"]", "[\"workload.json\", \"./workload.json\"]") ==
        "fit.json:4: /workloads/1: found \"./workload.json\" a second time, expected it once");
  workspace.write("bare.json", with(valid_workload, ",\n  \"published\": \"tocs-table-1\"", ""));
  CHECK(error_of("[\"workload.json\"]", "[\"workload.json\", \"bare.json\"]") ==
        "fit.json:4: /workloads/1: found \"bare.json\", which has no published value for any of its cells, expected a "
        "workload that \"published\" has rates for");
  workspace.write("cardless.json", with(valid_workload, "  \"cards\": {\"slot1\": \"vpn1201\"},\n", ""));
  CHECK(error_of("[\"workload.json\"]", "[\"cardless.json\"]") ==
        "fit.json:7: /free/1/model: found \"accelerators/vpn1201\", which no workload uses, expected a model that one "
        "does");
}
