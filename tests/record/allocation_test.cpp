#include <catch2/catch.hpp>

#include "sealed_stream.hpp"
#include "watched_allocators.hpp"

using namespace cryptopath;
using namespace cryptopath::test;

namespace {

/// Allocations of `records` records, framed and sealed, of sizes that vary.
Allocations while_sealing(const RecordFormat& format, std::size_t records) {
  const TrafficKeys keys = example_keys(format);
  RecordTransform transform(format, keys);
  RecordFraming framing(format, keys.sequence);
  const ByteVector plaintext = pattern(16384);
  ByteVector record(17000);
  const auto seal = [&](std::size_t size) {
    const Frame frame = framing.next(Bytes(static_cast<std::int64_t>(size)));
    transform.seal(frame, std::span(plaintext).first(size),
                   std::span(record).first(static_cast<std::size_t>(frame.size().count)));
  };
  seal(16384);
  const Allocations before = allocations();
  for (std::size_t i = 0; i < records; ++i) seal(i * 97 % 16385);
  const Allocations after = allocations();
  return {after.ours - before.ours, after.libcrypto - before.libcrypto};
}

}  // namespace

TEST_CASE("both allocators are counted") {
  REQUIRE(allocators_are_ours);
  const Allocations before = allocations();
  const RecordFormat format{Protocol::tls_1_2, Suite::aes_128_gcm};
  const RecordTransform transform(format, example_keys(format));
  CHECK(allocations().ours > before.ours);
  CHECK(allocations().libcrypto > before.libcrypto);
}

TEST_CASE("sealing a record allocates nothing whatever the format") {
  for (const RecordFormat& format : protected_formats()) {
    const Allocations made = while_sealing(format, 200);
    INFO(name_of(format));
    CHECK(made.ours == 0);
    CHECK(made.libcrypto == 0);
  }
}

TEST_CASE("opening an SSH packet allocates nothing") {
  for (const RecordFormat& format : protected_formats()) {
    if (format.protocol != Protocol::ssh_2) continue;
    INFO(name_of(format));
    const TrafficKeys keys = example_keys(format);
    auto packets = sealed_records(format, keys, pattern(20'000), {0, 1000, 97});
    RecordReader reader(format, keys);
    REQUIRE(reader.open_in_place(packets[0]));  // the first may set contexts up
    const Allocations before = allocations();
    std::size_t opened = 1;
    for (; opened < packets.size() && reader.open_in_place(packets[opened]); ++opened) continue;
    const Allocations after = allocations();
    CHECK(opened == packets.size());
    CHECK(after.ours == before.ours);
    CHECK(after.libcrypto == before.libcrypto);
  }
}
