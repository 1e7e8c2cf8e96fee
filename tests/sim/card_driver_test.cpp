// The drivers of cards: what they refuse, what travels together, and how often they are interrupted. In the example
// machine a request of 8 KiB takes its engine 82 us, and kernel code takes no time: all that is dispatched at once is
// with the driver before the first has ended.
#include <catch2/catch.hpp>

#include "example_host.hpp"
#include "in_child.hpp"

using namespace cryptopath;
using namespace cryptopath::sim;
using namespace cryptopath::test;
using namespace cryptopath::literals;

namespace {

HostModels with_ubsec() {
  HostModels models;
  make_ubsec(models.card);
  return models;
}

/// The errors of so many requests, all dispatched at once.
Numbers errors_of(const HostModels& models, int count, std::int64_t segments) {
  return in_child([&] {
    ExampleHost host(models);
    const std::unique_ptr<CryptoSession> session = host.framework.crypto_newsession(cipher_name);
    std::vector<CryptoRequest> requests;
    for (int i = 0; i < count; ++i) requests.push_back(make_request(host, *session, 8_KiB, segments));
    host.run(dispatch_all(host, requests));
    host.framework.station().check(host.clock.now());
    host.cards.front()->device.station().check(host.clock.now());
    Numbers errors;
    for (const CryptoRequest& request : requests) errors.push_back(request.error);
    errors.push_back(host.ledger.total(Act::interrupts));
    return errors;
  });
}

/// So many requests that are well, one that is refused for want of room, and the interrupts of those that are well.
Numbers refused_after(std::size_t accepted, std::int64_t interrupts) {
  Numbers expected(accepted, 0);
  expected.push_back(ENOMEM);
  expected.push_back(interrupts);
  return expected;
}

/// When a process has 8 KiB back.
std::int64_t time_of(const HostModels& models, const std::string& algorithm) {
  return in_child([&] {
           ExampleHost host(models);
           const std::unique_ptr<CryptoSession> session = host.framework.crypto_newsession(algorithm);
           std::vector<CryptoRequest> requests;
           requests.push_back(make_request(host, *session, 8_KiB));
           host.run(dispatch_all(host, requests));
           return Numbers{host.ended.count};
         })
      .at(0);
}

}  // namespace

TEST_CASE("hifn refuses what its rings have no room for with ENOMEM and the others complete") {
  // 80 destination descriptors hold 16 requests of 4 and one more each; 24 commands are 24 requests of one segment.
  // An interrupt is one request's.
  CHECK(errors_of({}, 17, 4) == refused_after(16, 16));
  CHECK(errors_of({}, 25, 1) == refused_after(24, 24));
}

TEST_CASE("hifn has its chip tell when it waits for commands from the second request in the ring until it is empty") {
  const auto numbers = [](int requests_at_once) {
    return in_child([requests_at_once] {
      HostModels models;
      models.card.poll_interval = 8_us;
      models.card.fetch_ahead = 0;
      models.kernel.device_register_write = 1_us;  // on top of the bus's time, which is less
      ExampleHost host(models);
      const std::unique_ptr<CryptoSession> session = host.framework.crypto_newsession(cipher_name);
      std::vector<CryptoRequest> requests;
      for (int i = 0; i < requests_at_once; ++i) requests.push_back(make_request(host, *session, 8_KiB));
      host.run(dispatch_all(host, requests));
      return Numbers{host.ledger.total(Act::interrupts), host.ledger.total(Act::cpu_crypto_thread_ns) / 1000,
                     host.ledger.total(Act::cpu_interrupt_ns) / 1000};
    });
  };
  CHECK(numbers(1) == Numbers{1, 0, 1});
  // The thread writes with the second and with the third, the handler at each interrupt and once more at the last.
  CHECK(numbers(3) == Numbers{3 + 1, 2, 3 + 1 + 1});
}

TEST_CASE("ubsec refuses the request that finds 60 in queue and chip with ENOMEM and the others complete") {
  // The first is in the chip. The 59 behind it travel in 12 commands of up to five, each with an interrupt.
  CHECK(errors_of(with_ubsec(), 61, 1) == refused_after(60, 13));
}

TEST_CASE("ubsec puts up to five requests that had to wait into one command and is interrupted once for it") {
  const auto numbers = in_child([] {
    ExampleHost host(with_ubsec());
    ExampleHost::Card& card = *host.cards.front();
    Numbers reaped;  // before each interrupt
    card.device.on_interrupt([&] {
      reaped.push_back(card.driver->reaped());
      host.processor.raise(card.line);
    });
    const std::unique_ptr<CryptoSession> session = host.framework.crypto_newsession(cipher_name);
    std::vector<CryptoRequest> requests;
    for (int i = 0; i < 8; ++i) requests.push_back(make_request(host, *session, 8_KiB));
    host.run(dispatch_all(host, requests));
    reaped.push_back(card.driver->reaped());
    reaped.push_back(host.ledger.total(Act::interrupts));
    return reaped;
  });
  CHECK(numbers == Numbers{0, 1, 1 + 5, 1 + 5 + 2, 3});
}

TEST_CASE("ubsec hands over one command of several requests at a time and leaves the rest for the next time") {
  // Three go one by one and are done before the handler runs, so that the chip has room for three commands then.
  const auto numbers = in_child([] {
    HostModels models = with_ubsec();
    models.card.command_ring = 3;
    models.kernel.interrupt = 300_us;  // a request takes 82
    ExampleHost host(models);
    ExampleHost::Card& card = *host.cards.front();
    Numbers reaped;
    card.device.on_interrupt([&] {
      reaped.push_back(card.driver->reaped());
      host.processor.raise(card.line);
    });
    const std::unique_ptr<CryptoSession> session = host.framework.crypto_newsession(cipher_name);
    std::vector<CryptoRequest> requests;
    for (int i = 0; i < 24; ++i) requests.push_back(make_request(host, *session, 8_KiB));
    host.run(dispatch_all(host, requests));
    reaped.push_back(card.driver->reaped());
    return reaped;
  });
  CHECK(numbers == Numbers{0, 0, 0, 3, 8, 13, 18, 23, 24});
}

TEST_CASE("ubsec refuses more than its lengths can say with EIO") {
  HostModels models = with_ubsec();
  models.card.largest_request = 4_KiB;
  CHECK(errors_of(models, 1, 1) == Numbers{EIO, 0});
}

TEST_CASE("ubsec requests that come one by one travel one by one") {
  const auto numbers = in_child([] {
    ExampleHost host(with_ubsec());
    const std::unique_ptr<CryptoSession> session = host.framework.crypto_newsession(cipher_name);
    host.run([](ExampleHost& at, CryptoSession& of) -> Task<> {
      for (int i = 0; i < 8; ++i) {
        std::vector<CryptoRequest> requests;
        requests.push_back(make_request(at, of, 8_KiB));
        co_await dispatch_all(at, requests);
      }
    }(host, *session));
    return Numbers{host.ledger.total(Act::interrupts)};
  });
  CHECK(numbers == Numbers{8});
}

TEST_CASE("A card whose data gives DES the rate of 3DES takes as long for it") {
  HostModels models = with_ubsec();
  models.card.engines["des-cbc"] = models.card.engines["3des-ede-cbc"] = 800_Mbit_s;
  const std::int64_t triple = time_of(models, "3des-ede-cbc");
  CHECK(time_of(models, "des-cbc") == triple);
  models.card.engines["des-cbc"] = 1600_Mbit_s;  // a chip with a faster DES: 5 ns a byte less
  CHECK(time_of(models, "des-cbc") == triple - 8192 * 5);
  CHECK(time_of(models, "3des-ede-cbc") == triple);
}

TEST_CASE("Two cards on one line are both asked at each interrupt and each hands back its own") {
  const auto numbers = in_child([] {
    HostModels models = with_ubsec();
    models.cards = 2;
    ExampleHost host(models);
    InterruptLine line("irq 11");
    for (const auto& card : host.cards) {
      line.add([&card] { return card->driver->on_interrupt(); });
      card->device.on_interrupt([&] { host.processor.raise(line); });
    }
    std::vector<std::unique_ptr<CryptoSession>> sessions;
    std::vector<CryptoRequest> requests;
    for (int i = 0; i < 2; ++i) {
      sessions.push_back(host.framework.crypto_newsession(cipher_name));
      requests.push_back(make_request(host, *sessions.back(), Bytes(4096 * (i + 1))));  // they do not end together
    }
    host.run(dispatch_all(host, requests));
    return Numbers{host.cards[0]->driver->reaped(), host.cards[1]->driver->reaped(), host.ledger.total(Act::interrupts),
                   host.ledger.total(Act::cpu_interrupt_ns)};
  });
  // At each of the two interrupts both status registers are read, a cycle of 8 ns each.
  CHECK(numbers == Numbers{1, 1, 2, 2 * 2 * 8});
}
