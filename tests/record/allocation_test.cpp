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

/// What libcrypto allocates for one record. Its constant-time MAC of TLS and DTLS needs a new context for each, as its
/// own libssl makes one; docs/records.md says so.
std::size_t while_opening(const RecordFormat& format) {
  const std::string_view suite = name_of(format.suite);
  const bool mac_then_encrypt = has_alerts(format.protocol) && suite.find("-cbc-") != suite.npos;
  if (!mac_then_encrypt || format.encrypt_then_mac) return 0;
  return suite.ends_with("sha1") ? 15 : 17;
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

TEST_CASE("opening a record allocates nothing but libcrypto's copy of a MAC under MAC-then-encrypt") {
  for (const RecordFormat& format : protected_formats()) {
    INFO(name_of(format));
    const TrafficKeys keys = example_keys(format);
    auto records = sealed_records(format, keys, pattern(20'000), {0, 1000, 97});
    RecordReader reader(format, keys);
    REQUIRE(reader.open_in_place(records[0]));  // the first may set contexts up
    for (std::size_t i = 1; i < records.size(); ++i) {
      const Allocations before = allocations();
      const Opened opened = reader.open_in_place(records[i]);
      const Allocations after = allocations();
      REQUIRE(opened);
      CHECK(after.ours == before.ours);
      CHECK(after.libcrypto - before.libcrypto == while_opening(format));
    }
  }
}

TEST_CASE("telling the size of a stream's next record allocates nothing") {
  for (const RecordFormat& format : protected_formats()) {
    if (in_datagrams(format.protocol)) continue;
    INFO(name_of(format));
    const TrafficKeys keys = example_keys(format);
    auto records = sealed_records(format, keys, pattern(20'000), {0, 1000, 97});
    RecordReader reader(format, keys);
    REQUIRE(reader.open_in_place(records[0]));
    for (std::size_t i = 1; i < records.size(); ++i) {
      const Allocations before = allocations();
      const auto size = reader.next_size(records[i]);
      const auto again = reader.next_size(records[i]);
      const Allocations after = allocations();
      CHECK(size == size_of(records[i]));
      CHECK(again == size_of(records[i]));
      CHECK(after.ours == before.ours);
      CHECK(after.libcrypto == before.libcrypto);
      REQUIRE(reader.open_in_place(records[i]));
    }
  }
}
