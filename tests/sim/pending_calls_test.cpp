// Processes that have several calls of /dev/crypto in work at a time.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "example_host.hpp"
#include "in_child.hpp"

using namespace cryptopath;
using namespace cryptopath::sim;
using namespace cryptopath::test;
using namespace cryptopath::literals;

namespace {

const std::vector<CryptoOperation> one_operation(1, CryptoOperation{1_KiB, 1_KiB, {}});

Segment buffer_of(ExampleHost& host) { return {host.memory.allocate(1_KiB), 0_B, 1_KiB}; }

/// Hands in `calls` and then takes back what is done until all are. The counts of both, one after the other.
Task<> hand_in_and_take_back(ExampleHost& host, int calls, Counts& handed_in, Counts& taken_back, Numbers& ends) {
  co_await host.process.create_session(cipher_name);
  const Counts before = host.ledger.snapshot();
  for (int i = 0; i < calls; ++i) {
    const Segment buffer = buffer_of(host);
    co_await host.process.hand_in(one_operation, buffer);
  }
  const Counts between = host.ledger.snapshot();
  handed_in = difference(between, before);
  Segments back;
  while (std::ssize(back) < calls) {
    co_await host.process.take_back(back);
    ends.push_back(std::ssize(back));
  }
  taken_back = difference(host.ledger.snapshot(), between);
  co_await host.process.free_session();
}

struct Outcome {
  Counts handed_in;
  Counts taken_back;
  Numbers ends;  // how many were back after each call
};

Outcome run_calls(const HostModels& models, int calls) {
  const auto text = in_child([&] {
    ExampleHost host(models);
    Outcome outcome;
    host.run(hand_in_and_take_back(host, calls, outcome.handed_in, outcome.taken_back, outcome.ends));
    host.framework.station().check(host.clock.now());
    return nlohmann::json{outcome.handed_in, outcome.taken_back, outcome.ends}.dump();
  });
  const auto json = nlohmann::json::parse(text);
  return {json.at(0).get<Counts>(), json.at(1).get<Counts>(), json.at(2).get<Numbers>()};
}

}  // namespace

TEST_CASE("A call that is handed in returns with its data copied in and comes back copied out") {
  const auto [handed_in, taken_back, ends] = run_calls(HostModels(), 3);
  CHECK(handed_in.at("system_calls") == 3);
  CHECK(handed_in.at("copies.user_to_kernel") == 3);
  CHECK(handed_in.at("copies.kernel_to_user") == 0);
  // struct crypt_mop, struct crypt_n_op, the IV, and struct crypt_n_op again, on its way out.
  CHECK(handed_in.at("copies.arguments") == 3 * 4);
  CHECK(taken_back.at("copies.user_to_kernel") == 0);
  CHECK(taken_back.at("copies.kernel_to_user") == 3);
  CHECK(taken_back.at("copied_bytes.kernel_to_user") == 3 * 1024);
  // struct cryptret a call, struct crypt_result a call that is back.
  CHECK(taken_back.at("copies.arguments") == taken_back.at("system_calls") + 3);
  CHECK(taken_back.at("system_calls") == std::ssize(ends));
  // The card does one after the other in more time than the processor takes to fetch it.
  CHECK(ends == Numbers{1, 2, 3});
}

TEST_CASE("All calls that are done come back in one call") {
  HostModels models;
  models.kernel.system_call = 1'000_us;  // in which the card is done with the call before
  const Outcome outcome = run_calls(models, 4);
  // The crypto thread calls back when the process leaves the kernel, and so for the last call when it sleeps.
  CHECK(outcome.ends == Numbers{3, 4});
  CHECK(outcome.taken_back.at("system_calls") == 2);
}

TEST_CASE("A call that failed is reported when it is taken back") {
  HostModels models;
  models.card.largest_request = 512_B;
  CHECK_THROWS_WITH(run_calls(models, 1), Catch::Contains("ioctl(CIOCNCRYPTRETM) failed: EINVAL"));
}

TEST_CASE("A MAC of each pending call has a place of its own, of 96 bits") {
  HostModels models;
  models.card.engines["hmac-sha1"] = 800_Mbit_s;
  const Numbers copied = in_child([&] {
    ExampleHost host(models);
    host.run([](ExampleHost& at) -> Task<> {
      co_await at.process.create_session("hmac-sha1");
      for (int i = 0; i < 2; ++i) {
        const Segment buffer = buffer_of(at);
        co_await at.process.hand_in(one_operation, buffer);
      }
      Segments back;
      while (back.size() < 2) co_await at.process.take_back(back);
      co_await at.process.free_session();
    }(host));
    return Numbers{host.ledger.total(Act::copied_bytes_kernel_to_user),
                   host.ledger.total(Act::dma_bytes_device_to_host)};
  });
  CHECK(copied == Numbers{2 * 12, 2 * 12});
}
