#include <catch2/catch.hpp>

#include "process.hpp"

using Catch::Matchers::Contains;

TEST_CASE("explain shows machine and routes and steps and record and where the numbers are from") {
  const Outcome outcome = run_cryptopath({"explain", transfer_scenario()});
  REQUIRE(outcome.exit_status() == 0);
  CHECK(outcome.error.empty());
  CHECK_THAT(outcome.output, Contains("vpn1201: accelerator") || Contains("vpn1201 (vpn1201): accelerator"));
  CHECK_THAT(outcome.output, Contains("memory to vpn1201") && Contains("Mbit/s at most"));
  CHECK_THAT(outcome.output, Contains("until the end of the file:\n    read(file)") && Contains("CIOCCRYPT"));
  // RFC 5246: 8192 bytes and 20 of HMAC-SHA1 fill up to the next multiple of 8.
  CHECK_THAT(outcome.output, Contains("header 5 | IV 8 | plaintext 8,192 | MAC 20 | trailer 4 = 8,229"));
  CHECK_THAT(outcome.output, Contains("cited (") && Contains("estimated (") && Contains("model numbers: "));
}

TEST_CASE("explain takes what run takes to change a scenario") {
  const Outcome outcome =
      run_cryptopath({"explain", "--set", "/buffer=32 KiB", "--set", "/file/size=1 MiB", transfer_scenario()});
  REQUIRE(outcome.exit_status() == 0);
  CHECK_THAT(outcome.output, Contains("32 buffers of 32 KiB") && Contains("2 for a full buffer"));
}

TEST_CASE("explain of a transfer says which cost workloads alone pay") {
  const Outcome outcome = run_cryptopath({"explain", transfer_scenario()});
  REQUIRE(outcome.exit_status() == 0);
  CHECK_THAT(outcome.output,
             Contains("/engine_call = 420 cycles\n      in workloads alone (the programs of transfers"));
}
