#include <catch2/catch.hpp>
#include <limits>

#include "cryptopath/record.hpp"

using namespace cryptopath;
using namespace cryptopath::literals;

TEST_CASE("protocols and suites have the names that scenarios use") {
  CHECK(name_of(Protocol::none) == "none");
  CHECK(name_of(Protocol::tls_1_2) == "tls-1.2");
  CHECK(name_of(Suite::null) == "null");
  CHECK(name_of(Suite::aes_128_gcm) == "aes-128-gcm");
  CHECK(name_of(Suite::triple_des_cbc_hmac_sha1) == "3des-ede-cbc-hmac-sha1");
  CHECK(all_protocols().size() == 2);
  CHECK(all_suites().size() == 3);
}

TEST_CASE("a protocol supports its own suites only") {
  CHECK(supports(Protocol::none, Suite::null));
  CHECK_FALSE(supports(Protocol::none, Suite::aes_128_gcm));
  CHECK_FALSE(supports(Protocol::none, Suite::triple_des_cbc_hmac_sha1));
  CHECK_FALSE(supports(Protocol::tls_1_2, Suite::null));
  CHECK(supports(Protocol::tls_1_2, Suite::aes_128_gcm));
  CHECK(supports(Protocol::tls_1_2, Suite::triple_des_cbc_hmac_sha1));
  CHECK_THROWS_AS(RecordFraming(Protocol::none, Suite::aes_128_gcm, 0), Fault);
}

TEST_CASE("a GCM record adds a header and an explicit nonce and a tag") {
  const RecordFraming framing(Protocol::tls_1_2, Suite::aes_128_gcm, 7);
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
  const RecordFraming framing(Protocol::tls_1_2, Suite::triple_des_cbc_hmac_sha1, 0);
  for (std::int64_t n = 0; n <= 16384; n = n < 64 ? n + 1 : n + 1020) {
    const Frame frame = framing.layout(Bytes(n));
    CHECK(frame.plaintext_offset() == 13_B);
    CHECK(frame.mac == 20_B);
    CHECK(frame.tag == 0_B);
    CHECK(frame.padding >= 1_B);
    CHECK(frame.padding <= 8_B);
    CHECK(frame.enciphered().count % 8 == 0);
    CHECK(frame.enciphered() == Bytes(n) + 20_B + frame.padding);
  }
  CHECK(framing.layout(0_B).size() == 37_B);  // 20 + 4 of padding behind 13
  CHECK(framing.layout(3_B).size() == 37_B);  // 3 + 20 + 1
  CHECK(framing.layout(4_B).size() == 45_B);  // 4 + 20 is whole: 8 of padding
  CHECK(framing.layout(16_KiB).size() == 16421_B);
}

TEST_CASE("without a protocol a record is its plaintext") {
  const RecordFraming framing(Protocol::none, Suite::null, 0);
  CHECK(framing.largest_plaintext() == Bytes(std::int64_t{1} << 53));
  CHECK(framing.layout(0_B).size() == 0_B);
  CHECK(framing.layout(framing.largest_plaintext()).size() == framing.largest_plaintext());
  CHECK(framing.layout(100_B).plaintext_offset() == 0_B);
}

TEST_CASE("a record holds no negative plaintext and none above the largest") {
  const RecordFraming framing(Protocol::tls_1_2, Suite::aes_128_gcm, 0);
  CHECK(framing.largest_plaintext() == 16_KiB);
  CHECK_THROWS_AS(framing.layout(16385_B), Fault);
  CHECK_THROWS_AS(framing.layout(Bytes(-1)), Fault);
}

TEST_CASE("each next record takes the next sequence number and layouts take none") {
  RecordFraming framing(Protocol::tls_1_2, Suite::aes_128_gcm, 41);
  CHECK(framing.layout(1_B).sequence == 41);
  CHECK(framing.next(1_B).sequence == 41);
  CHECK(framing.next(0_B).sequence == 42);
  CHECK(framing.layout(1_B).sequence == 43);
  CHECK_THROWS_AS(framing.next(16385_B), Fault);
  CHECK(framing.next(1_B).sequence == 43);
}

TEST_CASE("a sequence number that would wrap is refused") {
  RecordFraming framing(Protocol::tls_1_2, Suite::aes_128_gcm, std::numeric_limits<std::uint64_t>::max() - 1);
  CHECK(framing.next(1_B).sequence == std::numeric_limits<std::uint64_t>::max() - 1);
  CHECK_THROWS_AS(framing.next(1_B), Fault);
  CHECK_THROWS_AS(framing.next(1_B), Fault);
}
