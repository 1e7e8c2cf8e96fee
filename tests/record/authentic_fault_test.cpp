// Records that authenticate and are wrong all the same: what only a sender with the keys can make.
#include <catch2/catch.hpp>

#include "ssh_packets.hpp"

using namespace cryptopath;
using namespace cryptopath::test;

namespace {

constexpr std::size_t largest = 16384;

bool is_tls_1_3(const RecordFormat& format) { return format.protocol == Protocol::tls_1_3; }
bool is_cbc(const RecordFormat& format) { return name_of(format.suite).find("-cbc-") != std::string_view::npos; }

std::vector<RecordFormat> tls_formats() {
  std::vector<RecordFormat> formats;
  for (const RecordFormat& format : protected_formats()) {
    if (name_of(format.protocol).find("tls") != std::string_view::npos) formats.push_back(format);
  }
  return formats;
}

std::size_t header_size(const RecordFormat& format) { return format.protocol == Protocol::dtls_1_2 ? 13 : 5; }

/// A frame with more than a record may hold: 16 bytes more leave the padding of every suite as it is.
Frame frame_beyond(const RecordFormat& format, std::uint64_t sequence, std::size_t sixteens) {
  Frame frame = frame_of(format, sequence, largest);
  frame.plaintext += Bytes(static_cast<std::int64_t>(16 * sixteens));
  return frame;
}

/// A record around `plaintext`, sealed once `alter` has changed what is framed.
template <class Alter>
ByteVector altered(const RecordFormat& format, const TrafficKeys& keys, const Frame& frame,
                   std::span<const std::byte> plaintext, Alter alter) {
  RecordTransform transform(format, keys);
  ByteVector record(static_cast<std::size_t>(frame.size().count));
  std::ranges::copy(plaintext, record.begin() + frame.plaintext_offset().count);
  transform.write_framing(frame, record);
  alter(std::span(record));
  transform.seal_in_place(frame, record);
  return record;
}

ByteVector long_record(const RecordFormat& format, const TrafficKeys& keys, std::size_t sixteens) {
  const Frame frame = frame_beyond(format, keys.sequence, sixteens);
  return altered(format, keys, frame, pattern(largest + 16 * sixteens), [](auto) {});
}

/// Opens the record and checks that nothing is left of its plaintext.
Rejection rejection_without_trace(const RecordFormat& format, const TrafficKeys& keys, ByteVector record,
                                  std::span<const std::byte> plaintext) {
  const Opened opened = opened_record(format, keys, record);
  CHECK(opened.plaintext.empty());
  if (!name_of(format.suite).starts_with("null")) {
    CHECK_FALSE(contains(record, plaintext.first(plaintext.size() / 2)));
    CHECK_FALSE(contains(record, plaintext.last(plaintext.size() / 2)));
  }
  return opened.rejection;
}

}  // namespace

TEST_CASE("an authentic CBC record of TLS with any bit of its padding flipped is rejected without a trace") {
  for (const RecordFormat& format : tls_formats()) {
    if (!is_cbc(format)) continue;
    INFO(name_of(format));
    const TrafficKeys keys = example_keys(format);
    const ByteVector plaintext = pattern(42);
    const Frame frame = frame_of(format, keys.sequence, plaintext.size());
    const auto padding = static_cast<std::size_t>(frame.trailer.count);
    const auto start = static_cast<std::size_t>((frame.plaintext_offset() + frame.plaintext + frame.mac).count);
    for (std::size_t bit = 0; bit < 8 * padding; ++bit) {
      INFO("bit " << bit);
      const ByteVector record = altered(format, keys, frame, plaintext, [&](std::span<std::byte> framed) {
        framed[start + bit / 8] ^= std::byte(1 << bit % 8);
      });
      CHECK(rejection_without_trace(format, keys, record, plaintext) == Rejection::not_authentic);
    }
  }
}

TEST_CASE("under TLS's encrypt-then-MAC padding of any length that fits is taken and no longer one") {
  for (const RecordFormat& format : tls_formats()) {
    if (!format.encrypt_then_mac) continue;
    INFO(name_of(format));
    const TrafficKeys keys = example_keys(format);
    const Frame frame = frame_of(format, keys.sequence, 47);
    const auto inside = static_cast<std::size_t>(frame.enciphered().count);
    REQUIRE(inside == 48);
    for (std::size_t last = 0; last < 256; ++last) {
      INFO("padding of " << last + 1);
      // The IV too, so that in front of the text stands what longer padding would have there.
      const ByteVector record = altered(format, keys, frame, {}, [&](std::span<std::byte> framed) {
        std::ranges::fill(framed.subspan(header_size(format), static_cast<std::size_t>(frame.iv.count) + inside),
                          std::byte(last));
      });
      ByteVector received = record;
      const Opened opened = opened_record(format, keys, received);
      CHECK(static_cast<bool>(opened) == (last < inside));
      if (opened) CHECK(opened.plaintext.size() == inside - last - 1);
    }
  }
}

TEST_CASE("authentic records of TLS and DTLS with more than 16 KiB of plaintext overflow without a trace") {
  for (const RecordFormat& format : tls_formats()) {
    INFO(name_of(format));
    const TrafficKeys keys = example_keys(format);
    ByteVector most = long_record(format, keys, 0);
    CHECK(opened_record(format, keys, most).plaintext.size() == largest);
    CHECK(rejection_without_trace(format, keys, long_record(format, keys, 1), pattern(largest + 16)) ==
          Rejection::too_long);
  }
}

TEST_CASE("TLS 1.3 counts content type and zeros among the 16 KiB and one byte of a record") {
  for (const RecordFormat& format : tls_formats()) {
    if (!is_tls_1_3(format)) continue;
    INFO(name_of(format));
    const TrafficKeys keys = example_keys(format);
    Frame frame = frame_of(format, keys.sequence, largest);
    frame.content = ContentType{0};
    ByteVector plaintext = pattern(largest);
    plaintext.back() = std::byte{23};  // the content type, and a zero behind it
    ByteVector most = altered(format, keys, frame, plaintext, [](auto) {});
    CHECK(opened_record(format, keys, most).plaintext.size() == largest - 1);
    frame.plaintext += Bytes(1);
    plaintext.push_back(std::byte{0});
    const ByteVector record = altered(format, keys, frame, plaintext, [](auto) {});
    CHECK(rejection_without_trace(format, keys, record, plaintext) == Rejection::too_long);
  }
}

TEST_CASE("a length that no record of TLS may have overflows before anything is deciphered") {
  for (const RecordFormat& format : tls_formats()) {
    INFO(name_of(format));
    const TrafficKeys keys = example_keys(format);
    const std::size_t most = largest + (is_tls_1_3(format) ? 256 : 2048);  // RFC 8446, 5.2; RFC 5246, 6.2.3
    const auto rejection = [&](std::size_t length) {
      ByteVector record = sealed_record(format, keys, pattern(40));
      record.resize(header_size(format) + length);
      record[header_size(format) - 2] = std::byte(length >> 8);
      record[header_size(format) - 1] = std::byte(length & 0xff);
      return opened_record(format, keys, record).rejection;
    };
    CHECK(rejection(most) == Rejection::not_authentic);
    CHECK(rejection(most + 1) == Rejection::too_long);
  }
}

TEST_CASE("an authentic record of TLS 1.3 without a fitting content type is rejected without a trace") {
  for (const RecordFormat& format : tls_formats()) {
    if (!is_tls_1_3(format)) continue;
    INFO(name_of(format));
    const TrafficKeys keys = example_keys(format);
    for (const int content : {1, 20, 24, 255}) {
      Frame frame = frame_of(format, keys.sequence, 64);
      frame.content = ContentType(content);
      const ByteVector record = altered(format, keys, frame, pattern(64), [](auto) {});
      CHECK(rejection_without_trace(format, keys, record, pattern(64)) == Rejection::wrong_type);
    }
  }
}

TEST_CASE("an authentic SSH packet whose lengths are wrong is rejected without a trace in every mode") {
  for (const RecordFormat& format : ssh_formats()) {
    INFO(name_of(format));
    const TrafficKeys keys = example_keys(format);
    const ByteVector payload = pattern(40);
    const Frame frame = frame_of(format, keys.sequence, payload.size());
    const auto rejection = [&](std::size_t place, int value) {
      const ByteVector packet =
          altered(format, keys, frame, payload, [&](std::span<std::byte> framed) { framed[place] = std::byte(value); });
      return rejection_without_trace(format, keys, packet, payload);
    };
    constexpr std::size_t padding_length = 4;
    for (const int padding : {0, 3, 255}) CHECK(rejection(padding_length, padding) == Rejection::malformed);
    CHECK(rejection(3, 1) == Rejection::malformed);
    CHECK(rejection(1, 1) == Rejection::too_long);
  }
}
