// SSH's packets: sizes, round trips and how they are sealed. Bad packets: ssh_rejection_test.cpp.
#include <rapidcheck.h>

#include <catch2/catch.hpp>

#include "ssh_packets.hpp"

using namespace cryptopath;
using namespace cryptopath::test;
using namespace cryptopath::literals;

namespace {

struct Example {
  RecordFormat format;
  Bytes payload;
  Bytes padding;
  Bytes packet;  // all of it
};

RecordFormat ssh(Suite suite, bool encrypt_then_mac = false) { return {Protocol::ssh_2, suite, encrypt_then_mac}; }

// Worked by hand. Encrypt-and-MAC: 5 + payload + padding is a multiple of the alignment (RFC 4253, 6). The others leave
// packet_length out: 1 + payload + padding is.
const std::array examples = {
    Example{ssh(Suite::null_hmac_md5), 0_B, 11_B, 16_B + 16_B},  // 5 + 3 has too little padding
    Example{ssh(Suite::null_hmac_sha1), 7_B, 4_B, 16_B + 20_B},
    Example{ssh(Suite::null_hmac_sha256), 8_B, 11_B, 24_B + 32_B},
    Example{ssh(Suite::rc4_hmac_sha1), 100_B, 7_B, 112_B + 20_B},
    Example{ssh(Suite::triple_des_cbc_hmac_md5), 3_B, 8_B, 16_B + 16_B},
    Example{ssh(Suite::triple_des_cbc_hmac_sha1), 100_B, 7_B, 112_B + 20_B},
    Example{ssh(Suite::triple_des_cbc_hmac_sha256), 101_B, 6_B, 112_B + 32_B},
    Example{ssh(Suite::aes_128_cbc_hmac_md5), 7_B, 4_B, 16_B + 16_B},
    Example{ssh(Suite::aes_128_cbc_hmac_sha1), 8_B, 19_B, 32_B + 20_B},
    Example{ssh(Suite::aes_192_cbc_hmac_sha256), 100_B, 7_B, 112_B + 32_B},
    Example{ssh(Suite::aes_256_cbc_hmac_sha256), 32768_B, 11_B, 32784_B + 32_B},
    Example{ssh(Suite::null_hmac_sha1, true), 0_B, 7_B, 4_B + 8_B + 20_B},
    Example{ssh(Suite::rc4_hmac_sha1, true), 3_B, 4_B, 4_B + 8_B + 20_B},
    Example{ssh(Suite::triple_des_cbc_hmac_sha1, true), 100_B, 11_B, 4_B + 112_B + 20_B},
    Example{ssh(Suite::aes_128_cbc_hmac_md5, true), 11_B, 4_B, 4_B + 16_B + 16_B},
    Example{ssh(Suite::aes_128_cbc_hmac_sha1, true), 12_B, 19_B, 4_B + 32_B + 20_B},
    Example{ssh(Suite::aes_256_cbc_hmac_sha256, true), 32768_B, 15_B, 4_B + 32784_B + 32_B},
    Example{ssh(Suite::aes_128_gcm), 12_B, 19_B, 4_B + 32_B + 16_B},
    Example{ssh(Suite::aes_256_gcm), 100_B, 11_B, 4_B + 112_B + 16_B},
    Example{ssh(Suite::chacha20_poly1305), 3_B, 4_B, 4_B + 8_B + 16_B},
    Example{ssh(Suite::chacha20_poly1305), 100_B, 11_B, 4_B + 112_B + 16_B},
};

bool keeps_length_apart(const RecordFormat& format) {
  return length_in_clear(format) || format.suite == Suite::chacha20_poly1305;
}

}  // namespace

TEST_CASE("SSH packets have the sizes that RFC 4253 and OpenSSH's documents ask for") {
  for (const Example& example : examples) {
    CAPTURE(name_of(example.format), example.payload);
    const Frame frame = RecordFraming(example.format, 0).layout(example.payload);
    CHECK(frame.trailer == example.padding);
    CHECK(frame.size() == example.packet);
    const bool apart = keeps_length_apart(example.format);
    CHECK(frame.header == (apart ? 4_B : 0_B));
    CHECK(frame.prefix == (apart ? 1_B : 5_B));
    CHECK(frame.iv + frame.mac == 0_B);
  }
}

TEST_CASE("SSH has 35 formats and pads each as little as its alignment allows") {
  CHECK(ssh_formats().size() == 35);
  CHECK(rc::check("least padding of at least four bytes", [] {
    const auto format = *rc::gen::elementOf(ssh_formats());
    const auto payload = Bytes(*rc::gen::inRange<std::int64_t>(0, 32769));
    const std::string_view suite = name_of(format.suite);
    const std::int64_t alignment = suite.starts_with("aes") ? 16 : 8;
    const Frame frame = RecordFraming(format, 0).layout(payload);
    RC_ASSERT(frame.enciphered().count % alignment == 0);
    RC_ASSERT(frame.trailer >= 4_B);
    RC_ASSERT(frame.trailer < Bytes(4 + alignment));
  }));
  for (const RecordFormat& format : ssh_formats()) CHECK(RecordFraming(format, 0).largest_plaintext() == 32_KiB);
}

TEST_CASE("an SSH packet without a cipher is the one of RFC 4253") {
  const RecordFormat format = ssh(Suite::null_hmac_sha1);
  TrafficKeys keys = example_keys(format);
  keys.sequence = 0xabcdef;
  const ByteVector payload = pattern(3);
  const ByteVector record = sealed_record(format, keys, payload);
  REQUIRE(record.size() == 16 + 20);
  const auto number = [&](std::size_t place) { return std::to_integer<unsigned>(record[place]); };
  CHECK((number(0) | number(1) | number(2)) == 0);
  CHECK(number(3) == 12);
  CHECK(number(4) == 8);
  CHECK(std::equal(payload.begin(), payload.end(), record.begin() + 5));
  CHECK(ByteVector(record.begin() + 16, record.end()) == packet_mac(keys, 0xabcdef, std::span(record).first(16)));
}

TEST_CASE("what SSH seals in any format opens again packet by packet") {
  for (const RecordFormat& format : ssh_formats()) {
    CAPTURE(name_of(format));
    CHECK(rc::check([format] {
      TrafficKeys keys = example_keys(format, *rc::gen::arbitrary<std::uint32_t>());
      keys.sequence = *rc::gen::inRange<std::uint64_t>(0, 0xffff'ff00);
      RecordTransform transform(format, keys);
      RecordFraming framing(format, keys.sequence);
      RecordReader reader(format, keys);
      const auto packets = *rc::gen::inRange<std::uint64_t>(1, 6);
      for (std::uint64_t i = 0; i < packets; ++i) {
        const auto any_size = rc::gen::weightedOneOf<std::size_t>(
            {{9, rc::gen::inRange<std::size_t>(0, 80)}, {1, rc::gen::inRange<std::size_t>(0, 32769)}});
        const ByteVector payload = pattern(*any_size, i);
        ByteVector record = sealed(transform, framing.next(test::size_of(payload)), payload);
        const Opened opened = reader.open_in_place(record);
        RC_ASSERT(opened.rejection == Rejection::none);
        RC_ASSERT(opened.content == ContentType::application_data);
        RC_ASSERT(opened.sequence == keys.sequence + i);
        RC_ASSERT(std::ranges::equal(opened.plaintext, payload));
      }
    }));
  }
}

TEST_CASE("the largest SSH payload round trips in every format") {
  for (const RecordFormat& format : ssh_formats()) {
    CAPTURE(name_of(format));
    const TrafficKeys keys = example_keys(format);
    const ByteVector payload = pattern(32768);
    ByteVector record = sealed_record(format, keys, payload);
    CHECK(record.size() <= 35000);
    CHECK(std::ranges::equal(opened_record(format, keys, record).plaintext, payload));
  }
}

TEST_CASE("SSH's enciphered packets show neither payload nor their length where the mode hides it") {
  for (const RecordFormat& format : ssh_formats()) {
    if (name_of(format.suite).starts_with("null")) continue;
    CAPTURE(name_of(format));
    const ByteVector payload = pattern(64);
    const ByteVector record = sealed_record(format, example_keys(format), payload);
    CHECK(std::ranges::search(record, payload).empty());
    const Frame frame = frame_of(format, 0, payload.size());
    const auto length = static_cast<std::uint32_t>((frame.size() - frame.tag - 4_B).count);
    const std::array<std::byte, 4> in_clear = {std::byte(length >> 24), std::byte(length >> 16 & 0xff),
                                               std::byte(length >> 8 & 0xff), std::byte(length & 0xff)};
    CHECK(std::equal(in_clear.begin(), in_clear.end(), record.begin()) == length_in_clear(format));
  }
}

TEST_CASE("SSH suites that chain are sealed in order or not at all") {
  for (const RecordFormat& format : ssh_formats()) {
    CAPTURE(name_of(format));
    const TrafficKeys keys = example_keys(format);
    const ByteVector first = pattern(40, 1);
    const ByteVector second = pattern(50, 2);
    const Frame first_frame = frame_of(format, keys.sequence, first.size());
    const Frame second_frame = frame_of(format, keys.sequence + 1, second.size());
    RecordTransform transform(format, keys);
    if (chains(format)) {
      CHECK_THROWS_AS(sealed(transform, second_frame, second), Fault);
      CHECK_NOTHROW(sealed(transform, first_frame, first));
      CHECK_THROWS_AS(sealed(transform, first_frame, first), Fault);
      continue;
    }
    RecordTransform in_order(format, keys);
    const ByteVector first_record = sealed(in_order, first_frame, first);
    const ByteVector second_record = sealed(in_order, second_frame, second);
    CHECK(sealed(transform, second_frame, second) == second_record);
    CHECK(sealed(transform, first_frame, first) == first_record);
  }
}

TEST_CASE("the invocation counter of SSH's GCM goes up by one a packet and wraps around") {
  const RecordFormat format = ssh(Suite::aes_128_gcm);
  TrafficKeys keys = example_keys(format);
  std::fill(keys.implicit_iv.begin() + 4, keys.implicit_iv.end(), std::byte{0xff});
  TrafficKeys later = keys;
  later.sequence = keys.sequence + 1;
  std::fill(later.implicit_iv.begin() + 4, later.implicit_iv.end(), std::byte{0});
  const ByteVector payload = pattern(30);
  RecordTransform transform(format, keys);
  CHECK(sealed(transform, frame_of(format, later.sequence, payload.size()), payload) ==
        sealed_record(format, later, payload));
}

TEST_CASE("SSH's padding is another in each packet and the same in each run") {
  const RecordFormat format = ssh(Suite::null_hmac_sha1);
  const TrafficKeys keys = example_keys(format);
  const auto records = sealed_records(format, keys, pattern(16), {8, 8});
  const auto padding = [](const ByteVector& record) { return ByteVector(record.begin() + 13, record.begin() + 24); };
  CHECK(padding(records[0]) != padding(records[1]));
  CHECK(records == sealed_records(format, keys, pattern(16), {8, 8}));
}
