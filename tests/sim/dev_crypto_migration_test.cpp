// Processes that encipher real bytes by /dev/crypto while cards leave or lose the algorithm: every call returns once,
// with the bytes that the cipher gives of itself.
#include <openssl/evp.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>

#include "example_host.hpp"
#include "in_child.hpp"

using namespace cryptopath;
using namespace cryptopath::sim;
using namespace cryptopath::test;
using namespace cryptopath::literals;

namespace {

constexpr const char* algorithm = "3des-ede-cbc";

/// 3DES-CBC in place, by libcrypto.
void encipher(std::span<std::byte> data, unsigned key_and_iv) {
  std::array<unsigned char, 24> key{};
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<unsigned char>(key_and_iv * 31 + i * 7);
  std::array<unsigned char, 8> iv{};
  iv.fill(static_cast<unsigned char>(key_and_iv));
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(EVP_CIPHER_CTX_new(),
                                                                                EVP_CIPHER_CTX_free);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libcrypto's bytes
  auto* const bytes = reinterpret_cast<unsigned char*>(data.data());
  int written = 0;
  ensure(EVP_EncryptInit_ex(context.get(), EVP_des_ede3_cbc(), nullptr, key.data(), iv.data()) == 1 &&
             EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1 &&
             EVP_EncryptUpdate(context.get(), bytes, &written, bytes, static_cast<int>(data.size())) == 1,
         "libcrypto has 3DES");
  ensure(written == static_cast<int>(data.size()), "whole blocks went in");
}

std::vector<std::byte> plaintext(std::size_t size, unsigned number) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 13 + number * 101 + i / 251);
  return bytes;
}

struct Departure {
  Nanoseconds instant;
  bool whole;  // the card, or the algorithm alone
};

struct Load {
  HostModels models;
  std::vector<Bytes> sizes;           // of the requests in each call
  std::vector<Departure> departures;  // of the cards in their order
};

constexpr unsigned processes = 6;
constexpr unsigned calls = 5;

/// What became of them.
struct Outcome {
  std::int64_t returned = 0;     // calls
  std::int64_t right = 0;        // of them
  std::int64_t transformed = 0;  // requests, each time
  std::int64_t in_work = 0;      // requests that were with a card when it left
};

Task<> depart(ExampleHost& host, const Departure& departure, ExampleHost::Card& card, std::int64_t& reaped) {
  co_await host.clock.delay(departure.instant);
  if (departure.whole) {
    host.framework.crypto_unregister_all(card.driver->id());
  } else {
    host.framework.crypto_unregister(card.driver->id(), algorithm);
  }
  reaped = card.driver->reaped();
}

/// Calls of /dev/crypto one after the other.
Task<> live(ExampleHost& host, Process& process, unsigned number, const Load& load, Outcome& outcome) {
  co_await process.begin();
  co_await process.open_crypto();
  co_await process.create_session(algorithm);
  for (unsigned call = 0; call < calls; ++call) {
    const unsigned key = number * calls + call;
    std::vector<CryptoOperation> operations;
    std::vector<std::byte> expected;
    Bytes whole;
    for (const Bytes size : load.sizes) {
      operations.push_back({size, size, [key, &outcome](std::span<std::byte> data) {
                              ++outcome.transformed;
                              encipher(data, key);
                            }});
      std::vector<std::byte> piece = plaintext(static_cast<std::size_t>(size.count), key);
      encipher(piece, key);
      expected.insert(expected.end(), piece.begin(), piece.end());
      whole += size;
    }
    const Segment buffer{host.memory.allocate(whole), 0_B, whole};
    Bytes offset;
    for (const Bytes size : load.sizes) {
      const Segments at(1, Segment{buffer.buffer, offset, size});
      scatter(plaintext(static_cast<std::size_t>(size.count), key), at);
      offset += size;
    }
    co_await process.crypt(operations, buffer);
    ++outcome.returned;
    if (std::ranges::equal(buffer.buffer->bytes(0_B, whole), expected)) ++outcome.right;
  }
  co_await process.free_session();
  co_await process.close_crypto();
  process.exit();
}

Numbers run_load(const Load& load) {
  return in_child([&load] {
    ExampleHost host(load.models);
    Outcome outcome;
    std::vector<std::int64_t> reaped(load.departures.size());
    for (std::size_t i = 0; i < load.departures.size(); ++i) {
      host.tasks.start(depart(host, load.departures[i], *host.cards.at(i), reaped[i]));
    }
    std::deque<Process> all;
    for (unsigned i = 0; i < processes; ++i) {
      all.emplace_back(host.kernel, host.framework, "process " + std::to_string(i));
      host.tasks.start(live(host, all.back(), i, load, outcome));
    }
    host.tasks.start(host.framework.run_thread());
    host.run_devices();
    host.framework.station().check(host.clock.now());
    for (std::size_t i = 0; i < host.cards.size(); ++i) {
      host.cards[i]->device.station().check(host.clock.now());
      ensure(host.cards[i]->driver->free_sessions() == load.models.card.sessions, "a session has left its room taken");
      if (i < reaped.size()) outcome.in_work += host.cards[i]->driver->reaped() - reaped[i];
    }
    return Numbers{outcome.returned,
                   outcome.right,
                   outcome.transformed,
                   outcome.in_work,
                   host.ledger.total(Act::crypto_requests),
                   host.ledger.total(Act::crypto_migrations)};
  });
}

}  // namespace

TEST_CASE("By /dev/crypto cards that leave or lose an algorithm at any moment lose no request and spoil no byte") {
  std::int64_t migrations = 0;
  std::int64_t in_work = 0;
  CHECK(rc::check([&migrations, &in_work] {
    Load load;
    load.models.real_bytes = true;
    load.models.cards = 3;
    load.models.kernel.crypto_dispatch = load.models.kernel.crypto_callback = 500_ns;
    load.models.kernel.system_call = 500_ns;
    load.models.kernel.process_switch = 1_us;
    load.models.card.driver_submit = load.models.card.driver_complete = Cycles(1000);
    load.models.card.engines = {{algorithm, 800_Mbit_s}, {"des-cbc", 800_Mbit_s}};
    load.models.ciphers[algorithm] = {{20}, Cycles(1000)};
    if (*rc::gen::arbitrary<bool>()) make_ubsec(load.models.card);
    if (*rc::gen::arbitrary<bool>()) load.models.kernel.crypto_balance = CryptoBalance::pending_work;
    load.sizes = *rc::gen::element(std::vector<Bytes>{1_KiB}, std::vector<Bytes>{6_KiB},
                                   std::vector<Bytes>{512_B, 2_KiB, 1_KiB});
    for (int i = *rc::gen::inRange(1, 4); i > 0; --i) {
      load.departures.push_back(
          {Nanoseconds(*rc::gen::inRange<std::int64_t>(0, 250'000)), *rc::gen::arbitrary<bool>()});
    }
    const Numbers numbers = run_load(load);
    const std::int64_t requests = processes * calls * std::ssize(load.sizes);
    RC_ASSERT(numbers.at(0) == processes * calls);
    RC_ASSERT(numbers.at(1) == processes * calls);
    RC_ASSERT(numbers.at(2) == requests);
    RC_ASSERT(numbers.at(4) == requests);
    in_work += numbers.at(3);
    migrations += numbers.at(5);
  }));
  // Moments under load, or nothing was tried.
  CHECK(in_work > 100);
  CHECK(migrations > 100);
}
