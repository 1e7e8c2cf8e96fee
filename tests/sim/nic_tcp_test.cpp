// The network card with the sending half of TCP. In the example machine PCI moves 1 B/ns and the wire 1/8 B/ns without
// framing; an MTU of 1500 B leaves segments of 1460 B.
#include <rapidcheck.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "example_host.hpp"
#include "in_child.hpp"

using namespace cryptopath;
using namespace cryptopath::sim;
using namespace cryptopath::test;
using namespace cryptopath::literals;

namespace {

/// Takes the peer's place: keeps what comes, and acknowledges each segment after a delay, or never.
struct Receiver {
  Receiver(ExampleHost& at, std::optional<Nanoseconds> acknowledged_after) : host(at), delay(acknowledged_after) {
    host.nic.on_arrival([this](Packet packet) {
      sizes.push_back(packet.payload.count);
      received += packet.payload + Bytes(packet.last ? 1 : 0);
      bytes.insert(bytes.end(), packet.bytes.begin(), packet.bytes.end());
      if (delay) host.tasks.start(acknowledge(received));
    });
  }
  Task<> acknowledge(Bytes up_to) {
    co_await host.clock.delay(*delay);
    host.nic.receive({up_to});
  }
  ExampleHost& host;
  std::optional<Nanoseconds> delay;
  Numbers sizes;
  Bytes received;
  std::vector<std::byte> bytes;
};

Context kernel_of(ExampleHost& host) {
  return {host.processor, const_cast<Thread&>(host.process.thread()), ProcessorClass::kernel};
}

/// Hands the sizes to TCP one after the other, without waiting for room, and then the FIN.
Task<> send(ExampleHost& host, Numbers sizes, bool and_close) {
  const Context context = kernel_of(host);
  for (const std::int64_t size : sizes) {
    co_await host.tcp.send(context, allocate_clusters(host.memory, Bytes(size), host.models.kernel.mbuf_cluster));
  }
  if (and_close) co_await host.tcp.shut_down(context);
}

Numbers segments_of_sends(const HostModels& models, const Numbers& sizes, Nanoseconds acknowledged_after) {
  return in_child([&] {
    ExampleHost host(models);
    Receiver receiver(host, acknowledged_after);
    host.run(send(host, sizes, false));
    ensure(static_cast<std::int64_t>(receiver.sizes.size()) == host.ledger.total(Act::tcp_segments), "uncounted");
    host.nic.station().check(host.clock.now());
    return receiver.sizes;
  });
}

}  // namespace

TEST_CASE("A send is cut into full segments and a rest") {
  CHECK(segments_of_sends({}, {5000}, 1_us) == Numbers{1460, 1460, 1460, 620});
  CHECK(segments_of_sends({}, {1460}, 1_us) == Numbers{1460});
  CHECK(segments_of_sends({}, {1461}, 1_us) == Numbers{1460, 1});
}

TEST_CASE("Small sends wait for the acknowledgement of the first") {
  CHECK(segments_of_sends({}, {100, 200, 300}, 1_us) == Numbers{100, 500});
  CHECK(segments_of_sends({}, {100, 200, 3000}, 1_us) == Numbers{100, 1460, 1460, 280});
}

TEST_CASE("Without delay each small send is a segment") {
  HostModels models;
  models.no_delay = true;
  CHECK(segments_of_sends(models, {100, 200, 3000}, 1_us) == Numbers{100, 200, 1460, 1460, 80});
}

TEST_CASE("A window smaller than a segment is filled") {
  HostModels models;
  models.wire.peer_receive_window = 1000_B;
  CHECK(segments_of_sends(models, {2500}, 1_us) == Numbers{1000, 1000, 500});
}

TEST_CASE("No more is under way than the peer's window") {
  HostModels models;
  models.wire.peer_receive_window = 10'000_B;
  const Numbers sizes = in_child([&] {
    ExampleHost host(models);
    Receiver receiver(host, std::nullopt);
    host.run(send(host, {50'000}, false));
    return receiver.sizes;
  });
  CHECK(sizes == Numbers(6, 1460));  // 8760 B; a seventh would need 10,220 B
}

TEST_CASE("A wire of long delay carries a window a round trip") {
  HostModels models;
  models.wire.propagation = 5_ms;
  models.wire.peer_turnaround = 1_ms;
  models.wire.peer_receive_window = 14'600_B;  // ten segments
  const auto numbers = in_child([&models] {
    ExampleHost host(models);
    Nanoseconds closed;
    host.tcp.on_closed([&] { closed = host.clock.now(); });
    host.run(send(host, {100 * 14'600}, true));
    return Numbers{closed.count};
  });
  // The time that two segments take to pass, 26 us, comes on top of each round trip of 11 ms.
  const double expected = 100 * 11e6;
  CHECK(static_cast<double>(numbers.at(0)) > expected);
  CHECK(static_cast<double>(numbers.at(0)) < expected * 1.01);
}

TEST_CASE("A full transmit ring makes packets wait and loses none") {
  HostModels models;
  models.nic.transmit_ring = 4;
  models.real_bytes = true;
  const auto numbers = in_child([&models] {
    ExampleHost host(models);
    Receiver receiver(host, 1_us);
    bool was_full = false;
    host.nic.on_interrupt([&] {
      was_full = was_full || host.nic.transmit_ring_full();
      host.processor.raise(host.nic_line);
    });
    host.run(send(host, {40 * 1460}, false));
    return Numbers{static_cast<std::int64_t>(receiver.sizes.size()), receiver.received.count, was_full};
  });
  CHECK(numbers == Numbers{40, 40 * 1460, 1});
}

TEST_CASE("A full receive ring makes acknowledgements wait in the card") {
  const auto reaped_with_ring = [](std::int64_t ring) {
    HostModels models;
    models.nic.receive_ring = ring;
    models.nic.coalesced_packets = 100;
    models.nic.coalescing_delay = 150_us;
    return in_child([&] {
      ExampleHost host(models);
      Numbers reaped;
      host.nic.on_interrupt([&] { reaped.push_back(std::ssize(host.nic.reap_received())); });
      for (int i = 0; i < 5; ++i) host.nic.receive({Bytes(i)});
      host.run_devices();
      ensure(host.ledger.total(Act::dma_acknowledgements) == 5, "an acknowledgement was lost");
      ensure(host.ledger.total(Act::dma_bytes_acknowledgements) == 5 * 54, "an acknowledgement has 54 B");
      ensure(host.ledger.total(Act::dma_device_to_host) == 0, "acknowledgements are no data");
      return reaped;
    });
  };
  CHECK(reaped_with_ring(512) == Numbers{5});
  CHECK(reaped_with_ring(2) == Numbers{2, 2, 1});
}

TEST_CASE("A burst interrupts once per coalesced packets and once for the rest after the delay") {
  for (const std::int64_t packets : {1, 9, 10, 11, 25, 40}) {
    HostModels models;
    models.nic.coalesced_packets = 10;
    models.nic.coalescing_delay = 150_us;  // a packet takes 12 us
    const auto numbers = in_child([&] {
      ExampleHost host(models);
      Receiver receiver(host, std::nullopt);
      Nanoseconds last;
      host.nic.on_interrupt([&] {
        last = host.clock.now();
        host.processor.raise(host.nic_line);
      });
      host.run(send(host, {packets * 1460}, false));
      return Numbers{host.ledger.total(Act::interrupts), last.count};
    });
    CHECK(numbers.at(0) == (packets + 9) / 10);
    // The first packet is fetched in 1514 ns and 32 ns for its two descriptors of 16 B.
    const std::int64_t first = 1514 + 32;
    const std::int64_t in_last_group = (packets - 1) % 10 + 1;
    const std::int64_t began = first + (packets - in_last_group + 1) * 12'000;
    CHECK(numbers.at(1) == (in_last_group == 10 ? began + 9 * 12'000 : began + 150'000));
  }
}

TEST_CASE("The peer acknowledges a lone segment after 200 ms and a FIN at once") {
  const auto run = [](const Numbers& sizes, bool and_close) {
    return in_child([&] {
      HostModels models;
      models.no_delay = true;
      ExampleHost host(models);
      Nanoseconds acknowledged;
      host.nic.on_interrupt([&] {
        acknowledged = host.clock.now();
        host.processor.raise(host.nic_line);
      });
      host.run(send(host, sizes, and_close));
      ensure(host.tcp.space() == host.tcp.high_water(), "not all was acknowledged");
      ensure(host.tcp.closed() == and_close, "the FIN was not acknowledged");
      return Numbers{acknowledged.count, host.ledger.total(Act::tcp_acknowledgements)};
    });
  };
  // 114 B of the packet, its header and two descriptors of 16 B; 140 B on the wire; the acknowledgement: 46 B on the
  // wire, 54 B and a descriptor over PCI.
  const std::int64_t there = 114 + 40 + 32 + 140 * 8;
  const std::int64_t back = 46 * 8 + 54 + 16;
  CHECK(run({100}, false) == Numbers{there + 200'000'000 + back, 1});
  CHECK(run({100, 100}, false) == Numbers{there + 140 * 8 + back, 1});
  // The FIN goes alone, 46 B on the wire, and is the second segment.
  CHECK(run({100}, true) == Numbers{there + 46 * 8 + back, 1});
  CHECK(run({}, true).at(0) == 54 + 16 + 46 * 8 + back);
}

TEST_CASE("The bytes at the peer are the bytes sent whatever the pieces") {
  CHECK(rc::check([] {
    const auto sizes = *rc::gen::container<Numbers>(rc::gen::inRange<std::int64_t>(1, 8000));
    HostModels models;
    models.real_bytes = true;
    models.no_delay = *rc::gen::arbitrary<bool>();
    models.nic.transmit_ring = *rc::gen::inRange<std::int64_t>(1, 20);
    models.nic.coalesced_packets = *rc::gen::inRange<std::int64_t>(0, 20);
    models.nic.coalescing_delay = 20_us;
    models.kernel.send_buffer = Bytes(*rc::gen::inRange<std::int64_t>(500, 20'000));
    models.wire.peer_receive_window = Bytes(*rc::gen::inRange<std::int64_t>(500, 20'000));
    models.wire.propagation = 5_us;
    const auto numbers = in_child([&] {
      ExampleHost host(models);
      Receiver receiver(host, 10_us);
      std::vector<std::byte> sent;
      host.run([](ExampleHost& at, Numbers pieces_to_send, std::vector<std::byte>& all) -> Task<> {
        const Context context = kernel_of(at);
        for (const std::int64_t size : pieces_to_send) {
          const BufferPointer user = at.memory.allocate(Bytes(size));
          for (std::byte& byte : user->bytes(0_B, Bytes(size))) {
            byte = static_cast<std::byte>(all.size() * 7 + all.size() / 256);
            all.push_back(byte);
          }
          const Segments data = {{user, 0_B, Bytes(size)}};
          co_await at.socket.send_from_user(context, data);
        }
        co_await at.socket.close(context);
      }(host, sizes, sent));
      return Numbers{host.tcp.closed(), receiver.bytes == sent, static_cast<std::int64_t>(sent.size()),
                     *std::max_element(receiver.sizes.begin(), receiver.sizes.end())};
    });
    std::int64_t total = 0;
    for (const std::int64_t size : sizes) total += size;
    RC_ASSERT(numbers[0] == 1);
    RC_ASSERT(numbers[1] == 1);
    RC_ASSERT(numbers[2] == total);
    RC_ASSERT(numbers[3] <= 1460);
  }));
}
