// In the example machine the disk positions in 8 ms, reads a byte in 20 ns and a read-ahead is 64 KiB.
#include <catch2/catch.hpp>

#include "example_host.hpp"
#include "in_child.hpp"

using namespace cryptopath;
using namespace cryptopath::sim;
using namespace cryptopath::test;
using namespace cryptopath::literals;

namespace {

Task<> read_file(ExampleHost& host, Bytes piece, std::vector<std::byte>* into) {
  while (host.process.file_left().count > 0) {
    const Bytes size = std::min(piece, host.process.file_left());
    const BufferPointer buffer = host.memory.allocate(size);
    Segments segments = {{buffer, 0_B, size}};
    co_await host.process.read(std::move(segments));
    if (into != nullptr) {
      const auto bytes = buffer->bytes(0_B, size);
      into->insert(into->end(), bytes.begin(), bytes.end());
    }
  }
}

HostModels with_file(Bytes size, bool hot) {
  HostModels models;
  models.file.size = size;
  models.file.in_page_cache = hot;
  models.processor.cache = 0_B;
  return models;
}

/// When the file has been read, the disk's busy time and its interrupts.
Numbers read_all(const HostModels& models, Bytes piece) {
  return in_child([&] {
    ExampleHost host(models);
    host.run(read_file(host, piece, nullptr));
    host.disk.station().check(host.clock.now());
    return Numbers{host.ended.count, host.disk.station().busy().count, host.ledger.total(Act::interrupts),
                   host.ledger.total(Act::dma_bytes_device_to_host)};
  });
}

}  // namespace

TEST_CASE("A cold sequential read positions once and then streams at the media's rate") {
  const std::int64_t size = 1024 * 1024 + 1000;
  const std::int64_t media = 8'000'000 + size * 20;
  for (const Bytes piece : {4096_B, 65'536_B, 100'000_B}) {
    const Numbers numbers = read_all(with_file(Bytes(size), false), piece);
    // Copying is twice the size at 8 B/ns. When the disk has ended, it is at most a read-ahead, the rest of 1000 B and
    // a piece behind.
    CHECK(numbers.at(0) > media);
    CHECK(numbers.at(0) <= media + 2 * (65'536 + 1000 + piece.count) / 8);
    CHECK(numbers.at(1) == media);
    CHECK(numbers.at(2) == 17);
    CHECK(numbers.at(3) == size);
  }
}

TEST_CASE("A disk request costs a register write and its interrupt a register read") {
  const auto transactions_and_time = [](Nanoseconds write, Nanoseconds read) {
    HostModels models = with_file(1_MiB, false);
    models.kernel.device_register_write = write;
    models.kernel.device_register_read = read;
    models.kernel.file_read = 100_ms;  // the disk is idle when the next read begins
    return in_child([&] {
      ExampleHost host(models);
      host.run(read_file(host, 65'536_B, nullptr));
      return Numbers{host.ledger.snapshot().at("bus.pci1.transactions"), host.ledger.total(Act::cpu_interrupt_ns),
                     host.ledger.total(Act::cpu_kernel_ns)};
    });
  };
  const Numbers free = transactions_and_time(0_ns, 0_ns);
  const Numbers costly = transactions_and_time(1000_ns, 200_ns);
  // 16 read-aheads, each in bursts of 512 B with a descriptor.
  CHECK(free.at(0) == 16 * (65'536 / 512 + 1) + 16 + 16);
  CHECK(costly.at(1) - free.at(1) == 16 * 200);
  CHECK(costly.at(2) - free.at(2) == 16 * 1000);
}

TEST_CASE("A reader slower than the disk does not wait for it but for the first piece") {
  HostModels models = with_file(1_MiB, false);
  models.kernel.file_read = 5_ms;  // a read-ahead takes 1.3 ms
  const Numbers numbers = read_all(models, 65'536_B);
  const std::int64_t first = 5'000'000 + 8'000'000 + 65'536 * 20;
  // A copy is twice its size for memory. The disk moves the next piece to memory at 1 B/ns meanwhile, so that 7 of
  // memory's 8 B/ns are left, but for the last.
  const std::int64_t copies = 15 * ((2 * 65'536 + 6) / 7) + 2 * 65'536 / 8;
  // An interrupt's register read is a cycle of the bus, 8 ns. At the first the disk has the next read-ahead to move,
  // which takes half of the bus; at the others it has ended.
  const std::int64_t interrupts = 2 * 8 + 15 * 8;
  CHECK(numbers.at(0) == first + 15 * 5'000'000 + copies + interrupts);
}

TEST_CASE("A hot read does no disk transfer") {
  const Numbers numbers = read_all(with_file(1_MiB, true), 8192_B);
  // Without a cache a byte is read and written; the place where it is written is not read.
  CHECK(numbers == Numbers{2 * 1024 * 1024 / 8, 0, 0, 0});
}

TEST_CASE("Hot and cold reads bring the same bytes") {
  for (const bool hot : {true, false}) {
    for (const Bytes piece : {1_B, 4095_B, 70'001_B}) {
      const Bytes size = piece == 1_B ? 5000_B : 150'000_B;
      CHECK(in_child([&] {
              HostModels models = with_file(size, hot);
              models.real_bytes = true;
              ExampleHost host(models);
              std::vector<std::byte> found;
              host.run(read_file(host, piece, &found));
              std::vector<std::byte> expected(static_cast<std::size_t>(size.count));
              host.source.read(0, expected);
              return Numbers{found == expected};
            }) == Numbers{1});
    }
  }
}
