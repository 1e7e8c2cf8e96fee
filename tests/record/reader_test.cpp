// What a reader rejects, and by which name.
#include <rapidcheck.h>

#include <catch2/catch.hpp>

#include "sealed_stream.hpp"

using namespace cryptopath;
using namespace cryptopath::test;

namespace {

constexpr RecordFormat tls_gcm{Protocol::tls_1_2, Suite::aes_128_gcm};
constexpr RecordFormat dtls_gcm{Protocol::dtls_1_2, Suite::aes_128_gcm};

}  // namespace

TEST_CASE("a record with any bit flipped is rejected") {
  for (const RecordFormat& format : protected_formats()) {
    INFO(name_of(format));
    const TrafficKeys keys = example_keys(format);
    const ByteVector record = sealed_record(format, keys, pattern(41));
    for (std::size_t bit = 0; bit < record.size() * 8; ++bit) {
      ByteVector tampered = record;
      tampered[bit / 8] ^= std::byte(1 << bit % 8);
      INFO("bit " << bit);
      CHECK_FALSE(opened_record(format, keys, tampered));
    }
    ByteVector whole = record;
    CHECK(opened_record(format, keys, whole));
  }
}

TEST_CASE("a rejected record leaves no plaintext behind") {
  for (const RecordFormat& format : protected_formats()) {
    if (name_of(format.suite).starts_with("null")) continue;  // whose plaintext stood in the record from the start
    INFO(name_of(format));
    const TrafficKeys keys = example_keys(format);
    const ByteVector plaintext = pattern(4096);
    for (const std::size_t from_end : {std::size_t{1}, std::size_t{2000}}) {
      ByteVector record = sealed_record(format, keys, plaintext);
      record[record.size() - from_end] ^= std::byte{1};
      REQUIRE_FALSE(opened_record(format, keys, record));
      CHECK_FALSE(contains(record, std::span(plaintext).first(1024)));  // the flipped bit lies behind it
    }
  }
}

TEST_CASE("a record cut short or grown is rejected") {
  for (const RecordFormat& format : protected_formats()) {
    INFO(name_of(format));
    const TrafficKeys keys = example_keys(format);
    const ByteVector record = sealed_record(format, keys, pattern(50));
    for (std::size_t size = 0; size < record.size() + 20; ++size) {
      if (size == record.size()) continue;
      INFO("size " << size);
      ByteVector changed = record;
      changed.resize(size);
      CHECK_FALSE(opened_record(format, keys, changed));
    }
  }
}

TEST_CASE("a TLS record cut short or grown is rejected even with a fitting length") {
  for (const RecordFormat& format : protected_formats()) {
    const bool dtls = format.protocol == Protocol::dtls_1_2;
    if (!dtls && !name_of(format.protocol).starts_with("tls")) continue;
    INFO(name_of(format));
    const std::size_t header = dtls ? 13 : 5;
    const TrafficKeys keys = example_keys(format);
    const ByteVector record = sealed_record(format, keys, pattern(50));
    for (std::size_t size = header; size < record.size() + 20; ++size) {
      if (size == record.size()) continue;
      INFO("size " << size);
      ByteVector changed = record;
      changed.resize(size);
      changed[header - 2] = std::byte{0};
      changed[header - 1] = static_cast<std::byte>(size - header);
      CHECK(opened_record(format, keys, changed).rejection == Rejection::not_authentic);
    }
  }
}

TEST_CASE("a record opens under its own sequence number and keys only") {
  for (const RecordFormat& format : protected_formats()) {
    INFO(name_of(format));
    const TrafficKeys keys = example_keys(format);
    ByteVector record = sealed_record(format, keys, pattern(50));
    CHECK_FALSE(opened_record(format, example_keys(format, 100), record));
    if (in_datagrams(format.protocol)) continue;
    // SSH's GCM counts from the IV of its keys on, whatever the sequence number (RFC 5647, 7.1).
    if (format.protocol == Protocol::ssh_2 && name_of(format.suite).ends_with("gcm")) continue;
    TrafficKeys later = keys;
    later.sequence += 1;
    record = sealed_record(format, keys, pattern(50));
    CHECK(opened_record(format, later, record).rejection == Rejection::not_authentic);
  }
}

TEST_CASE("a stream with a record repeated or left out or swapped is closed") {
  for (const RecordFormat& format : protected_formats()) {
    if (in_datagrams(format.protocol)) continue;
    INFO(name_of(format));
    const TrafficKeys keys = example_keys(format);
    const auto records = sealed_records(format, keys, pattern(90), {30});
    for (const std::vector<std::size_t>& order :
         {std::vector<std::size_t>{0, 0}, std::vector<std::size_t>{0, 2}, std::vector<std::size_t>{1}}) {
      RecordReader reader(format, keys);
      Opened last;
      for (const std::size_t i : order) {
        ByteVector record = records[i];
        last = reader.open_in_place(record);
      }
      CHECK_FALSE(last);
      ByteVector good = records[1];
      CHECK(reader.open_in_place(good).rejection == Rejection::closed);
    }
  }
}

TEST_CASE("datagrams open in any order and each once") {
  for (const RecordFormat& format : protected_formats()) {
    if (!in_datagrams(format.protocol)) continue;
    INFO(name_of(format));
    const TrafficKeys keys = example_keys(format);
    const auto records = sealed_records(format, keys, pattern(200), {10});
    RecordReader reader(format, keys);
    const auto open = [&](std::size_t i) {
      ByteVector record = records[i];
      return reader.open_in_place(record).rejection;
    };
    CHECK(open(3) == Rejection::none);
    CHECK(open(0) == Rejection::none);
    CHECK(open(3) == Rejection::replayed);
    CHECK(open(19) == Rejection::none);
    CHECK(open(0) == Rejection::replayed);
    CHECK(open(7) == Rejection::none);
  }
}

TEST_CASE("the replay window holds the last 64 sequence numbers") {
  for (const RecordFormat& format : protected_formats()) {
    if (!in_datagrams(format.protocol)) continue;
    INFO(name_of(format));
    const TrafficKeys keys = example_keys(format);
    const auto records = sealed_records(format, keys, pattern(700), {10});
    RecordReader reader(format, keys);
    const auto open = [&](std::size_t i) {
      ByteVector record = records[i];
      return reader.open_in_place(record).rejection;
    };
    CHECK(open(68) == Rejection::none);
    CHECK(open(4) == Rejection::replayed);  // 64 before the highest: too old to know
    CHECK(open(5) == Rejection::none);      // 63 before it
    CHECK(open(5) == Rejection::replayed);
    CHECK(open(69) == Rejection::none);
    CHECK(open(6) == Rejection::none);
  }
}

TEST_CASE("datagrams from before the keys were taken over count as seen") {
  for (const RecordFormat& format : protected_formats()) {
    if (!in_datagrams(format.protocol)) continue;
    INFO(name_of(format));
    TrafficKeys keys = example_keys(format);
    auto records = sealed_records(format, keys, pattern(60), {10});
    keys.sequence += 3;
    RecordReader reader(format, keys);
    CHECK(reader.open_in_place(records[2]).rejection == Rejection::replayed);
    CHECK(reader.open_in_place(records[4]));
    CHECK(reader.open_in_place(records[3]));
    CHECK(reader.open_in_place(records[1]).rejection == Rejection::replayed);
  }
}

TEST_CASE("a forged datagram does not move the window") {
  const TrafficKeys keys = example_keys(dtls_gcm);
  const auto records = sealed_records(dtls_gcm, keys, pattern(20), {10});
  RecordReader reader(dtls_gcm, keys);
  ByteVector forged = records[0];
  forged[8] = std::byte{0xff};  // a sequence number far ahead
  CHECK(reader.open_in_place(forged).rejection == Rejection::not_authentic);
  ByteVector good = records[0];
  CHECK(reader.open_in_place(good));
}

TEST_CASE("the replay window accepts each number once as a set would") {
  CHECK(rc::check([] {
    const TrafficKeys keys = example_keys(dtls_gcm);
    const auto records = sealed_records(dtls_gcm, keys, pattern(300), {1});
    RecordReader reader(dtls_gcm, keys);
    std::vector<bool> seen(records.size());
    std::size_t highest = 0;
    for (int i = 0; i < 100; ++i) {
      const auto which = *rc::gen::inRange<std::size_t>(0, records.size());
      ByteVector record = records[which];
      const bool fresh = !seen[which] && which + 64 > highest;
      RC_ASSERT(static_cast<bool>(reader.open_in_place(record)) == fresh);
      if (!fresh) continue;
      seen[which] = true;
      highest = std::max(highest, which);
    }
  }));
}

TEST_CASE("each fault of a TLS record has the alert that the RFC names") {
  const TrafficKeys keys = example_keys(tls_gcm);
  const ByteVector record = sealed_record(tls_gcm, keys, pattern(20));
  const auto alert = [&](std::size_t place, int value) {
    ByteVector changed = record;
    changed[place] = std::byte(value);
    return name_of(opened_record(tls_gcm, keys, changed).rejection, Protocol::tls_1_2);
  };
  CHECK(alert(0, 24) == "unexpected_message");
  CHECK(alert(1, 4) == "protocol_version");
  CHECK(alert(2, 1) == "protocol_version");
  CHECK(alert(3, 0x48) == "record_overflow");  // more than 2^14 + 2048
  CHECK(alert(4, 7) == "decode_error");
  CHECK(alert(5, 99) == "bad_record_mac");
  ByteVector header(record.begin(), record.begin() + 4);
  CHECK(name_of(opened_record(tls_gcm, keys, header).rejection, Protocol::tls_1_2) == "decode_error");
}

TEST_CASE("each fault of a DTLS record is a reason to discard it") {
  const TrafficKeys keys = example_keys(dtls_gcm);
  const ByteVector record = sealed_record(dtls_gcm, keys, pattern(20));
  const auto rejection = [&](std::size_t place, int value) {
    ByteVector changed = record;
    changed[place] = std::byte(value);
    return opened_record(dtls_gcm, keys, changed).rejection;
  };
  CHECK(rejection(0, 24) == Rejection::wrong_type);
  CHECK(rejection(1, 3) == Rejection::wrong_version);
  CHECK(rejection(4, 2) == Rejection::wrong_epoch);
  CHECK(rejection(4, 0) == Rejection::wrong_epoch);
  CHECK(rejection(11, 0x48) == Rejection::too_long);
  CHECK(rejection(12, 7) == Rejection::malformed);
  CHECK(rejection(20, 99) == Rejection::not_authentic);
  for (int i = 1; i < static_cast<int>(Rejection::exhausted); ++i) {
    CHECK(name_of(static_cast<Rejection>(i), Protocol::dtls_1_2).starts_with("discarded: "));
  }
  CHECK(name_of(Rejection::not_authentic, Protocol::dtls_1_2) == "discarded: bad_record_mac");
}

TEST_CASE("DTLS seals and opens records of its keys' epoch only and up to the epoch's last number") {
  constexpr std::uint64_t epoch = std::uint64_t{1} << 48;
  for (const RecordFormat& format : protected_formats()) {
    if (format.protocol != Protocol::dtls_1_2) continue;
    INFO(name_of(format));
    const TrafficKeys keys = example_keys(format);
    RecordTransform transform(format, keys);
    for (const std::uint64_t foreign : {std::uint64_t{1}, 2 * epoch + 1}) {
      const Frame frame = frame_of(format, foreign, 10);
      ByteVector record(static_cast<std::size_t>(frame.size().count));
      CHECK_THROWS_AS(transform.write_framing(frame, record), Fault);
      CHECK_THROWS_AS(transform.seal_in_place(frame, record), Fault);
      TrafficKeys others = keys;
      others.sequence = foreign;
      record = sealed_record(format, others, pattern(10));
      CHECK(opened_record(format, keys, record).rejection == Rejection::wrong_epoch);
    }
    // The project's sender stops before it, another one may take it (RFC 6347, 4.1).
    ByteVector last = sealed(transform, frame_of(format, 2 * epoch - 1, 10), pattern(10));
    CHECK(opened_record(format, keys, last).sequence == 2 * epoch - 1);
    RecordFraming framing(format, 2 * epoch - 1);
    CHECK_THROWS_AS(framing.next(Bytes(10)), Fault);
  }
}

TEST_CASE("TLS 1.3 wants one content type behind any zeros") {
  const RecordFormat format{Protocol::tls_1_3, Suite::aes_128_gcm};
  const TrafficKeys keys = example_keys(format);
  // A sender's zeros (RFC 8446, 5.4): plaintext that ends in its own content type and zeros, sealed as content type 0.
  const auto opened = [&](std::vector<int> inner) {
    ByteVector plaintext(inner.size() - 1);
    std::ranges::transform(inner.begin(), inner.end() - 1, plaintext.begin(), [](int byte) { return std::byte(byte); });
    RecordTransform transform(format, keys);
    RecordFraming framing(format, keys.sequence);
    ByteVector record =
        sealed(transform, framing.next(size_of(plaintext), static_cast<ContentType>(inner.back())), plaintext);
    const Opened result = opened_record(format, keys, record);
    return std::pair(result.rejection, result.plaintext.size());
  };
  CHECK(opened({1, 2, 3, 23}) == std::pair(Rejection::none, std::size_t{3}));
  CHECK(opened({1, 2, 23, 0, 0, 0}) == std::pair(Rejection::none, std::size_t{2}));
  CHECK(opened({23, 0}) == std::pair(Rejection::none, std::size_t{0}));
  CHECK(opened({21}) == std::pair(Rejection::wrong_type, std::size_t{0}));  // an empty alert
  CHECK(opened({22, 0}) == std::pair(Rejection::wrong_type, std::size_t{0}));
  CHECK(opened({0, 0, 0}) == std::pair(Rejection::wrong_type, std::size_t{0}));
  CHECK(opened({1, 20}) == std::pair(Rejection::wrong_type, std::size_t{0}));
  CHECK(opened({1, 99}) == std::pair(Rejection::wrong_type, std::size_t{0}));
}

TEST_CASE("a reader whose sequence numbers have run out reads no more") {
  for (const RecordFormat& format : protected_formats()) {
    if (in_datagrams(format.protocol)) continue;
    INFO(name_of(format));
    const std::uint64_t last = format.protocol == Protocol::ssh_2 ? 0xffff'ffff : ~std::uint64_t{0};
    TrafficKeys keys = example_keys(format);
    keys.sequence = last - 1;
    RecordReader reader(format, keys);
    ByteVector record = sealed_record(format, keys, pattern(10));
    CHECK(reader.open_in_place(record));
    // Nobody seals the one that would be next.
    CHECK_THROWS_AS(RecordTransform(format, keys).seal(frame_of(format, last, 10), pattern(10), record), Fault);
    CHECK(reader.open_in_place(record).rejection == Rejection::exhausted);
    CHECK(reader.open_in_place(record).rejection == Rejection::closed);
  }
}

TEST_CASE("every rejection has a name in every protocol") {
  for (const Protocol protocol : all_protocols()) {
    for (int i = 0; i <= static_cast<int>(Rejection::closed); ++i) {
      CHECK_FALSE(name_of(static_cast<Rejection>(i), protocol).empty());
    }
  }
}

TEST_CASE("a stream's reader tells the size of each record in its turn from the record's start") {
  for (const RecordFormat& format : protected_formats()) {
    if (in_datagrams(format.protocol)) continue;
    INFO(name_of(format));
    const TrafficKeys keys = example_keys(format);
    RecordReader reader(format, keys);
    for (ByteVector record : sealed_records(format, keys, pattern(400), {100, 1, 299})) {
      CHECK(reader.next_size(record) == size_of(record));
      CHECK(reader.open_in_place(record));
    }
  }
}

TEST_CASE("a datagram of a few bytes is discarded and not read beyond its end") {
  for (const RecordFormat& format : protected_formats()) {
    if (!in_datagrams(format.protocol)) continue;
    INFO(name_of(format));
    const TrafficKeys keys = example_keys(format);
    const ByteVector good = sealed_record(format, keys, pattern(1));
    for (std::size_t size = 0; size < good.size(); ++size) {
      ByteVector cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));  // AddressSanitizer sees its end
      CHECK_FALSE(RecordReader(format, keys).open_in_place(cut));
    }
  }
}
