// Datagrams over the network card of the example machine, whose wire takes 8 ns a byte without framing. A record of
// 1000 B is an IP packet of 1028 B under DTLS and of 1020 B under ESP. To copy it to the kernel, which takes no time of
// its own, reads memory at 8 B/ns: 125 ns. A handler's read of a register is a cycle of the bus, 8 ns.
#include "kernel/datagrams.hpp"

#include <catch2/catch.hpp>

#include "example_host.hpp"
#include "in_child.hpp"

using namespace cryptopath;
using namespace cryptopath::sim;
using namespace cryptopath::test;
using namespace cryptopath::literals;

namespace {

constexpr std::int64_t copied = 125;
constexpr std::int64_t register_read = 8;

/// The example host with a connection of datagrams, and a receiver in the peer's place.
struct DatagramHost {
  explicit DatagramHost(HostModels models = {}, Protocol protocol = Protocol::dtls_1_2)
      : host(std::move(models)),
        datagrams(host.kernel, host.nic_driver, host.models.kernel.send_buffer, protocol),
        socket(host.kernel, datagrams, host.framework, host.protection) {
    host.nic.on_arrival([this](Packet packet) {
      arrivals.push_back(host.clock.now().count);
      sizes.push_back(packet.payload.count);
      bytes.insert(bytes.end(), packet.bytes.begin(), packet.bytes.end());
    });
  }

  Context context() { return {host.processor, const_cast<Thread&>(host.process.thread()), ProcessorClass::kernel}; }
  /// Sends messages of these sizes by one call, as a process would.
  Task<> send(Numbers messages) {
    Segments data;
    for (const std::int64_t size : messages) data.push_back({host.memory.allocate(Bytes(size)), 0_B, Bytes(size)});
    co_await socket.send_from_user(context(), std::move(data));
    accepted = host.clock.now();
  }

  ExampleHost host;
  Datagrams datagrams;
  Socket socket;
  Nanoseconds accepted;
  Numbers arrivals;
  Numbers sizes;
  std::vector<std::byte> bytes;
};

}  // namespace

TEST_CASE("Each message of a call is a datagram and none is joined or cut") {
  const Numbers messages = {1, 1000, 1472, 20, 20};
  const auto numbers = in_child([&] {
    DatagramHost at;
    at.host.run(at.send(messages));
    ensure(at.sizes == messages, "messages were joined, cut or lost");
    at.host.nic.station().check(at.host.clock.now());
    return Numbers{at.host.ledger.total(Act::datagrams), at.host.ledger.total(Act::tcp_segments),
                   at.host.ledger.total(Act::tcp_acknowledgements), at.host.ledger.total(Act::copies_user_to_kernel),
                   at.datagrams.queued().count};
  });
  CHECK(numbers == Numbers{5, 0, 0, 1, 2513});
}

TEST_CASE("A datagram takes its headers along on the wire") {
  const auto arrival = [](Protocol protocol) {
    return in_child([protocol] {
      DatagramHost at({}, protocol);
      at.host.run(at.send({1000}));
      return at.arrivals;
    });
  };
  // It is fetched over PCI with Ethernet's header and two descriptors of 16 B, and meanwhile the copy is written back
  // from the cache.
  CHECK(arrival(Protocol::dtls_1_2) == Numbers{copied + 1028 + 14 + 32 + 1028 * 8});
  CHECK(arrival(Protocol::esp_transport) == Numbers{copied + 1020 + 14 + 32 + 1020 * 8});
}

TEST_CASE("A datagram takes room until the card has transmitted it and the sender waits for room") {
  HostModels models;
  models.kernel.send_buffer = 2000_B;
  const auto numbers = in_child([&models] {
    DatagramHost at(models);
    Bytes least = at.datagrams.space();
    at.host.nic.on_interrupt([&] {
      least = std::min(least, at.datagrams.space());
      at.host.processor.raise(at.host.nic_line);
    });
    at.host.run(at.send({1000, 1000, 1000, 1000}));
    return Numbers{least.count, at.datagrams.space().count, at.accepted.count, at.arrivals.at(0), at.arrivals.at(1)};
  });
  // Two at a time: the fourth is accepted when the second has left and the handler has seen it.
  CHECK(numbers.at(0) == 0);
  CHECK(numbers.at(1) == 2000);
  CHECK(numbers.at(2) == numbers.at(4) + register_read);
  CHECK(numbers.at(4) == numbers.at(3) + 1028 * 8);
}

TEST_CASE("Coalesced interrupts give room back late") {
  HostModels models;
  models.kernel.send_buffer = 2000_B;
  models.nic.coalesced_packets = 10;
  models.nic.coalescing_delay = 150_us;
  const auto numbers = in_child([&models] {
    DatagramHost at(models);
    at.host.run(at.send({1000, 1000, 1000}));
    return Numbers{at.accepted.count, at.arrivals.at(0)};
  });
  CHECK(numbers.at(0) == numbers.at(1) + 150'000 + register_read);
}

TEST_CASE("A datagram longer than the send buffer is refused") {
  HostModels models;
  models.kernel.send_buffer = 999_B;
  const auto send = [&models] {
    return in_child([&models] {
      DatagramHost at(models);
      at.host.run(at.send({1000}));
      return Numbers{};
    });
  };
  CHECK_THROWS_AS(send(), InputError);
  CHECK_THROWS_WITH(send(), Catch::Contains("a datagram of 1000 B is longer than the send buffer of 999 B (EMSGSIZE)"));
}

TEST_CASE("A datagram longer than the card's packets is a fault") {
  const auto send = [](Protocol protocol, std::int64_t size) {
    return in_child([protocol, size] {
      DatagramHost at({}, protocol);
      at.host.run(at.send({size}));
      return at.sizes;
    });
  };
  CHECK(send(Protocol::dtls_1_2, 1472) == Numbers{1472});
  CHECK_THROWS_AS(send(Protocol::dtls_1_2, 1473), Fault);
  CHECK(send(Protocol::esp_tunnel, 1480) == Numbers{1480});
  CHECK_THROWS_AS(send(Protocol::esp_tunnel, 1481), Fault);
}

TEST_CASE("Output and the UDP checksum take the processor's time") {
  HostModels models;
  models.kernel.datagram_output = 3_us;
  models.kernel.checksum = {2};
  models.nic.checksum_offload = false;
  const auto accepted = [&models](Protocol protocol) {
    return in_child([&models, protocol] {
      DatagramHost at(models, protocol);
      at.host.run(at.send({1000}));
      return Numbers{at.accepted.count};
    });
  };
  CHECK(accepted(Protocol::dtls_1_2) == Numbers{copied + 3000 + 2000});
  CHECK(accepted(Protocol::esp_transport) == Numbers{copied + 3000});  // has no checksum
  models.nic.checksum_offload = true;
  CHECK(accepted(Protocol::dtls_1_2) == Numbers{copied + 3000});
}

TEST_CASE("A full transmit ring makes datagrams wait and keeps bytes and order") {
  HostModels models;
  models.nic.transmit_ring = 3;
  models.real_bytes = true;
  models.kernel.send_buffer = 64_KiB;
  const bool same = in_child([&models] {
                      DatagramHost at(models);
                      std::vector<std::byte> sent;
                      at.host.run([](DatagramHost& to, std::vector<std::byte>& all) -> Task<> {
                        Segments data;
                        for (std::int64_t size = 1; size <= 40; ++size) {
                          const BufferPointer buffer = to.host.memory.allocate(Bytes(size));
                          for (std::byte& byte : buffer->bytes(0_B, Bytes(size))) {
                            byte = static_cast<std::byte>(all.size() % 251);
                            all.push_back(byte);
                          }
                          data.push_back({buffer, 0_B, Bytes(size)});
                        }
                        co_await to.socket.send_from_user(to.context(), std::move(data));
                      }(at, sent));
                      return Numbers{at.bytes == sent && at.sizes.size() == 40};
                    }) == Numbers{1};
  CHECK(same);
}

TEST_CASE("The peer takes datagrams without a word") {
  const auto numbers = in_child([] {
    ExampleHost host;
    PeerHost peer(host.clock, host.nic, nullptr, true);
    std::int64_t arrived = 0;
    peer.on_datagram([&arrived] { ++arrived; });
    Datagrams datagrams(host.kernel, host.nic_driver, 16_KiB, Protocol::dtls_1_2);
    host.run([](ExampleHost& at, Datagrams& out) -> Task<> {
      const Context context(at.processor, const_cast<Thread&>(at.process.thread()), ProcessorClass::kernel);
      for (int i = 0; i < 3; ++i) co_await out.send(context, allocate_clusters(at.memory, 500_B, 2_KiB));
      ensure(!out.closed(), "nobody has closed it");
      co_await out.shut_down(context);
      ensure(out.closed(), "it was closed");
    }(host, datagrams));
    return Numbers{arrived, peer.received().count, host.ledger.total(Act::tcp_acknowledgements)};
  });
  CHECK(numbers == Numbers{3, 1500, 0});
}
