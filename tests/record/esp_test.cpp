// ESP's layout, and what a receiver takes and refuses.
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

#include <fmt/format.h>

#include "record/bytes.hpp"
#include "record/ip_headers.hpp"
#include "record/protocols/esp_protection.hpp"
#include "sealed_stream.hpp"

using namespace cryptopath;
using namespace cryptopath::literals;
using namespace cryptopath::test;

namespace {

constexpr std::array esp_protocols = {Protocol::esp_transport, Protocol::esp_tunnel};

std::vector<RecordFormat> esp_formats() {
  std::vector<RecordFormat> formats;
  for (const RecordFormat& format : all_formats()) {
    if (format.protocol == Protocol::esp_transport || format.protocol == Protocol::esp_tunnel)
      formats.push_back(format);
  }
  return formats;
}

/// What the RFCs say of a suite, in bytes.
struct Figures {
  Suite suite;
  std::int64_t iv, icv, alignment;
  std::int64_t cipher_key, mac_key, salt;
};
constexpr std::array figures = {
    Figures{Suite::null_hmac_md5, 0, 12, 4, 0, 16, 0},
    Figures{Suite::null_hmac_sha1, 0, 12, 4, 0, 20, 0},
    Figures{Suite::null_hmac_sha256, 0, 16, 4, 0, 32, 0},
    Figures{Suite::des_cbc_hmac_md5, 8, 12, 8, 8, 16, 0},
    Figures{Suite::des_cbc_hmac_sha1, 8, 12, 8, 8, 20, 0},
    Figures{Suite::des_cbc_hmac_sha256, 8, 16, 8, 8, 32, 0},
    Figures{Suite::triple_des_cbc_hmac_md5, 8, 12, 8, 24, 16, 0},
    Figures{Suite::triple_des_cbc_hmac_sha1, 8, 12, 8, 24, 20, 0},
    Figures{Suite::triple_des_cbc_hmac_sha256, 8, 16, 8, 24, 32, 0},
    Figures{Suite::aes_128_cbc_hmac_md5, 16, 12, 16, 16, 16, 0},
    Figures{Suite::aes_128_cbc_hmac_sha1, 16, 12, 16, 16, 20, 0},
    Figures{Suite::aes_128_cbc_hmac_sha256, 16, 16, 16, 16, 32, 0},
    Figures{Suite::aes_192_cbc_hmac_md5, 16, 12, 16, 24, 16, 0},
    Figures{Suite::aes_192_cbc_hmac_sha1, 16, 12, 16, 24, 20, 0},
    Figures{Suite::aes_192_cbc_hmac_sha256, 16, 16, 16, 24, 32, 0},
    Figures{Suite::aes_256_cbc_hmac_md5, 16, 12, 16, 32, 16, 0},
    Figures{Suite::aes_256_cbc_hmac_sha1, 16, 12, 16, 32, 20, 0},
    Figures{Suite::aes_256_cbc_hmac_sha256, 16, 16, 16, 32, 32, 0},
    Figures{Suite::aes_128_gcm, 8, 16, 4, 16, 0, 4},
    Figures{Suite::aes_256_gcm, 8, 16, 4, 32, 0, 4},
    Figures{Suite::aes_128_ccm, 8, 16, 4, 16, 0, 3},
    Figures{Suite::aes_256_ccm, 8, 16, 4, 32, 0, 3},
    Figures{Suite::chacha20_poly1305, 8, 16, 4, 32, 0, 4},
};

std::string hexadecimal(std::span<const std::byte> bytes) {
  std::string text;
  for (const std::byte byte : bytes) text += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
  return text;
}

/// A record with the sequence number, under keys of any first number.
ByteVector numbered(RecordTransform& transform, const RecordFormat& format, std::uint64_t sequence,
                    std::span<const std::byte> plaintext) {
  return sealed(transform, frame_of(format, sequence, plaintext.size()), plaintext);
}

Rejection rejection_of(RecordReader& reader, ByteVector record) { return reader.open_in_place(record).rejection; }

}  // namespace

TEST_CASE("ESP gives every suite the sizes of its RFC") {
  REQUIRE(esp_formats().size() == esp_protocols.size() * figures.size());
  for (const Protocol protocol : esp_protocols) {
    for (const Figures& expected : figures) {
      const RecordFormat format{protocol, expected.suite};
      INFO(name_of(format));
      const KeySizes sizes = key_sizes(format);
      CHECK(sizes.cipher_key.count == expected.cipher_key);
      CHECK(sizes.mac_key.count == expected.mac_key);
      CHECK(sizes.implicit_iv.count == expected.salt);
      for (std::size_t size = 0; size < 40; ++size) {
        const Frame frame = frame_of(format, 1, size);
        CHECK(frame.header == 8_B);
        CHECK(frame.iv.count == expected.iv);
        CHECK(frame.prefix == (protocol == Protocol::esp_tunnel ? 28_B : 8_B));
        CHECK(frame.mac == 0_B);
        CHECK(frame.tag.count == expected.icv);
        CHECK(frame.enciphered().count % expected.alignment == 0);
        // The least padding, and two bytes for its length and the next header.
        CHECK((frame.trailer.count >= 2 && frame.trailer.count < 2 + expected.alignment));
      }
    }
  }
}

TEST_CASE("ESP without a cipher shows the headers and padding of each mode") {
  const ByteVector plaintext = {std::byte{0xaa}, std::byte{0xbb}, std::byte{0xcc}};
  // By hand: SPI, sequence number; in the tunnel IPv4 with its checksum; UDP; data; padding; ICV of 12 bytes.
  const std::array expected = {
      std::pair{Protocol::esp_transport, std::string("0000432100000001"
                                                     "11519c41000b0000"
                                                     "aabbcc"
                                                     "010203"
                                                     "03"
                                                     "11")},
      std::pair{Protocol::esp_tunnel, std::string("0000432100000001"
                                                  "4500001f00004000401126cc0a0000010a000002"
                                                  "11519c41000b0000"
                                                  "aabbcc"
                                                  "010203"
                                                  "03"
                                                  "04")},
  };
  for (const auto& [protocol, in_clear] : expected) {
    const RecordFormat format{protocol, Suite::null_hmac_sha1};
    const std::string record = hexadecimal(sealed_record(format, example_keys(format), plaintext));
    CHECK(record.substr(0, in_clear.size()) == in_clear);
    CHECK(record.size() == in_clear.size() + 24);
  }
}

TEST_CASE("an AEAD's IV in ESP is the sequence number") {
  const RecordFormat format{Protocol::esp_tunnel, Suite::aes_128_gcm};
  RecordTransform transform(format, example_keys(format));
  CHECK(hexadecimal(numbered(transform, format, 0x01020304, pattern(1))).substr(8, 24) == "010203040000000001020304");
}

TEST_CASE("CBC's IVs in ESP differ from record to record and repeat with the seed") {
  const RecordFormat format{Protocol::esp_transport, Suite::aes_128_cbc_hmac_sha1};
  RecordTransform first(format, example_keys(format));
  RecordTransform second(format, example_keys(format));
  const ByteVector one = numbered(first, format, 1, pattern(50));
  const ByteVector two = numbered(second, format, 2, pattern(50));
  CHECK(numbered(second, format, 1, pattern(50)) == one);
  const auto iv = [](const ByteVector& record) { return as_string(std::span(record).subspan(8, 16)); };
  CHECK(iv(one) != iv(two));
}

TEST_CASE("the largest ESP record fills an IPv4 packet and opens") {
  for (const RecordFormat& format : esp_formats()) {
    INFO(name_of(format));
    const Bytes largest = RecordFraming(format, 1).largest_plaintext();
    const ByteVector plaintext = pattern(to_size(largest));
    const TrafficKeys keys = example_keys(format);
    ByteVector record = sealed_record(format, keys, plaintext);
    CHECK(record.size() <= 65515);
    CHECK(record.size() > 65515 - 16);
    const Opened opened = opened_record(format, keys, record);
    REQUIRE(opened);
    CHECK(std::ranges::equal(opened.plaintext, plaintext));
  }
}

TEST_CASE("what ESP seals it opens at every size and sequence number") {
  for (const RecordFormat& format : esp_formats()) {
    const auto keys = example_keys(format);
    RecordTransform transform(format, keys);
    const bool holds_always = rc::check(name_of(format), [&] {
      const ByteVector plaintext =
          pattern(*rc::gen::inRange<std::size_t>(0, 3000), *rc::gen::arbitrary<std::uint64_t>());
      const auto sequence = *rc::gen::inRange<std::uint64_t>(1, 0x1'0000'0000);
      ByteVector record = numbered(transform, format, sequence, plaintext);
      const Opened opened = opened_record(format, keys, record);
      RC_ASSERT(opened);
      RC_ASSERT(opened.sequence == sequence);
      RC_ASSERT(opened.content == ContentType::application_data);
      RC_ASSERT(std::ranges::equal(opened.plaintext, plaintext));
    });
    CHECK(holds_always);
  }
}

TEST_CASE("an ESP record with any bit flipped is refused and leaves no plaintext") {
  const ByteVector plaintext = pattern(21);
  for (const RecordFormat& format : esp_formats()) {
    INFO(name_of(format));
    const TrafficKeys keys = example_keys(format);
    const ByteVector record = sealed_record(format, keys, plaintext);
    RecordReader reader(format, keys);
    for (std::size_t bit = 0; bit < 8 * record.size(); ++bit) {
      ByteVector flipped = record;
      flipped[bit / 8] ^= std::byte(1 << bit % 8);
      const Rejection rejection = reader.open_in_place(flipped).rejection;
      const bool number_zero = bit == 8 * 7;  // 1 is this record's
      const Rejection expected = bit < 8 * 4   ? Rejection::unknown_sender
                                 : number_zero ? Rejection::exhausted
                                               : Rejection::not_authentic;
      if (rejection != expected || (expected == Rejection::not_authentic && contains(flipped, plaintext))) {
        FAIL("bit " << bit << ": " << name_of(rejection, format.protocol));
      }
    }
    ByteVector whole = record;
    CHECK(reader.open_in_place(whole));  // none of them counted
  }
}

TEST_CASE("an ESP record cut short or prolonged is refused") {
  for (const Figures& expected : figures) {
    for (const Protocol protocol : esp_protocols) {
      const RecordFormat format{protocol, expected.suite};
      INFO(name_of(format));
      const TrafficKeys keys = example_keys(format);
      const ByteVector record = sealed_record(format, keys, pattern(70));
      const auto alignment = static_cast<std::size_t>(expected.alignment);
      const std::size_t smallest = to_size(frame_of(format, 1, 0).size());
      RecordReader reader(format, keys);
      for (std::size_t size = 0; size <= record.size() + 40; ++size) {
        if (size == record.size()) continue;
        const bool in_blocks = size >= smallest && (size + alignment - record.size() % alignment) % alignment == 0;
        ByteVector cut = record;
        cut.resize(size);
        const Rejection rejection = reader.open_in_place(cut).rejection;
        if (rejection != (in_blocks ? Rejection::not_authentic : Rejection::malformed)) {
          FAIL("size " << size << ": " << name_of(rejection, protocol));
        }
      }
    }
  }
}

TEST_CASE("an ESP record of another security association is refused") {
  for (const RecordFormat& format : esp_formats()) {
    const TrafficKeys keys = example_keys(format);
    TrafficKeys other = keys;
    other.association = keys.association + 1;
    ByteVector record = sealed_record(format, other, pattern(30));
    CHECK(opened_record(format, keys, record).rejection == Rejection::unknown_sender);
    // The other direction's keys under the same index.
    ByteVector foreign = sealed_record(format, example_keys(format, 1), pattern(30));
    CHECK(opened_record(format, keys, foreign).rejection == Rejection::not_authentic);
  }
}

TEST_CASE("ESP records come in any order within 64 and once each") {
  const RecordFormat format{Protocol::esp_transport, Suite::aes_128_gcm};
  const TrafficKeys keys = example_keys(format);
  RecordTransform transform(format, keys);
  const auto record = [&](std::uint64_t sequence) { return numbered(transform, format, sequence, pattern(20)); };
  RecordReader reader(format, keys);
  CHECK(rejection_of(reader, record(100)) == Rejection::none);
  for (std::uint64_t sequence = 37; sequence < 100; ++sequence) {
    CHECK(rejection_of(reader, record(sequence)) == Rejection::none);
  }
  CHECK(rejection_of(reader, record(36)) == Rejection::replayed);
  for (std::uint64_t sequence = 37; sequence <= 100; ++sequence) {
    CHECK(rejection_of(reader, record(sequence)) == Rejection::replayed);
  }
  // A forged number moves no window.
  ByteVector forged = record(101);
  forged[4] = std::byte{0xff};
  CHECK(rejection_of(reader, forged) == Rejection::not_authentic);
  CHECK(rejection_of(reader, record(101)) == Rejection::none);
}

TEST_CASE("ESP's sequence numbers end before they repeat") {
  for (const RecordFormat& format : esp_formats()) {
    INFO(name_of(format));
    RecordFraming framing(format, 0xffff'fffe);
    CHECK(framing.next(1_B).sequence == 0xffff'fffe);
    CHECK_THROWS_AS(framing.next(1_B), Fault);

    const TrafficKeys keys = example_keys(format);
    RecordTransform transform(format, keys);
    CHECK_THROWS_AS(numbered(transform, format, 0x1'0000'0001, pattern(9)), Fault);
    CHECK_THROWS_AS(numbered(transform, format, 0, pattern(9)), Fault);
    Frame beyond = frame_of(format, 1, 9);
    beyond.sequence = 0x1'0000'0001;
    ByteVector bytes(to_size(beyond.size()));
    CHECK_THROWS_AS(transform.seal_in_place(beyond, bytes), Fault);

    // RFC 4303 leaves the last number to a sender; 0 would be a counter that has cycled.
    RecordReader reader(format, keys);
    ByteVector last = numbered(transform, format, 0xffff'ffff, pattern(9));
    CHECK(rejection_of(reader, last) == Rejection::none);
    std::fill_n(last.begin() + 4, 4, std::byte{0});
    CHECK(rejection_of(reader, last) == Rejection::exhausted);
  }
}

TEST_CASE("an authentic ESP record with wrong headers or padding inside is malformed and leaves no plaintext") {
  const ByteVector plaintext = pattern(21);
  for (const RecordFormat& format : esp_formats()) {
    INFO(name_of(format));
    const TrafficKeys keys = example_keys(format);
    RecordTransform transform(format, keys);
    RecordReader reader(format, keys);
    const Frame frame = frame_of(format, 1, plaintext.size());
    ByteVector framed(to_size(frame.size()));
    std::ranges::copy(plaintext, framed.begin() + frame.plaintext_offset().count);
    transform.write_framing(frame, framed);
    const std::size_t start = to_size(frame.enciphered_offset());
    for (std::size_t place = start; place < start + to_size(frame.enciphered()); ++place) {
      const bool of_plaintext =
          place >= to_size(frame.plaintext_offset()) && place < to_size(frame.plaintext_offset() + frame.plaintext);
      for (int bit = 0; bit < 8; ++bit) {
        ByteVector record = framed;
        record[place] ^= std::byte(1 << bit);
        transform.seal_in_place(frame, record);
        if (of_plaintext) continue;
        const Opened opened = reader.open_in_place(record);
        if (opened.rejection != Rejection::malformed || contains(record, plaintext)) {
          FAIL("byte " << place << ", bit " << bit << ": " << name_of(opened.rejection, format.protocol));
        }
      }
    }
    transform.seal_in_place(frame, framed);
    CHECK(reader.open_in_place(framed));
  }
}

TEST_CASE("ESP opens padding of any length that fits and refuses more") {
  const RecordFormat format{Protocol::esp_transport, Suite::null_hmac_sha1};
  const TrafficKeys keys = example_keys(format);
  const auto protection = make_esp_protection(format_of(format.suite), keys);
  // A UDP datagram of 10 bytes and padding, of which the trailer claims `claimed`.
  const auto opened = [&](std::size_t padding, std::size_t claimed) {
    ByteVector packet(esp_header_size);
    packet[2] = std::byte{0x43};
    packet[3] = std::byte{0x21};
    packet[7] = std::byte{1};
    ByteVector datagram(10);
    write_header(UdpHeader{endpoints::sender.port, endpoints::receiver.port, 10}, std::span(datagram).first(8));
    packet.insert(packet.end(), datagram.begin(), datagram.end());
    for (std::size_t i = 1; i <= padding; ++i) packet.push_back(std::byte(i));
    packet.push_back(std::byte(claimed));
    packet.push_back(std::byte{udp_in_ip});
    packet.resize(packet.size() + 12);
    protection->seal(packet);
    return opened_record(format, keys, packet).rejection;
  };
  for (std::size_t padding = 0; padding < 256; padding += 4) CHECK(opened(padding, padding) == Rejection::none);
  CHECK(opened(4, 255) == Rejection::malformed);
  CHECK(opened(4, 12) == Rejection::malformed);
  CHECK(opened(4, 0) == Rejection::malformed);
}
