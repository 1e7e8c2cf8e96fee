#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>

#include "cryptopath/record.hpp"

using namespace cryptopath;
using namespace cryptopath::literals;

namespace {
constexpr RecordFormat tls_gcm{Protocol::tls_1_2, Suite::aes_128_gcm};
}

TEST_CASE("protocols and suites have the names that scenarios use") {
  CHECK(name_of(Protocol::none) == "none");
  CHECK(name_of(Protocol::tls_1_2) == "tls-1.2");
  CHECK(name_of(Protocol::esp_tunnel) == "esp-tunnel");
  CHECK(name_of(Suite::null) == "null");
  CHECK(name_of(Suite::aes_128_gcm) == "aes-128-gcm");
  CHECK(name_of(Suite::triple_des_cbc_hmac_sha1) == "3des-ede-cbc-hmac-sha1");
  CHECK(name_of(tls_gcm) == "tls-1.2 / aes-128-gcm");
  CHECK(name_of({Protocol::tls_1_0, Suite::aes_128_cbc_hmac_sha1, true}) ==
        "tls-1.0 / aes-128-cbc-hmac-sha1, encrypt-then-MAC");
}

TEST_CASE("a protocol supports its own suites only") {
  CHECK(supports(Protocol::none, Suite::null));
  CHECK_FALSE(supports(Protocol::none, Suite::aes_128_gcm));
  CHECK_FALSE(supports(Protocol::tls_1_2, Suite::null));
  CHECK(supports(Protocol::tls_1_2, Suite::aes_128_gcm));
  CHECK_FALSE(supports(Protocol::tls_1_1, Suite::aes_128_gcm));  // an AEAD came with TLS 1.2
  CHECK_FALSE(supports(Protocol::tls_1_3, Suite::triple_des_cbc_hmac_sha1));
  CHECK_FALSE(supports(Protocol::tls_1_3, Suite::aes_256_ccm));        // IANA has no number for it
  CHECK_FALSE(supports(Protocol::tls_1_2, Suite::des_cbc_hmac_sha1));  // RFC 5469 took it out of TLS 1.2
  CHECK_FALSE(supports(Protocol::dtls_1_2, Suite::rc4_hmac_sha1));     // RFC 6347, 4.1.2.2
  CHECK(supports(Protocol::esp_transport, Suite::aes_192_cbc_hmac_md5));
  CHECK_THROWS_AS(RecordFraming({Protocol::none, Suite::aes_128_gcm}, 0), Fault);
}

TEST_CASE("encrypt-then-MAC is a choice only where a document leaves one") {
  const auto chooses = [](Protocol protocol, Suite suite) { return supports({protocol, suite, true}); };
  CHECK(chooses(Protocol::tls_1_0, Suite::aes_128_cbc_hmac_sha1));
  CHECK(chooses(Protocol::dtls_1_2, Suite::triple_des_cbc_hmac_sha1));
  CHECK(chooses(Protocol::ssh_2, Suite::null_hmac_sha1));
  CHECK_FALSE(chooses(Protocol::tls_1_2, Suite::null_hmac_sha1));
  CHECK_FALSE(chooses(Protocol::tls_1_2, Suite::rc4_hmac_sha1));
  CHECK_FALSE(chooses(Protocol::tls_1_2, Suite::aes_128_gcm));
  CHECK_FALSE(chooses(Protocol::esp_tunnel, Suite::aes_128_cbc_hmac_sha1));
  CHECK_FALSE(chooses(Protocol::none, Suite::null));
}

TEST_CASE("every suite but null belongs to a protocol and every format is listed once") {
  for (const Suite suite : all_suites()) {
    INFO(name_of(suite));
    CHECK(std::ranges::any_of(all_formats(), [suite](const RecordFormat& format) { return format.suite == suite; }));
  }
  for (const RecordFormat& format : all_formats()) CHECK(std::ranges::count(all_formats(), format) == 1);
}

TEST_CASE("a GCM record adds a header and an explicit nonce and a tag") {
  const RecordFraming framing(tls_gcm, 7);
  for (const Bytes plaintext : {0_B, 1_B, 15_B, 16_B, 17_B, 16383_B, 16384_B}) {
    const Frame frame = framing.layout(plaintext);
    CHECK(frame.sequence == 7);
    CHECK(frame.plaintext == plaintext);
    CHECK(frame.plaintext_offset() == 13_B);
    CHECK(frame.enciphered() == plaintext);
    CHECK(frame.tag == 16_B);
    CHECK(frame.size() == plaintext + 29_B);
  }
}

TEST_CASE("a 3DES record pads plaintext and MAC to whole blocks by one to eight bytes") {
  const RecordFraming framing({Protocol::tls_1_2, Suite::triple_des_cbc_hmac_sha1}, 0);
  for (std::int64_t n = 0; n <= 16384; n = n < 64 ? n + 1 : n + 1020) {
    const Frame frame = framing.layout(Bytes(n));
    CHECK(frame.plaintext_offset() == 13_B);
    CHECK(frame.mac == 20_B);
    CHECK(frame.tag == 0_B);
    CHECK(frame.trailer >= 1_B);
    CHECK(frame.trailer <= 8_B);
    CHECK(frame.enciphered().count % 8 == 0);
    CHECK(frame.enciphered() == Bytes(n) + 20_B + frame.trailer);
  }
  CHECK(framing.layout(0_B).size() == 37_B);  // 20 + 4 of padding behind 13
  CHECK(framing.layout(3_B).size() == 37_B);  // 3 + 20 + 1
  CHECK(framing.layout(4_B).size() == 45_B);  // 4 + 20 is whole: 8 of padding
  CHECK(framing.layout(16_KiB).size() == 16421_B);
}

TEST_CASE("without a protocol a record is its plaintext") {
  const RecordFraming framing(RecordFormat(), 0);
  CHECK(framing.largest_plaintext() == Bytes(std::int64_t{1} << 53));
  CHECK(framing.layout(0_B).size() == 0_B);
  CHECK(framing.layout(framing.largest_plaintext()).size() == framing.largest_plaintext());
  CHECK(framing.layout(100_B).plaintext_offset() == 0_B);
}

TEST_CASE("a record holds no negative plaintext and none above the largest") {
  const RecordFraming framing(tls_gcm, 0);
  CHECK(framing.largest_plaintext() == 16_KiB);
  CHECK_THROWS_AS(framing.layout(16385_B), Fault);
  CHECK_THROWS_AS(framing.layout(Bytes(-1)), Fault);
}

TEST_CASE("each next record takes the next sequence number and layouts take none") {
  RecordFraming framing(tls_gcm, 41);
  CHECK(framing.layout(1_B).sequence == 41);
  CHECK(framing.next(1_B).sequence == 41);
  CHECK(framing.next(0_B).sequence == 42);
  CHECK(framing.layout(1_B).sequence == 43);
  CHECK_THROWS_AS(framing.next(16385_B), Fault);
  CHECK(framing.next(1_B).sequence == 43);
}

TEST_CASE("a sequence number that would wrap is refused") {
  RecordFraming framing(tls_gcm, std::numeric_limits<std::uint64_t>::max() - 1);
  CHECK(framing.next(1_B).sequence == std::numeric_limits<std::uint64_t>::max() - 1);
  CHECK_THROWS_AS(framing.next(1_B), Fault);
  CHECK_THROWS_AS(framing.next(1_B), Fault);
}

TEST_CASE("sequence numbers run out where the protocol's field does") {
  constexpr std::uint64_t one = 1;
  const auto last = [](Protocol protocol, Suite suite, std::uint64_t number) {
    RecordFraming framing({protocol, suite}, number - 1);
    CHECK(framing.next(1_B).sequence == number - 1);
    CHECK_THROWS_AS(framing.next(1_B), Fault);
  };
  last(Protocol::dtls_1_2, Suite::aes_128_gcm, (6 * one << 48) - 1);  // of epoch 5
  last(Protocol::esp_tunnel, Suite::aes_128_gcm, (one << 32) - 1);
  last(Protocol::ssh_2, Suite::aes_128_gcm, (one << 32) - 1);
  CHECK_THROWS_AS(RecordFraming({Protocol::ssh_2, Suite::aes_128_gcm}, one << 32), Fault);
  CHECK_THROWS_AS(RecordFraming({Protocol::esp_tunnel, Suite::aes_128_gcm}, one << 32), Fault);
}

TEST_CASE("TLS 1.3 adds its content type and a tag and no IV") {
  const RecordFraming framing({Protocol::tls_1_3, Suite::aes_256_gcm}, 0);
  const Frame frame = framing.layout(1000_B);
  CHECK(frame.plaintext_offset() == 5_B);
  CHECK(frame.enciphered() == 1001_B);
  CHECK(frame.size() == 1022_B);
}

TEST_CASE("encrypt-then-MAC pads the plaintext alone and TLS 1.0 carries no IV") {
  const Frame inside = RecordFraming({Protocol::tls_1_2, Suite::aes_128_cbc_hmac_sha1, false}, 0).layout(10_B);
  CHECK(inside.size() == 5_B + 16_B + 32_B);  // 10 + 20 + 2 of padding
  const Frame outside = RecordFraming({Protocol::tls_1_2, Suite::aes_128_cbc_hmac_sha1, true}, 0).layout(10_B);
  CHECK(outside.size() == 5_B + 16_B + 16_B + 20_B);  // 10 + 6 of padding, then the MAC
  CHECK(outside.enciphered() == 16_B);
  const Frame chained = RecordFraming({Protocol::tls_1_0, Suite::aes_128_cbc_hmac_sha1, false}, 0).layout(10_B);
  CHECK(chained.size() == 5_B + 32_B);
}

TEST_CASE("records in datagrams are bounded by what a packet holds") {
  for (const RecordFormat& format : all_formats()) {
    if (!in_datagrams(format.protocol)) continue;
    INFO(name_of(format));
    const RecordFraming framing(format, 1, 1472_B);
    const Bytes largest = framing.largest_plaintext();
    CHECK(framing.layout(largest).size() <= 1472_B);
    CHECK(RecordFraming(format, 1).layout(largest + 1_B).size() > 1472_B);
  }
}
