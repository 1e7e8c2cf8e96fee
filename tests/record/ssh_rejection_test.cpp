// SSH packets that a receiver must not take.
#include <catch2/catch.hpp>

#include "ssh_packets.hpp"

using namespace cryptopath;
using namespace cryptopath::test;

namespace {

/// Opens `record` with a fresh reader and checks that it leaves no plaintext and ends the connection.
Rejection rejection_of(const RecordFormat& format, const TrafficKeys& keys, ByteVector record,
                       std::span<const std::byte> payload) {
  RecordReader reader(format, keys);
  const Opened opened = reader.open_in_place(record);
  CHECK(opened.plaintext.empty());
  // Without a cipher the packet was in clear before it came.
  if (!name_of(format.suite).starts_with("null")) {
    CHECK_FALSE(contains(record, payload.first(payload.size() / 2)));
    CHECK_FALSE(contains(record, payload.last(payload.size() / 2)));
  }
  ByteVector good = sealed_record(format, keys, payload);
  CHECK(reader.open_in_place(good).rejection == Rejection::closed);
  return opened.rejection;
}

/// A packet in clear with an authentic MAC, whatever its lengths are.
ByteVector authentic_packet(const TrafficKeys& keys, std::uint32_t packet_length, std::uint8_t padding_length,
                            std::size_t size) {
  ByteVector packet = pattern(size, 9);
  for (std::size_t i = 0; i < 4; ++i) packet[i] = std::byte(packet_length >> (24 - 8 * i) & 0xff);
  packet[4] = std::byte(padding_length);
  const ByteVector mac = packet_mac(keys, static_cast<std::uint32_t>(keys.sequence), packet);
  packet.insert(packet.end(), mac.begin(), mac.end());
  return packet;
}

}  // namespace

TEST_CASE("an SSH packet with any bit flipped is rejected and nothing is read after it") {
  for (const RecordFormat& format : ssh_formats()) {
    CAPTURE(name_of(format));
    const TrafficKeys keys = example_keys(format);
    const ByteVector payload = pattern(24, 5);
    const ByteVector record = sealed_record(format, keys, payload);
    for (std::size_t bit = 0; bit < 8 * record.size(); ++bit) {
      ByteVector altered = record;
      altered[bit / 8] ^= std::byte(1U << bit % 8);
      const Rejection why = rejection_of(format, keys, altered, payload);
      CAPTURE(bit);
      // Lengths that were enciphered tell nothing (CVE-2008-5161), those in clear are wrong before any MAC is.
      if (bit >= 32 || !length_in_clear(format)) {
        CHECK(why == Rejection::not_authentic);
      } else {
        CHECK(why == (bit < 16 ? Rejection::too_long : Rejection::malformed));
      }
    }
  }
}

TEST_CASE("an SSH packet cut to any length or with bytes behind it is rejected") {
  for (const RecordFormat& format : ssh_formats()) {
    CAPTURE(name_of(format));
    const TrafficKeys keys = example_keys(format);
    const ByteVector payload = pattern(24, 5);
    ByteVector record = sealed_record(format, keys, payload);
    for (std::size_t size = 0; size < record.size(); ++size) {
      CAPTURE(size);
      const Rejection why =
          rejection_of(format, keys, {record.begin(), record.begin() + static_cast<long>(size)}, payload);
      CHECK((why == Rejection::malformed || why == Rejection::not_authentic));
    }
    for (int more = 0; more < 33; ++more) {
      record.push_back(std::byte{0});
      const Rejection why = rejection_of(format, keys, record, payload);
      CHECK((why == Rejection::malformed || why == Rejection::not_authentic));
    }
  }
}

TEST_CASE("an SSH packet that comes early or twice does not authenticate and closes the connection") {
  for (const RecordFormat& format : ssh_formats()) {
    CAPTURE(name_of(format));
    const TrafficKeys keys = example_keys(format);
    const auto records = sealed_records(format, keys, pattern(80), {40});
    ByteVector first = records[0];
    ByteVector second = records[1];
    RecordReader early(format, keys);
    CHECK(early.open_in_place(second).rejection == Rejection::not_authentic);
    CHECK(early.open_in_place(first).rejection == Rejection::closed);

    first = records[0];
    second = records[1];
    ByteVector again = records[0];
    RecordReader twice(format, keys);
    REQUIRE(twice.open_in_place(first));
    CHECK(twice.open_in_place(again).rejection == Rejection::not_authentic);
    CHECK(twice.open_in_place(second).rejection == Rejection::closed);
  }
}

TEST_CASE("an SSH packet of more than 35000 bytes is too long") {
  for (const RecordFormat& format : ssh_formats()) {
    CAPTURE(name_of(format));
    const TrafficKeys keys = example_keys(format);
    CHECK(rejection_of(format, keys, pattern(35001, 9), pattern(24)) == Rejection::too_long);
    CHECK(name_of(Rejection::too_long, Protocol::ssh_2) == "SSH_DISCONNECT_PROTOCOL_ERROR");
  }
}

TEST_CASE("a length in clear that no SSH packet has is read on to the largest packet") {
  for (const RecordFormat& format : ssh_formats()) {
    const std::string_view suite = name_of(format.suite);
    if (!format.encrypt_then_mac && !suite.starts_with("null") && !suite.ends_with("gcm")) continue;
    CAPTURE(name_of(format));
    for (const std::uint32_t length : {0U, 13U, 34'990U, 0xffff'ffffU}) {  // none, not aligned, too long
      ByteVector start = pattern(64);
      for (std::size_t i = 0; i < 4; ++i) start[i] = std::byte(length >> (24 - 8 * i) & 0xff);
      const std::optional<Bytes> size = RecordReader(format, example_keys(format)).next_size(start);
      REQUIRE(size);
      CHECK(size->count > 35000 - 16);
      CHECK(size->count <= 35000);
    }
  }
}

TEST_CASE("authentic SSH packets whose lengths are wrong are malformed or too long") {
  const RecordFormat format{Protocol::ssh_2, Suite::null_hmac_sha1};
  const TrafficKeys keys = example_keys(format);
  const ByteVector payload = pattern(24);
  const auto why = [&](std::uint32_t packet_length, std::uint8_t padding_length, std::size_t size) {
    return rejection_of(format, keys, authentic_packet(keys, packet_length, padding_length, size), payload);
  };
  CHECK(why(28, 3, 32) == Rejection::malformed);  // padding of less than 4
  CHECK(why(28, 0, 32) == Rejection::malformed);
  CHECK(why(28, 28, 32) == Rejection::malformed);  // no room for padding_length itself
  CHECK(why(28, 255, 32) == Rejection::malformed);
  CHECK(why(27, 8, 32) == Rejection::malformed);
  CHECK(why(20, 8, 32) == Rejection::malformed);
  CHECK(why(0, 8, 32) == Rejection::malformed);
  CHECK(why(36, 8, 32) == Rejection::malformed);
  CHECK(why(8, 4, 12) == Rejection::malformed);     // not a multiple of 8
  CHECK(why(4, 4, 8) == Rejection::malformed);      // less than padding_length and 4 bytes of padding
  CHECK(why(34977, 8, 32) == Rejection::too_long);  // 4 more and the MAC's 20: 35001
  CHECK(why(0xffff'ffff, 8, 32) == Rejection::too_long);

  // What the above differ from by little is taken, and payloads above 32768 bytes in packets of at most 35000.
  for (ByteVector good : {authentic_packet(keys, 28, 4, 32), authentic_packet(keys, 28, 27, 32),
                          authentic_packet(keys, 32780, 10, 32784), authentic_packet(keys, 34972, 4, 34976)}) {
    CHECK(opened_record(format, keys, good));
  }
}

TEST_CASE("SSH's 32-bit sequence numbers are not used past their end") {
  for (const RecordFormat& format : ssh_formats()) {
    CAPTURE(name_of(format));
    TrafficKeys keys = example_keys(format);
    keys.sequence = 0xffff'fffe;
    RecordFraming framing(format, keys.sequence);
    RecordTransform transform(format, keys);
    RecordReader reader(format, keys);
    const ByteVector payload = pattern(24);
    ByteVector last = sealed(transform, framing.next(test::size_of(payload)), payload);
    CHECK(reader.open_in_place(last));
    CHECK_THROWS_AS(framing.next(test::size_of(payload)), Fault);
    CHECK(reader.open_in_place(last).rejection == Rejection::exhausted);
    CHECK(reader.open_in_place(last).rejection == Rejection::closed);
  }
}

TEST_CASE("SSH's rejections have the disconnect reasons of RFC 4253") {
  CHECK(name_of(Rejection::not_authentic, Protocol::ssh_2) == "SSH_DISCONNECT_MAC_ERROR");
  CHECK(name_of(Rejection::malformed, Protocol::ssh_2) == "SSH_DISCONNECT_PROTOCOL_ERROR");
}
