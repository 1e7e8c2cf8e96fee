// What a workload has leave under load: cards, or single algorithms of theirs.
#include <catch2/catch.hpp>

#include "workspace.hpp"

using namespace cryptopath;
using namespace cryptopath::literals;

namespace {

const Workspace workspace;

}  // namespace

TEST_CASE("cards that leave are cards of the machine") {
  const auto leaving = [](const std::string& card, const std::string& instant) {
    return with(
        valid_workload, "  \"algorithm\"",
        "  \"ejections\": {\"" + card + "\": \"" + instant + "\"},\n  \"allow_software\": false,\n  \"algorithm\"");
  };
  const WorkloadSpec cell = workspace.load_workload(leaving("vpn1201", "7 ms")).cells.at(0);
  CHECK_FALSE(cell.allow_software);
  CHECK(cell.ejections == std::map<VertexIndex, Nanoseconds>{{cell.machine->find("vpn1201"), 7_ms}});
  CHECK(workspace.error_of_workload(leaving("vpn1210", "7 ms")) ==
        R"(workload.json:7: /ejections/vpn1210: found the unknown card "vpn1210", expected "vpn1201")");
  CHECK_THAT(workspace.error_of_workload(leaving("vpn1201", "7 m")),
             Catch::StartsWith("workload.json:7: /ejections/vpn1201: found \"7 m\""));
}

TEST_CASE("a card leaves before what is measured ends where that is known") {
  const auto leaving = [](const std::string& keys, const std::string& instant) {
    return workspace.error_of_workload(
        with(valid_workload, "  \"algorithm\"",
             keys + "\n  \"ejections\": {\"vpn1201\": \"" + instant + "\"},\n  \"algorithm\""));
  };
  CHECK(leaving("", "54999999 ns") == "no error");
  CHECK(leaving("", "55 ms") == R"(workload.json:8: /ejections/vpn1201: found "55 ms", expected less than 55 ms, when )"
                                "warm_up and duration have passed");
  CHECK(leaving("  \"hog\": true, \"time_limit\": \"1 s\",", "999 ms") == "no error");
  CHECK(leaving("  \"hog\": true, \"time_limit\": \"1 s\",", "1 s") ==
        R"(workload.json:8: /ejections/vpn1201: found "1 s", expected less than 1 s, when the time_limit is reached)");
}

TEST_CASE("an algorithm leaves a card that has registered it and has not left") {
  const auto with_keys = [](const std::string& keys) {
    return with(valid_workload, "  \"algorithm\"", keys + ",\n  \"algorithm\"");
  };
  const auto error = [&](const std::string& card, const std::string& algorithm, const std::string& instant) {
    return workspace.error_of_workload(
        with_keys("  \"deregistrations\": {\"" + card + "\": {\"" + algorithm + "\": \"" + instant + "\"}}"));
  };
  const WorkloadSpec cell =
      workspace.load_workload(with_keys(R"(  "deregistrations": {"vpn1201": {"3des-ede-cbc": "7 ms", "rc4": "8 ms"}})"))
          .cells.at(0);
  const std::map<std::string, Nanoseconds> algorithms = {{"3des-ede-cbc", 7_ms}, {"rc4", 8_ms}};
  CHECK(cell.deregistrations ==
        std::map<VertexIndex, std::map<std::string, Nanoseconds>>{{cell.machine->find("vpn1201"), algorithms}});
  CHECK(error("vpn1210", "3des-ede-cbc", "7 ms") ==
        R"(workload.json:7: /deregistrations/vpn1210: found the unknown card "vpn1210", expected "vpn1201")");
  CHECK(error("vpn1201", "3des-ede-cbd", "7 ms") ==
        R"(workload.json:7: /deregistrations/vpn1201/3des-ede-cbd: found "3des-ede-cbd", which vpn1201 has not )"
        R"(registered, expected "3des-ede-cbc")");
  // hifn(4) registers no public keys.
  CHECK_THAT(error("vpn1201", "modular-exponentiation", "7 ms"),
             Catch::Contains("found \"modular-exponentiation\", which vpn1201 has not registered, expected one of "));
  CHECK_THAT(error("vpn1201", "3des-ede-cbc", "7 m"),
             Catch::StartsWith("workload.json:7: /deregistrations/vpn1201/3des-ede-cbc: found \"7 m\""));
  CHECK(error("vpn1201", "3des-ede-cbc", "54999999 ns") == "no error");
  CHECK(error("vpn1201", "3des-ede-cbc", "55 ms") ==
        R"(workload.json:7: /deregistrations/vpn1201/3des-ede-cbc: found "55 ms", expected less than 55 ms, when )"
        "warm_up and duration have passed");
  const auto beside_ejection = [&](const std::string& instant) {
    return workspace.error_of_workload(
        with_keys("  \"ejections\": {\"vpn1201\": \"9 ms\"},\n  \"deregistrations\": {\"vpn1201\": {\"rc4\": \"" +
                  instant + "\"}}"));
  };
  CHECK(beside_ejection("8 ms") == "no error");
  CHECK(beside_ejection("9 ms") == R"(workload.json:8: /deregistrations/vpn1201/rc4: found "9 ms", expected less than )"
                                   "9 ms, when the card leaves");
}
