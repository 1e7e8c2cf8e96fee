// Drivers that leave, or lose an algorithm, while sessions are open: the next request finds another driver and comes
// back with EAGAIN once, and no request is lost.
#include <rapidcheck.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "example_host.hpp"
#include "in_child.hpp"

using namespace cryptopath;
using namespace cryptopath::sim;
using namespace cryptopath::test;
using namespace cryptopath::literals;

namespace {

Task<> leave_at(ExampleHost& host, Nanoseconds instant, CardDriver& driver) {
  co_await host.clock.delay(instant);
  host.framework.crypto_unregister_all(driver.id());
}

/// What was handed to each card, in all rounds and in the present one.
struct Handed {
  std::map<const CryptoDriver*, std::int64_t> before;
  const std::vector<CryptoRequest>* present = nullptr;

  std::int64_t to(const CryptoDriver& driver) {
    const auto has = [&driver](const CryptoRequest& request) { return request.producer == &driver; };
    return before[&driver] + (present == nullptr ? 0 : std::ranges::count_if(*present, has));
  }
};

Task<> leave_when(ExampleHost& host, Nanoseconds instant, CardDriver& driver, Handed& handed, std::int64_t& had) {
  co_await leave_at(host, instant, driver);
  had = handed.to(driver);
}

/// Three sessions, each with requests of its own, all dispatched at once and again when they are done; the cards leave
/// at these instants. Whether the bytes are right, and whether each card that left has completed what it had been
/// handed and nothing else; then requests, migrations.
Numbers eject(const HostModels& models, const std::vector<Nanoseconds>& instants, std::int64_t rounds) {
  return in_child([&] {
    ExampleHost host(models);
    std::vector<std::unique_ptr<CryptoSession>> sessions;
    for (int i = 0; i < 3; ++i) sessions.push_back(host.framework.crypto_newsession(cipher_name));
    bool right = true;
    Handed handed;
    std::vector<std::int64_t> had(instants.size());
    for (std::size_t i = 0; i < instants.size(); ++i) {
      host.tasks.start(leave_when(host, instants[i], *host.cards.at(i)->driver, handed, had[i]));
    }
    host.run([](ExampleHost& at, std::vector<std::unique_ptr<CryptoSession>>& open, std::int64_t times, bool& all,
                Handed& to) -> Task<> {
      for (std::int64_t round = 0; round < times; ++round) {
        std::vector<CryptoRequest> requests;
        for (int i = 0; i < 9; ++i) {
          requests.push_back(make_request(at, *open.at(static_cast<std::size_t>(i) % open.size()), 1_KiB, 2));
          scatter(std::vector<std::byte>(1024, static_cast<std::byte>(i)), requests.back().source);
          requests.back().transform = [](std::span<std::byte> data) {
            for (std::byte& byte : data) byte = static_cast<std::byte>(std::to_integer<int>(byte) + 100);
          };
        }
        to.present = &requests;
        co_await dispatch_all(at, requests);
        to.present = nullptr;
        for (const CryptoRequest& request : requests) ++to.before[request.producer];
        for (int i = 0; i < 9; ++i) {
          const CryptoRequest& request = requests.at(static_cast<std::size_t>(i));
          std::vector<std::byte> found(1024);
          gather(request.output(), found);
          all = all && request.error == 0 && found == std::vector<std::byte>(1024, static_cast<std::byte>(i + 100));
        }
      }
    }(host, sessions, rounds, right, handed));
    bool completed = true;
    for (std::size_t i = 0; i < instants.size(); ++i) {
      completed = completed && host.cards[i]->driver->reaped() == had[i];
    }
    host.framework.station().check(host.clock.now());
    for (const auto& card : host.cards) card->device.station().check(host.clock.now());
    return Numbers{right, completed, host.ledger.total(Act::crypto_requests),
                   host.ledger.total(Act::crypto_migrations)};
  });
}

/// A card and software that have DES too.
HostModels with_des() {
  HostModels models;
  models.card.engines["des-cbc"] = 800_Mbit_s;
  models.ciphers["des-cbc"] = {{10}, Cycles(100)};
  return models;
}

}  // namespace

TEST_CASE("When a driver leaves what it has in work completes and the next request moves the session with EAGAIN") {
  const auto numbers = in_child([] {
    HostModels models;
    models.cards = 2;
    ExampleHost host(models);
    const std::unique_ptr<CryptoSession> session = host.framework.crypto_newsession(cipher_name);
    ensure(session->driver == host.cards[1]->driver.get(), "the session is with another card");
    host.tasks.start(leave_at(host, 20_us, *host.cards[1]->driver));  // a request takes 11 us
    Numbers result;
    host.run([](ExampleHost& at, CryptoSession& of, Numbers& into) -> Task<> {
      co_await dispatch_some(at, of, 10);
      into.push_back(at.ledger.total(Act::crypto_migrations));
      into.push_back(at.cards[1]->driver->reaped());
      co_await dispatch_some(at, of, 10);
    }(host, *session, result));
    host.framework.station().check(host.clock.now());
    result.insert(result.end(), {host.ledger.total(Act::crypto_migrations), host.cards[0]->driver->reaped(),
                                 host.cards[1]->driver->reaped(), host.ledger.total(Act::crypto_requests)});
    return result;
  });
  // Only the first of the ten comes back: the nine behind it are queued when the session has moved.
  CHECK(numbers == Numbers{0, 10, 1, 10, 10, 20});
}

TEST_CASE("Cards that leave at any moment lose no request and double none") {
  std::int64_t migrations = 0;
  CHECK(rc::check([&migrations] {
    HostModels models;
    models.real_bytes = true;
    models.cards = 2;
    models.kernel.crypto_dispatch = models.kernel.crypto_callback = 500_ns;
    models.card.driver_submit = models.card.driver_complete = Cycles(1000);
    if (*rc::gen::arbitrary<bool>()) make_ubsec(models.card);
    std::vector<Nanoseconds> instants;
    for (int i = *rc::gen::inRange(1, 3); i > 0; --i) {
      instants.emplace_back(*rc::gen::inRange<std::int64_t>(0, 300'000));
    }
    constexpr std::int64_t rounds = 5;
    const Numbers numbers = eject(models, instants, rounds);
    RC_ASSERT(numbers.at(0) == 1);
    RC_ASSERT(numbers.at(1) == 1);
    RC_ASSERT(numbers.at(2) == 9 * rounds);
    RC_ASSERT(numbers.at(3) <= 3 * std::ssize(instants));
    migrations += numbers.at(3);
  }));
  CHECK(migrations > 100);  // moments under load, or nothing was tried
}

TEST_CASE("Without cards the sessions go on in software") {
  HostModels models;
  models.real_bytes = true;
  models.cards = 2;
  // Before the first request: both cards have gone, so that each session moves once.
  CHECK(eject(models, {0_ns, 0_ns}, 2) == Numbers{1, 1, 18, 3});
}

TEST_CASE("An algorithm that a driver loses moves its sessions and no others") {
  const std::string places = in_child([] {
    ExampleHost host(with_des());
    const auto lost = host.framework.crypto_newsession("des-cbc");
    const auto kept = host.framework.crypto_newsession(cipher_name);
    host.framework.crypto_unregister(host.cards.front()->driver->id(), "des-cbc");
    const auto later = host.framework.crypto_newsession("des-cbc");
    host.run([](ExampleHost& at, CryptoSession& first, CryptoSession& second) -> Task<> {
      co_await dispatch_some(at, first, 3);
      co_await dispatch_some(at, second, 3);
    }(host, *lost, *kept));
    return lost->driver->name() + " " + kept->driver->name() + " " + later->driver->name() + " " +
           std::to_string(host.ledger.total(Act::crypto_migrations)) + " " +
           std::to_string(host.cards.front()->driver->reaped());
  });
  CHECK(places == "cryptosoft card0 cryptosoft 1 3");
}

TEST_CASE("A driver has left when its last algorithm has and not before") {
  const std::string places = in_child([] {
    ExampleHost host(with_des());
    const CardDriver& card = *host.cards.front()->driver;
    const auto placed = [&host](const char* algorithm) {
      auto session = host.framework.crypto_newsession(algorithm);
      const std::string name = session->driver->name() + " ";
      host.framework.crypto_freesession(std::move(session));
      return name;
    };
    const auto des = host.framework.crypto_newsession("des-cbc");
    host.framework.crypto_unregister(card.id(), cipher_name);
    std::string names = placed(cipher_name) + placed("des-cbc");
    host.framework.crypto_unregister(card.id(), "des-cbc");
    names += placed("des-cbc") + (des->driver == nullptr ? "none " : "one ");
    ensure(card.free_sessions() == host.models.card.sessions, "a session of the card is left");
    host.framework.crypto_unregister_all(card.id());  // of nothing
    try {
      host.framework.crypto_unregister(card.id(), "des-cbc");
    } catch (const Fault& fault) {
      names += fault.what();
    }
    return names;
  });
  CHECK_THAT(places, Catch::StartsWith("cryptosoft card0 cryptosoft none card0 has not registered des-cbc"));
}

TEST_CASE("A session that bars software gets EINVAL when the last card has left") {
  const auto error = in_child([]() -> std::string {
    ExampleHost host;
    try {
      host.run([](ExampleHost& at) -> Task<> {
        co_await at.process.create_session(cipher_name, true);
        at.framework.crypto_unregister_all(at.cards.front()->driver->id());
        const std::vector<CryptoOperation> operations(1, CryptoOperation{1_KiB, 1_KiB, {}});
        const Segment buffer{at.memory.allocate(1_KiB), 0_B, 1_KiB};
        co_await at.process.crypt(operations, buffer);
      }(host));
    } catch (const SystemCallError& failure) {
      return std::to_string(failure.error()) + " " + failure.what();
    }
    return "none";
  });
  CHECK(error == std::to_string(EINVAL) +
                     " ioctl(CIOCCRYPT) failed: its session's card has left, and no card of this "
                     "machine has a session for 3des-ede-cbc-hmac-sha1 (EINVAL)");
}

TEST_CASE("A session whose card has left gets ENOMEM of a full card and moves when that has room again") {
  const auto text = in_child([]() -> std::string {
    HostModels models;
    models.cards = 2;
    models.card.sessions = 1;
    ExampleHost host(models);
    auto left = host.framework.crypto_newsession(cipher_name);
    auto full = host.framework.crypto_newsession(cipher_name);
    ensure(left->driver == host.cards[1]->driver.get(), "the session is with another card");
    host.framework.crypto_unregister_all(host.cards[1]->driver->id());
    std::string outcome;
    host.run(
        [](ExampleHost& at, CryptoSession& of, std::unique_ptr<CryptoSession>& other, std::string& into) -> Task<> {
          std::vector<CryptoRequest> requests;
          requests.push_back(make_request(at, of, 1_KiB));
          co_await dispatch_all(at, requests);
          try {
            throw_if_failed(requests, "call");
          } catch (const SystemCallError& refused) {
            into = std::to_string(refused.error()) + " " + refused.what();
          }
          at.framework.crypto_freesession(std::move(other));
          co_await dispatch_some(at, of, 1);
        }(host, *left, full, outcome));
    return outcome + ", then " + left->driver->name() + " " + std::to_string(host.ledger.total(Act::crypto_migrations));
  });
  CHECK(text ==
        std::to_string(ENOMEM) +
            " call failed: its session's card has left, and card0 has no memory for a session beside the 1 "
            "that are open with it (ENOMEM); fewer sessions at once, or a further card, would do, then card0 1");
}
