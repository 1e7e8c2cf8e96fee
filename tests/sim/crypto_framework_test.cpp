// The crypto framework with its consumers: which driver gets a session, and what a socket sends through it.
#include <algorithm>
#include <catch2/catch.hpp>

#include "example_host.hpp"
#include "in_child.hpp"

using namespace cryptopath;
using namespace cryptopath::sim;
using namespace cryptopath::test;
using namespace cryptopath::literals;

TEST_CASE("Sessions go to hardware before software and to the fewest sessions and to the last of equals") {
  const std::string order = in_child([] {
    HostModels models;
    models.cards = 2;
    models.card.sessions = 2;
    ExampleHost host(models);
    std::string names;
    std::vector<std::unique_ptr<CryptoSession>> sessions;
    const auto open = [&] {
      sessions.push_back(host.framework.crypto_newsession(cipher_name));
      names += sessions.back()->driver->name() + " ";
    };
    for (int i = 0; i < 4; ++i) open();
    host.framework.crypto_freesession(std::move(sessions[1]));  // of card0
    open();
    return names;
  });
  CHECK(order == "card1 card0 card1 card0 card0 ");
}

TEST_CASE("A session is ENOMEM when the card with the fewest has no memory for it whatever room others have") {
  // The software has room, and so has the second processor, which gets the first session and the third.
  for (const bool crypto_processor : {false, true}) {
    const std::string outcome = in_child([crypto_processor]() -> std::string {
      HostModels models;
      models.card.sessions = 1;
      models.crypto_processor = crypto_processor;
      ExampleHost host(models);
      std::vector<std::unique_ptr<CryptoSession>> sessions;
      const auto open = [&] { sessions.push_back(host.framework.crypto_newsession(cipher_name)); };
      for (int i = 0; i < (crypto_processor ? 3 : 1); ++i) open();
      try {
        open();
      } catch (const SystemCallError& refused) {
        host.framework.crypto_freesession(std::move(sessions.at(crypto_processor ? 1 : 0)));
        open();
        return std::to_string(refused.error()) + " " + refused.what() + ", then " + sessions.back()->driver->name();
      }
      return sessions.back()->driver->name();
    });
    CHECK(outcome == std::to_string(ENOMEM) +
                         " card0 has no memory for a session beside the 1 that are open with it (ENOMEM); fewer "
                         "sessions at once, or a further card, would do, then card0");
  }
}

TEST_CASE("What a card has refused is no work pending with it") {
  const Numbers by_first_card = in_child([] {
    HostModels models;
    models.cards = 2;
    models.card.largest_request = 2_KiB;
    models.kernel.crypto_balance = CryptoBalance::pending_work;
    ExampleHost host(models);
    const auto session = host.framework.crypto_newsession(cipher_name);
    Numbers result;
    host.run([](ExampleHost& at, CryptoSession& of, Numbers& into) -> Task<> {
      std::vector<CryptoRequest> refused;
      refused.push_back(make_request(at, of, 64_KiB));
      co_await dispatch_all(at, refused);
      into = {refused.front().error, refused.front().producer == of.driver};
      std::vector<CryptoRequest> requests;
      for (int i = 0; i < 6; ++i) requests.push_back(make_request(at, of, 1_KiB));
      co_await dispatch_all(at, requests);
      into.push_back(std::ranges::count(requests, of.driver, &CryptoRequest::producer));
    }(host, *session, result));
    return result;
  });
  CHECK(by_first_card == Numbers{EINVAL, 1, 3});  // the refused bytes would send all six to the other card
}

namespace {

/// What a call that opens a session takes: time, copies of arguments, and calls.
Numbers opening(Task<> (*call)(ExampleHost&)) {
  return in_child([call] {
    HostModels models;
    models.kernel.crypto_dispatch = 700_ns;
    ExampleHost host(models);
    host.run(call(host));
    ensure(host.software.free_sessions() > 0 && host.cards.at(0)->driver->free_sessions() == models.card.sessions - 1,
           "the card has the session");
    return Numbers{host.ended.count, host.ledger.total(Act::copies_arguments), host.ledger.total(Act::system_calls)};
  });
}

}  // namespace

TEST_CASE("SO_CRYPT copies in the key and opens a session within its call as CIOCGSESSION does") {
  const Numbers by_socket = opening([](ExampleHost& host) -> Task<> { co_await host.process.set_so_crypt(); });
  const Numbers by_device =
      opening([](ExampleHost& host) -> Task<> { co_await host.process.create_session(cipher_name); });
  CHECK(by_socket == by_device);
  CHECK(by_socket.at(1) == 3);  // what it is to be, and two keys
  CHECK(by_socket.at(0) >= 700);
}

TEST_CASE("A key that is not as long as the cipher or MAC wants is EINVAL before a driver is asked") {
  const auto refusal = [](const std::string& algorithm, Bytes key_length) {
    return in_child([&]() -> std::string {
      HostModels models;
      for (const char* name : {"des-cbc", "rc4", "hmac-sha1", "null"}) models.ciphers[name] = {{10}, Cycles(100)};
      models.processor.copy = {1};
      ExampleHost host(models);
      std::string text = "none";
      host.run([](ExampleHost& at, std::string of, Bytes length, std::string& into) -> Task<> {
        try {
          co_await at.process.create_session(of, false, 0, length);
        } catch (const SystemCallError& refused) {
          into = std::to_string(refused.error()) + " " + refused.what();
        }
      }(host, algorithm, key_length, text));
      // A refused key is not copied in.
      return text + ", " + std::to_string(host.ended.count) + " ns";
    });
  };
  const std::string einval = std::to_string(EINVAL) + " a session for ";
  CHECK(refusal(cipher_name, 7_B) == einval + cipher_name + " has a key of 24 B and not of 7 B (EINVAL), 28 ns");
  CHECK(refusal(cipher_name, 24_B) == "none, 72 ns");
  CHECK(refusal("des-cbc", 24_B) == einval + "des-cbc has a key of 8 B and not of 24 B (EINVAL), 28 ns");
  CHECK(refusal("des-cbc", 8_B) == "none, 36 ns");
  CHECK(refusal("rc4", 0_B) == einval + "rc4 has a key of 1 to 32 B and not of 0 B (EINVAL), 28 ns");
  CHECK(refusal("rc4", 5_B) == "none, 33 ns");
  CHECK(refusal("hmac-sha1", 16_B) == einval + "hmac-sha1 has a key of 20 B and not of 16 B (EINVAL), 28 ns");
  CHECK(refusal("null", 0_B) == "none, 28 ns");
}

namespace {

struct NoLog final : TransferLog {
  void accepted(Nanoseconds, Bytes plaintext) override { total += plaintext; }
  Bytes total;
};

std::int64_t send_file(Bytes send_buffer) {
  return in_child([send_buffer] {
           HostModels models;
           models.file.size = 100'000_B;
           models.kernel.send_buffer = send_buffer;
           ExampleHost host(models);
           NoLog log;
           host.run([](ExampleHost& at, TransferLog& into) -> Task<> {
             co_await at.process.set_so_crypt();
             co_await at.process.send_file(8_KiB, into);
             co_await at.process.close_socket();
           }(host, log));
           ensure(host.peer.received() ==
                      host.protection.size_on_wire(8_KiB) * 12 + host.protection.size_on_wire(100'000_B - 8_KiB * 12),
                  "the peer has not got the records");
           return Numbers{log.total.count};
         })
      .at(0);
}

}  // namespace

TEST_CASE("A chain longer than the send buffer is EMSGSIZE") {
  CHECK(send_file(16_KiB) == 100'000);
  CHECK(send_file(8_KiB + 100_B) == 100'000);
  CHECK_THROWS_AS(send_file(8_KiB), InputError);  // a record of 8 KiB is longer
  CHECK_THROWS_WITH(send_file(8_KiB), Catch::Contains("EMSGSIZE"));
}
