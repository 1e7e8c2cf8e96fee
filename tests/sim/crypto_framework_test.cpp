// The crypto framework with its drivers: which one gets a session, what a request costs in counts, and how it fails.
#include <catch2/catch.hpp>

#include "example_host.hpp"
#include "in_child.hpp"

using namespace cryptopath;
using namespace cryptopath::sim;
using namespace cryptopath::test;
using namespace cryptopath::literals;

namespace {

/// CIOCCRYPT over one record of 8 KiB of plaintext in a session of its own; `counts` are those of the one call.
Task<> crypt_once(ExampleHost& host, Bytes plaintext, Counts& counts) {
  co_await host.process.create_session(cipher_name, nullptr);
  const std::vector<Frame> frames = host.protection.take_records(plaintext);
  const Bytes size = host.protection.size_on_wire(plaintext);
  const BufferPointer buffer = host.memory.allocate(size);
  const Segment segment{buffer, 0_B, size};
  const Counts before = host.ledger.snapshot();
  co_await host.process.crypt(frames, segment);
  counts = difference(host.ledger.snapshot(), before);
  co_await host.process.free_session();
}

Numbers counts_of_a_call(const HostModels& models) {
  return in_child([&] {
    ExampleHost host(models);
    Counts counts;
    host.run(crypt_once(host, 8_KiB, counts));
    host.framework.station().check(host.clock.now());
    return Numbers{counts.at("system_calls"),
                   counts.at("copies.user_to_kernel") + counts.at("copies.kernel_to_user"),
                   counts.at("process_switches"),
                   counts.at("interrupts"),
                   counts.at("dma.host_to_device") + counts.at("dma.device_to_host"),
                   counts.at("mode_crossings"),
                   counts.at("paper.copies"),
                   counts.at("paper.context_switches")};
  });
}

HostModels with_costs() {
  HostModels models;
  models.kernel.system_call = 500_ns;
  models.kernel.process_switch = 1_us;
  models.kernel.wakeup = 500_ns;
  models.kernel.interrupt = 4_us;
  models.kernel.crypto_dispatch = models.kernel.crypto_callback = 500_ns;
  models.kernel.crypto_driver = 2_us;
  models.processor.copy = {0.7};
  return models;
}

CryptoRequest request_of(ExampleHost& host, const CryptoSession& session, Bytes plaintext, std::size_t segments = 1) {
  CryptoRequest request;
  request.session = &session;
  request.frame = host.protection.framing.next(plaintext);
  const Bytes size = request.frame.size();
  const auto count = static_cast<std::int64_t>(segments);
  for (std::int64_t i = 0; i < count; ++i) {
    const Bytes piece(size.count * (i + 1) / count - size.count * i / count);
    request.source.push_back({host.memory.allocate(piece), 0_B, piece});
  }
  request.destination = request.source;
  return request;
}

}  // namespace

TEST_CASE("A request through the card takes one call and two copies and three switches and one interrupt") {
  CHECK(counts_of_a_call(with_costs()) == Numbers{1, 2, 3, 1, 2, 2, 2, 4});
}

TEST_CASE("With completion in the interrupt a request takes two switches") {
  HostModels models = with_costs();
  models.kernel.completion_in_interrupt = true;
  CHECK(counts_of_a_call(models) == Numbers{1, 2, 2, 1, 2, 2, 2, 4});
}

TEST_CASE("A request in software takes two switches and no interrupt and no transfer") {
  HostModels models = with_costs();
  models.cards = 0;
  CHECK(counts_of_a_call(models) == Numbers{1, 2, 2, 0, 0, 2, 2, 4});
}

TEST_CASE("Sessions go to hardware before software and to the fewest sessions and to the last of equals") {
  const std::string order = in_child([] {
    HostModels models;
    models.cards = 2;
    models.card.sessions = 2;
    ExampleHost host(models);
    std::string names;
    std::vector<std::unique_ptr<CryptoSession>> sessions;
    const auto open = [&] {
      sessions.push_back(host.framework.new_session(cipher_name, nullptr));
      names += sessions.back()->driver->name() + " ";
    };
    for (int i = 0; i < 5; ++i) open();
    host.framework.free_session(std::move(sessions[1]));  // of card0
    open();
    return names;
  });
  CHECK(order == "card1 card0 card1 card0 cryptosoft card0 ");
}

TEST_CASE("An algorithm that no driver has is bad input") {
  CHECK_THROWS_AS(in_child([] {
                    ExampleHost host;
                    host.framework.new_session("aes-128-gcm", nullptr);
                    return Numbers{};
                  }),
                  InputError);
}

TEST_CASE("Requests beyond the rings fail with ENOMEM and the others complete") {
  const auto errors = in_child([] {
    ExampleHost host;
    Numbers result;
    host.run([](ExampleHost& at, Numbers& into) -> Task<> {
      const Context context(at.processor, const_cast<Thread&>(at.process.thread()), ProcessorClass::kernel);
      const std::unique_ptr<CryptoSession> session = at.framework.new_session(cipher_name, nullptr);
      std::vector<CryptoRequest> requests;
      for (int i = 0; i < 20; ++i) requests.push_back(request_of(at, *session, 8_KiB, 4));
      WaitChannel completion("test");
      for (CryptoRequest& request : requests) {
        request.completion = &completion;
        co_await at.framework.dispatch(context, request);
      }
      for (const CryptoRequest& request : requests) {
        while (!request.done) co_await at.processor.sleep(const_cast<Thread&>(at.process.thread()), completion);
        into.push_back(request.error);
      }
    }(host, result));
    host.framework.station().check(host.clock.now());
    host.cards.front()->device.station().check(host.clock.now());
    return result;
  });
  Numbers expected(20, ENOMEM);
  std::fill_n(expected.begin(), 16, 0);  // 80 destination descriptors hold 16 operations of 4 and one more
  CHECK(errors == expected);
}

TEST_CASE("A process whose request fails gets the errno by name") {
  HostModels models;
  models.card.largest_request = 1000_B;
  CHECK_THROWS_WITH(counts_of_a_call(models), Catch::Contains("ioctl(CIOCCRYPT) failed: EINVAL"));
  CHECK_THROWS_AS(counts_of_a_call(models), InputError);
}

TEST_CASE("A request above the limit of CIOCCRYPT is E2BIG") {
  HostModels models;
  models.kernel.crypto_request_limit = 8192_B;  // the record is larger by its header and its MAC
  CHECK_THROWS_WITH(counts_of_a_call(models), Catch::Contains("E2BIG"));
  CHECK_THROWS_AS(counts_of_a_call(models), InputError);
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
