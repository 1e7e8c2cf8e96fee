// The card's pipeline against closed forms. In the example machine its bus moves 1 B/ns, its engine 0.1 B/ns, and its
// FIFO holds 500 B.
#include "hardware/accelerator.hpp"

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

AcceleratorOperation operation_of(ExampleHost& host, Bytes size, std::size_t segments = 1) {
  AcceleratorOperation operation;
  operation.processed = size;
  operation.rate = host.models.card.engines.at(cipher_name);
  const auto count = static_cast<std::int64_t>(segments);
  for (std::int64_t i = 0; i < count; ++i) {
    const Bytes piece((size.count * (i + 1)) / count - (size.count * i) / count);
    operation.source.push_back({host.memory.allocate(piece), 0_B, piece});
  }
  operation.destination = operation.source;
  return operation;
}

/// When each of `count` operations of `size` bytes, all submitted at 0, ends.
Numbers ends_of(const HostModels& models, std::size_t count, Bytes size) {
  return in_child([&] {
    ExampleHost host(models);
    Accelerator& card = host.cards.front()->device;
    Numbers ends;
    card.on_interrupt([&] {
      for (const AcceleratorOperation& operation : card.reap()) {
        ensure(operation.processed == size, "another operation has come back");
        ends.push_back(host.clock.now().count);
      }
    });
    for (std::size_t i = 0; i < count; ++i) ensure(card.submit({operation_of(host, size)}), "the rings are full");
    host.run_devices();
    card.station().check(host.clock.now());
    return ends;
  });
}

HostModels with_setup() {
  HostModels models;
  models.card.setup = 2000_ns;
  return models;
}

}  // namespace

TEST_CASE("An operation takes a FIFO in and its set-up and its size over the rate and a FIFO out") {
  CHECK(ends_of(with_setup(), 1, 10'000_B) == Numbers{500 + 2000 + 100'000 + 500});
}

TEST_CASE("An operation smaller than the FIFO is not overlapped") {
  CHECK(ends_of(with_setup(), 1, 300_B) == Numbers{300 + 2000 + 3000 + 300});
}

TEST_CASE("Command and descriptors pass before the data and results after it") {
  HostModels models = with_setup();
  models.card.command_bytes = 100_B;
  models.card.result_bytes = 60_B;
  models.card.descriptor_bytes = 10_B;  // command, source, destination and result: each is read, and written back
  CHECK(ends_of(models, 1, 10'000_B) == Numbers{140 + 500 + 2000 + 100'000 + 500 + 100});
}

TEST_CASE("An MCR moves itself, each further packet, each packet's context and chained segments, and its flags back") {
  const auto numbers = in_child([] {
    HostModels models = with_setup();
    make_ubsec(models.card);
    models.card.command_bytes = 1000_B;
    models.card.packet_bytes = 100_B;
    models.card.context_bytes = 10_B;
    models.card.descriptor_bytes = 1_B;
    models.card.result_bytes = 10'000_B;
    ExampleHost host(models);
    std::vector<AcceleratorOperation> command;
    command.push_back(operation_of(host, 50'000_B));
    command.push_back(operation_of(host, 50'000_B, 3));  // two more than the first, of source and of destination
    Accelerator& card = host.cards.front()->device;
    card.on_interrupt([] {});
    ensure(card.submit(std::move(command)), "the card is full");
    host.run_devices();
    return Numbers{host.ledger.snapshot().at("bus.pci0.bytes") - 4 * 50'000};
  });
  CHECK(numbers == Numbers{1000 + 100 + 2 * 10 + 4 * 1 + 10'000});
}

TEST_CASE("An idle card sees a new operation when it next looks") {
  const auto numbers = in_child([] {
    HostModels models = with_setup();
    models.card.poll_interval = 700_ns;
    ExampleHost host(models);
    Accelerator& card = host.cards.front()->device;
    Numbers ends;
    card.on_interrupt([&] { ends.push_back(host.clock.now().count); });
    host.tasks.start([](ExampleHost& at, Accelerator& device) -> Task<> {
      co_await at.clock.delay(1500_ns);
      std::vector<AcceleratorOperation> command(1, operation_of(at, 10'000_B));
      device.submit(std::move(command));
    }(host, card));
    host.run_devices();
    return ends;
  });
  REQUIRE(numbers.size() == 1);
  // At an instant that is not known, but never before the operation is there nor an interval after it.
  CHECK(numbers[0] > 1500 + 103'000);
  CHECK(numbers[0] <= 1500 + 700 + 103'000);
}

TEST_CASE("A card that polls reads a descriptor each time and only while there is something to come") {
  const auto numbers = in_child([] {
    HostModels models = with_setup();
    models.card.poll_interval = 700_ns;
    models.card.descriptor_bytes = 10_B;
    ExampleHost host(models);
    Accelerator& card = host.cards.front()->device;
    Numbers result;
    card.on_interrupt([&] {
      result.push_back(host.clock.now().count);
      result.push_back(host.ledger.snapshot().at("bus.pci0.transactions"));
    });
    host.tasks.start([](ExampleHost& at, Accelerator& device) -> Task<> {
      co_await at.clock.delay(1500_ns);
      std::vector<AcceleratorOperation> command(1, operation_of(at, 300_B));
      device.submit(std::move(command));
    }(host, card));
    host.run_devices();
    result.push_back(host.clock.now().count);
    return result;
  });
  // It looks for 10 ns every 700 ns, from some instant of the first interval on, and finds the operation; while the
  // engine works it looks too, since it fetches ahead. Five reads and five writes move descriptors and command, and one
  // burst the data, each way.
  REQUIRE(numbers.size() == 3);
  constexpr std::int64_t worked = 40 + 300 + 2000 + 3000 + 300 + 40;
  const std::int64_t found = numbers[0] - worked;
  CHECK(found > 1500);
  CHECK(found <= 1500 + 710 + 10);
  const std::int64_t looks = numbers[1] - 2 * (5 + 1);
  const std::int64_t during_work = (worked - 340) / 710;
  CHECK(looks >= 2 + during_work);
  CHECK(looks <= 4 + during_work);
  CHECK(numbers[2] == numbers[0]);
}

TEST_CASE("Many operations end at the rate of the engine") {
  const Numbers ends = ends_of(with_setup(), 20, 10'000_B);
  REQUIRE(ends.size() == 20);
  for (std::size_t i = 0; i < ends.size(); ++i) {
    // The last FIFO shares the bus with the fetching of the operation after the next, if there is one.
    const std::int64_t shared = i + 2 < ends.size() ? 500 : 0;
    CHECK(ends[i] == 500 + static_cast<std::int64_t>(i + 1) * 102'000 + 500 + shared);
  }
}

TEST_CASE("A card that fetches nothing ahead leaves its engine idle until the next operation has filled the FIFO") {
  HostModels models = with_setup();
  models.card.fetch_ahead = 0;
  const Numbers ends = ends_of(models, 20, 10'000_B);
  REQUIRE(ends.size() == 20);
  for (std::size_t i = 0; i < ends.size(); ++i) {
    // The last FIFO shares the bus with the fetching of the next operation, if there is one.
    const std::int64_t shared = i + 1 < ends.size() ? 500 : 0;
    CHECK(ends[i] == static_cast<std::int64_t>(i + 1) * (500 + 102'000) + 500 + shared);
  }
}

TEST_CASE("A bus slower than the engine is what limits") {
  HostModels models;
  models.card.engines[cipher_name] = 80'000_Mbit_s;
  const Numbers ends = ends_of(models, 20, 10'000_B);
  REQUIRE(ends.size() == 20);
  // In and out over the same half-duplex bus: 20,000 ns an operation.
  CHECK(ends.back() >= 20 * 20'000);
  CHECK(ends.back() <= 20 * 20'000 + 1000);
}

TEST_CASE("Rings that are full refuse an operation and take one again after another is reaped") {
  struct Limit {
    std::size_t sources;
    std::size_t destinations;
    std::int64_t accepted;
  };
  // 24 commands; 80 sources in tens; 80 destinations in fives and nines, as each takes one more than it has segments.
  for (const Limit& limit : {Limit{1, 1, 24}, Limit{10, 1, 8}, Limit{1, 4, 16}, Limit{1, 8, 8}}) {
    const auto numbers = in_child([&limit] {
      ExampleHost host;
      Accelerator& card = host.cards.front()->device;
      const auto submit = [&] {
        AcceleratorOperation operation = operation_of(host, 1000_B, limit.sources);
        operation.destination = operation_of(host, 1000_B, limit.destinations).destination;
        return card.submit({std::move(operation)});
      };
      std::int64_t accepted = 0;
      while (submit()) ++accepted;
      bool again = false;
      bool further = true;
      card.on_interrupt([&] {
        if (again) return;
        again = card.reap().size() == 1 && submit();
        further = submit();
      });
      host.run_devices();
      return Numbers{accepted, again, further};
    });
    CHECK(numbers == Numbers{limit.accepted, 1, 0});
  }
}

TEST_CASE("Each operation is one transfer to the card and one back") {
  const auto numbers = in_child([] {
    ExampleHost host;
    for (int i = 0; i < 5; ++i) host.cards.front()->device.submit({operation_of(host, 3000_B, 3)});
    host.cards.front()->device.on_interrupt([] {});
    host.run_devices();
    const Ledger& ledger = host.ledger;
    return Numbers{ledger.total(Act::dma_host_to_device),
                   ledger.total(Act::dma_device_to_host),
                   ledger.total(Act::dma_bytes_host_to_device),
                   ledger.total(Act::dma_bytes_device_to_host),
                   ledger.total(Act::memory_read_bytes),
                   ledger.total(Act::memory_write_bytes),
                   ledger.total(Act::paper_dma),
                   host.ledger.snapshot().at("bus.pci0.bytes"),
                   host.ledger.snapshot().at("bus.pci0.transactions")};
  });
  // Bursts of 512 B, 6 of them; descriptors of the command, three sources, three destinations and the result, each way;
  // and the command or the result itself.
  CHECK(numbers == Numbers{5, 5, 15'000, 15'000, 15'000, 15'000, 10, 30'000, 5 * 2 * (6 + 8 + 1)});
}

TEST_CASE("Transformed bytes arrive in order at their places") {
  CHECK(rc::check([] {
    const auto sizes = *rc::gen::container<std::vector<std::int64_t>>(*rc::gen::inRange<std::size_t>(1, 10),
                                                                      rc::gen::inRange<std::int64_t>(1, 3000));
    const auto segments = *rc::gen::inRange<std::size_t>(1, 6);
    const Numbers order = in_child([&] {
      HostModels models;
      models.real_bytes = true;
      ExampleHost host(models);
      Accelerator& card = host.cards.front()->device;
      Numbers result;
      std::vector<Segments> destinations;
      const auto byte_of = [](std::size_t operation, std::size_t place) {
        return static_cast<std::byte>((operation * 31 + place * 7) & 0xFFU);
      };
      for (std::size_t i = 0; i < sizes.size(); ++i) {
        AcceleratorOperation operation = operation_of(host, Bytes(sizes[i]), segments);
        operation.destination = operation_of(host, Bytes(sizes[i]), 1 + i % 4).destination;
        destinations.push_back(operation.destination);
        std::vector<std::byte> content(static_cast<std::size_t>(sizes[i]));
        for (std::size_t place = 0; place < content.size(); ++place) content[place] = byte_of(i, place);
        scatter(content, operation.source);
        operation.transform = [](std::span<std::byte> data) {
          for (std::byte& byte : data) byte = ~byte;
        };
        operation.owner = reinterpret_cast<void*>(i);
        ensure(card.submit({std::move(operation)}), "the rings are full");
      }
      card.on_interrupt([&] {
        for (const AcceleratorOperation& operation : card.reap()) {
          const auto index = reinterpret_cast<std::size_t>(operation.owner);
          result.push_back(static_cast<std::int64_t>(index));
          std::vector<std::byte> content(static_cast<std::size_t>(sizes[index]));
          gather(destinations[index], content);
          for (std::size_t place = 0; place < content.size(); ++place) {
            ensure(content[place] == ~byte_of(index, place), "a byte is not what the transform made of it");
          }
        }
      });
      host.run_devices();
      return result;
    });
    RC_ASSERT(order.size() == sizes.size());
    RC_ASSERT(std::is_sorted(order.begin(), order.end()));
  }));
}
