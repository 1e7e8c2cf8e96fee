// Sessions for cipher and MAC that are with two producers, through which each request goes in turn.
#include <catch2/catch.hpp>

#include "example_host.hpp"
#include "in_child.hpp"

using namespace cryptopath;
using namespace cryptopath::sim;
using namespace cryptopath::test;
using namespace cryptopath::literals;

namespace {

constexpr const char* both = "aes-128-cbc-hmac-sha1";

/// A card that has the MAC and no AES; software has all.
HostModels mac_by_card() {
  HostModels models;
  models.kernel.crypto_chains_producers = true;
  models.card.engines["hmac-sha1"] = 800_Mbit_s;
  for (const char* algorithm : {both, "aes-128-cbc", "hmac-sha1"}) models.ciphers[algorithm] = {{10}, Cycles(100)};
  return models;
}

std::string drivers_of(const CryptoSession& session) {
  if (session.chain.empty()) return session.driver->name();
  std::string names;
  for (const auto& link : session.chain) names += link->algorithm + " by " + link->driver->name() + " ";
  return names;
}

std::string placed(const HostModels& models, bool hardware_only = false) {
  return in_child([&]() -> std::string {
    ExampleHost host(models);
    try {
      auto session = host.framework.crypto_newsession(both, hardware_only);
      const std::string drivers = drivers_of(*session);
      host.framework.crypto_freesession(std::move(session));
      // All room is free again.
      for (const auto& card : host.cards) ensure(card->driver->free_sessions() == 10, "a session was not freed");
      return drivers;
    } catch (const SystemCallError& error) {
      return std::to_string(error.error());
    }
  });
}

}  // namespace

TEST_CASE("A session that no card has whole is chained where a card has a part and the kernel chains producers") {
  CHECK(placed(mac_by_card()) == "hmac-sha1 by card0 aes-128-cbc by cryptosoft ");
  HostModels models = mac_by_card();
  models.card.engines["aes-128-cbc"] = 800_Mbit_s;
  models.cards = 2;
  CHECK(placed(models) == "hmac-sha1 by card1 aes-128-cbc by card0 ");
  models.kernel.crypto_chains_producers = false;
  CHECK(placed(models) == "cryptosoft");
  models.kernel.crypto_chains_producers = true;
  models.card.engines[both] = 800_Mbit_s;
  CHECK(placed(models) == "card1");
  models = mac_by_card();
  models.card.engines.erase("hmac-sha1");
  CHECK(placed(models) == "cryptosoft");
}

TEST_CASE("Where software is barred each link of a chain must be hardware") {
  HostModels models = mac_by_card();
  CHECK(placed(models, true) == std::to_string(EINVAL));
  models.card.engines["aes-128-cbc"] = 800_Mbit_s;
  CHECK(placed(models, true) == "hmac-sha1 by card0 aes-128-cbc by card0 ");
}

TEST_CASE("A chain whose second session its card has no memory for is ENOMEM and gives the first one's back") {
  const Numbers numbers = in_child([] {
    HostModels models = mac_by_card();
    models.card.engines["aes-128-cbc"] = 800_Mbit_s;
    models.card.sessions = 1;
    ExampleHost host(models);
    int error = 0;
    try {
      host.framework.crypto_newsession(both);
    } catch (const SystemCallError& refused) {
      error = refused.error();
    }
    return Numbers{error, host.cards.front()->driver->free_sessions()};
  });
  CHECK(numbers == Numbers{ENOMEM, 1});
}

TEST_CASE("A chained request goes through the MAC and then the cipher and is called back once") {
  const Numbers numbers = in_child([] {
    ExampleHost host(mac_by_card());
    auto session = host.framework.crypto_newsession(both);
    host.run(dispatch_some(host, *session, 10));
    host.framework.station().check(host.clock.now());
    return Numbers{host.ledger.total(Act::crypto_requests),
                   host.cards.front()->driver->reaped(),
                   host.ledger.total(Act::interrupts),
                   host.ledger.total(Act::dma_bytes_host_to_device),
                   host.ledger.total(Act::dma_bytes_device_to_host),
                   host.ledger.total(Act::cpu_crypto_thread_ns)};
  });
  CHECK(Numbers(numbers.begin(), numbers.end() - 1) == Numbers{10, 10, 10, 10 * 1024, 10 * 20});
  // The crypto thread enciphers 1 KiB in 100 + 10240 cycles of 1 ns each, and fetches it from memory.
  CHECK(static_cast<double>(numbers.back()) == Approx(10 * (10'340 + 1024.0 / 8)).epsilon(0.01));
}

TEST_CASE("A chain goes on in software when its card leaves and no request is lost") {
  for (const Nanoseconds instant : {0_ns, 5_us, 20_us, 61_us}) {
    const Numbers numbers = in_child([&] {
      ExampleHost host(mac_by_card());
      auto session = host.framework.crypto_newsession(both);
      host.tasks.start([](ExampleHost& at, Nanoseconds when) -> Task<> {
        co_await at.clock.delay(when);
        at.framework.crypto_unregister_all(at.cards.front()->driver->id());
      }(host, instant));
      host.run([](ExampleHost& at, CryptoSession& of) -> Task<> {
        co_await dispatch_some(at, of, 10);
        co_await dispatch_some(at, of, 1);
      }(host, *session));
      host.framework.station().check(host.clock.now());
      return Numbers{host.ledger.total(Act::crypto_requests), host.ledger.total(Act::crypto_migrations)};
    });
    INFO(instant.count << " ns");
    CHECK(numbers == Numbers{11, 1});
  }
}
