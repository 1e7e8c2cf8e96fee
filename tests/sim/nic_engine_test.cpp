// The NIC's cipher engine. In the example machine PCI moves 1 B/ns and the wire 1/8 B/ns without framing; the engine
// here takes 2 us a record and 10 ns a byte.
#include <catch2/catch.hpp>
#include <optional>

#include "example_host.hpp"
#include "in_child.hpp"

using namespace cryptopath;
using namespace cryptopath::sim;
using namespace cryptopath::test;
using namespace cryptopath::literals;
using Catch::Matchers::Contains;

namespace {

HostModels with_engine() {
  HostModels models;
  models.nic.setup = 2_us;
  models.nic.engines[cipher_name] = 800_Mbit_s;
  return models;
}

/// The peer's place: when each segment comes and how long it is. Acknowledges every so many after a delay, or never.
struct Receiver {
  explicit Receiver(ExampleHost& at, std::optional<Nanoseconds> acknowledged_after = {}, std::size_t every = 1)
      : host(at), delay(acknowledged_after) {
    host.nic.on_arrival([this, every](Packet packet) {
      times.push_back(host.clock.now().count);
      sizes.push_back(packet.payload.count);
      fins += packet.last ? 1 : 0;
      received += packet.payload + Bytes(packet.last ? 1 : 0);
      if (delay && sizes.size() % every == 0) host.tasks.start(acknowledge(received));
    });
  }
  Task<> acknowledge(Bytes up_to) {
    co_await host.clock.delay(*delay);
    host.nic.receive({up_to});
  }
  ExampleHost& host;
  std::optional<Nanoseconds> delay;
  Numbers times;
  Numbers sizes;
  std::int64_t fins = 0;
  Bytes received;
};

/// A record of `size` bytes in `pieces` descriptors, of which the engine runs over all but 100 B.
RecordToEncipher record_of(ExampleHost& host, Bytes size, std::int64_t pieces) {
  RecordToEncipher record;
  for (std::int64_t i = 0; i < pieces; ++i) {
    record.data.push_back({host.memory.allocate(size), Bytes(i), Bytes(size.count / pieces)});
  }
  record.processed = size - 100_B;
  record.rate = host.models.nic.engines.at(cipher_name);
  record.begins_buffer = true;
  return record;
}

/// All that records of these sizes are, for the card to cut.
Packet packet_of(ExampleHost& host, const Numbers& sizes, std::int64_t pieces) {
  Packet packet;
  packet.segment_size = 1460_B;
  for (const std::int64_t size : sizes) {
    packet.records.push_back(record_of(host, Bytes(size), pieces));
    packet.payload += Bytes(size);
  }
  packet.size = packet.payload + 40_B;
  return packet;
}

Context kernel_of(ExampleHost& host) {
  return {host.processor, const_cast<Thread&>(host.process.thread()), ProcessorClass::kernel};
}

/// Records of these sizes in one chain.
Task<> send_chain(ExampleHost& host, Numbers sizes) {
  std::vector<RecordToEncipher> records;
  MbufChain chain;
  for (const std::int64_t size : sizes) {
    records.push_back(record_of(host, Bytes(size), 1));
    chain.append(Mbuf{records.back().data.front(), false});
  }
  const Context context = kernel_of(host);
  co_await host.tcp.send_records(context, std::move(chain), std::move(records));
}

/// The same, each in a chain of its own, and then perhaps the FIN.
Task<> send_records(ExampleHost& host, Numbers sizes, bool and_close) {
  for (const std::int64_t size : sizes) {
    Numbers one(1, size);
    co_await send_chain(host, std::move(one));
  }
  const Context context = kernel_of(host);
  if (and_close) co_await host.tcp.shut_down(context);
}

void check_laws(const ExampleHost& host) {
  host.nic.station().check(host.clock.now());
  host.nic.engine().station().check(host.clock.now());
}

constexpr std::int64_t command = 16 + 14 + 40;  // a descriptor and the headers

}  // namespace

TEST_CASE("A record is fetched and enciphered as a whole before its first segment leaves") {
  const auto run = [](bool counts) {
    return in_child([counts] {
      ExampleHost host(with_engine());
      Receiver receiver(host);
      host.nic.submit(packet_of(host, {3000}, 3));
      host.run_devices();
      check_laws(host);
      ensure(receiver.sizes == Numbers{1460, 1460, 80}, "cut otherwise");
      if (!counts) return receiver.times;
      return Numbers{host.ledger.total(Act::dma_host_to_device), host.ledger.total(Act::dma_bytes_host_to_device),
                     host.ledger.total(Act::paper_dma),          host.ledger.total(Act::records),
                     host.ledger.total(Act::tcp_segments),       host.nic.engine().station().busy().count};
    });
  };
  const std::int64_t enciphered = command + (3000 + 3 * 16) + 2000 + 2900 * 10;
  CHECK(run(false) == Numbers{enciphered + 12'000, enciphered + 24'000, enciphered + 24'000 + 120 * 8});
  CHECK(run(true) == Numbers{1, 3000, 1, 1, 3, 31'000});
}

TEST_CASE("The next record is fetched while the engine works and a segment over two records waits for both") {
  const Numbers times = in_child([] {
    ExampleHost host(with_engine());
    Receiver receiver(host);
    host.nic.submit(packet_of(host, {1000, 1000}, 1));
    host.run_devices();
    check_laws(host);
    ensure(receiver.sizes == Numbers{1460, 540}, "cut otherwise");
    return receiver.times;
  });
  const std::int64_t first = command + 1000 + 16 + 2000 + 9000;
  const std::int64_t second = first + 2000 + 9000;
  CHECK(times == Numbers{second + 12'000, second + 12'000 + 580 * 8});
}

TEST_CASE("Records in packets of their own stay in order and overlap on the bus and in the engine and on the wire") {
  const Numbers times = in_child([] {
    ExampleHost host(with_engine());
    Receiver receiver(host);
    for (int i = 0; i < 3; ++i) host.nic.submit(packet_of(host, {1100}, 1));
    host.run_devices();
    check_laws(host);
    return receiver.times;
  });
  const std::int64_t first = command + 1100 + 16 + 12'000;
  const std::int64_t on_wire = 1140 * 8;
  CHECK(times == Numbers{first + on_wire, first + 12'000 + on_wire, first + 24'000 + on_wire});
}

TEST_CASE("A record longer than the peer's window is fetched once and leaves as the window opens") {
  HostModels models = with_engine();
  models.wire.peer_receive_window = 3000_B;
  const auto numbers = in_child([&models] {
    ExampleHost host(models);
    Receiver receiver(host, 1_us);
    host.run(send_records(host, {10'000}, true));
    check_laws(host);
    ensure(host.tcp.closed() && receiver.fins == 1, "the FIN was not sent once");
    ensure(receiver.sizes == Numbers{1460, 1460, 1460, 1460, 1460, 1460, 1240}, "cut otherwise");
    return Numbers{host.ledger.total(Act::dma_host_to_device), host.ledger.total(Act::paper_dma),
                   host.ledger.total(Act::tcp_segments)};
  });
  CHECK(numbers == Numbers{1, 1, 7});
}

TEST_CASE("The FIN goes with the last of the segments that the NIC cuts") {
  HostModels models = with_engine();
  models.wire.peer_receive_window = 3000_B;
  const auto numbers = in_child([&models] {
    ExampleHost host(models);
    Receiver receiver(host, 1_us, 2);  // the second acknowledgement frees a full segment and the rest at once
    host.run(send_records(host, {5000}, true));
    check_laws(host);
    return Numbers{receiver.sizes == Numbers{1460, 1460, 1460, 620}, receiver.fins, host.tcp.closed()};
  });
  CHECK(numbers == Numbers{1, 1, 1});
}

TEST_CASE("No more is under way than the peer's window and no record is fetched before its turn") {
  HostModels models = with_engine();
  models.wire.peer_receive_window = 10'000_B;
  const auto numbers = in_child([&models] {
    ExampleHost host(models);
    Receiver receiver(host);
    host.run(send_chain(host, {8000, 8000, 8000}));
    ensure(receiver.sizes == Numbers(6, 1460), "another window");  // 8760 B; a seventh would need 10,220 B
    return Numbers{host.ledger.total(Act::dma_host_to_device), host.ledger.total(Act::records)};
  });
  CHECK(numbers == Numbers{2, 2});
}

TEST_CASE("A record's small end waits for the acknowledgement as any small segment does") {
  const auto sizes = [](bool no_delay) {
    HostModels models = with_engine();
    models.no_delay = no_delay;
    return in_child([&models] {
      ExampleHost host(models);
      Receiver receiver(host, 1_us);
      host.run(send_records(host, {2000, 2000}, false));
      check_laws(host);
      return receiver.sizes;
    });
  };
  CHECK(sizes(false) == Numbers{1460, 1460, 1080});
  CHECK(sizes(true) == Numbers{1460, 540, 1460, 540});
}

TEST_CASE("With a ring of one descriptor all records arrive and the connection closes") {
  HostModels models = with_engine();
  models.nic.transmit_ring = 1;
  models.wire.peer_receive_window = 1024_KiB;
  const auto numbers = in_child([&models] {
    ExampleHost host(models);
    Receiver receiver(host, 1_us);
    host.run(send_records(host, Numbers(20, 14'600), true));
    check_laws(host);
    return Numbers{receiver.received.count, host.tcp.closed(), receiver.fins, host.ledger.total(Act::records)};
  });
  CHECK(numbers == Numbers{20 * 14'600 + 1, 1, 1, 20});
}

TEST_CASE("The processor sends as many segments as the length of one IP packet allows for the price of one") {
  HostModels models = with_engine();
  models.no_delay = true;
  models.wire.peer_receive_window = 1024_KiB;
  models.kernel.tcp_output = 1_us;
  const auto numbers = in_child([&models] {
    ExampleHost host(models);
    Receiver receiver(host);
    host.run(send_records(host, {100'000}, false));
    return Numbers{host.ledger.total(Act::cpu_kernel_ns), host.ledger.total(Act::tcp_segments), receiver.sizes.back()};
  });
  // 44 segments of 1460 B and 40 B of headers are 64,280 B.
  CHECK(numbers == Numbers{2000, 69, 720});
}

TEST_CASE("A NIC without an engine for the suite refuses the socket option") {
  const auto message = [](const HostModels& models) -> std::string {
    try {
      return in_child([&models] {
        ExampleHost host(models);
        host.run(host.process.set_so_crypt_nic());
        return std::string("accepted");
      });
    } catch (const InputError& error) {
      return error.what();
    }
  };
  CHECK(message(with_engine()) == "accepted");
  CHECK_THAT(message(HostModels()), Contains("EOPNOTSUPP") && Contains(cipher_name));
}
