// A second processor that is a producer of the crypto framework.
#include <catch2/catch.hpp>

#include "example_host.hpp"
#include "in_child.hpp"

using namespace cryptopath;
using namespace cryptopath::sim;
using namespace cryptopath::test;
using namespace cryptopath::literals;

namespace {

HostModels without_cards() {
  HostModels models;
  models.cards = 0;
  models.crypto_processor = true;
  models.kernel.isa_write = 1_us;
  models.kernel.interrupt = 4_us;
  models.kernel.crypto_dispatch = models.kernel.crypto_callback = 500_ns;
  models.ciphers[cipher_name] = {{10}, Cycles(100)};
  models.processor.miss_rate = 8000_Mbit_s;  // a byte a nanosecond
  return models;
}

struct TwoProcessors {
  explicit TwoProcessors(const HostModels& models)
      : host(models), session(host.framework.crypto_newsession(cipher_name)), second(*host.crypto_processor) {}
  ExampleHost host;
  std::unique_ptr<CryptoSession> session;
  const CryptoProcessor& second;
};

}  // namespace

TEST_CASE("A second processor has the sessions before software and as long as the cipher and memory take for them") {
  const Numbers numbers = in_child([] {
    TwoProcessors world(without_cards());
    ensure(world.session->driver == &world.second, "the session is in software");
    world.host.run(dispatch_some(world.host, *world.session, 5));
    const StationFigures figures = world.second.figures();
    check(figures, world.host.clock.now());
    world.host.framework.station().check(world.host.clock.now());
    const Ledger& ledger = world.host.ledger;
    return Numbers{figures.busy.count,
                   ledger.total(Act::crypto_requests),
                   ledger.total(Act::interrupts),
                   ledger.total(Act::interrupt_controller_writes),
                   ledger.total(Act::memory_read_bytes),
                   ledger.total(Act::memory_write_bytes),
                   ledger.total(Act::dma_host_to_device)};
  });
  // 100 + 10 x 1024 cycles of 1 ns, and 1 KiB read and written.
  constexpr std::int64_t request = 100 + 10 * 1024 + 2 * 1024;
  CHECK(numbers == Numbers{5 * request, 5, 5, 0, 5 * 1024, 5 * 1024, 0});
}

TEST_CASE("What either processor has written the other one fetches over memory once") {
  const Numbers numbers = in_child([] {
    TwoProcessors world(without_cards());
    Bytes read_again;
    world.host.run([](ExampleHost& at, CryptoSession& of, Bytes& read) -> Task<> {
      std::vector<CryptoRequest> requests;
      requests.push_back(make_request(at, of, 1_KiB));
      const BufferIdentity buffer = requests.front().source.front().buffer->identity();
      at.cache.overwrite(buffer, 0_B, 1_KiB);
      co_await dispatch_all(at, requests);
      read = at.cache.read(buffer, 0_B, 1_KiB).read;
    }(world.host, *world.session, read_again));
    return Numbers{world.host.ledger.total(Act::memory_read_bytes), world.host.ledger.total(Act::memory_write_bytes),
                   world.second.figures().busy.count, read_again.count};
  });
  CHECK(numbers == Numbers{0, 2 * 1024, 100 + 10 * 1024 + 2 * 1024, 1024});
}

TEST_CASE("A second processor leaves the right bytes") {
  HostModels models = without_cards();
  models.real_bytes = true;
  const Numbers right = in_child([&] {
    TwoProcessors world(models);
    bool same = false;
    world.host.run([](ExampleHost& at, CryptoSession& of, bool& equal) -> Task<> {
      std::vector<CryptoRequest> requests;
      requests.push_back(make_request(at, of, 1_KiB, 3));
      scatter(std::vector<std::byte>(1024, std::byte{7}), requests.front().source);
      requests.front().transform = [](std::span<std::byte> data) {
        for (std::byte& byte : data) byte = std::byte{9};
      };
      co_await dispatch_all(at, requests);
      std::vector<std::byte> found(1024);
      gather(requests.front().output(), found);
      equal = found == std::vector<std::byte>(1024, std::byte{9});
    }(world.host, *world.session, same));
    return Numbers{same};
  });
  CHECK(right == Numbers{1});
}

TEST_CASE("An interrupt between processors that comes while it is held off is taken later and none is lost") {
  // The crypto thread, at splimp, takes 20 us to hand over each request, and the other processor 12.
  HostModels models = without_cards();
  models.kernel.crypto_dispatch = 20_us;
  const Numbers numbers = in_child([&] {
    TwoProcessors world(models);
    world.host.run(dispatch_some(world.host, *world.session, 20));
    world.host.framework.station().check(world.host.clock.now());
    return Numbers{world.host.ledger.total(Act::crypto_requests), world.host.ledger.total(Act::interrupts_held_off),
                   world.host.ledger.total(Act::interrupt_controller_writes)};
  });
  CHECK(numbers == Numbers{20, 0, 0});
}
