// NIST's CAVP vectors of AES-GCM in whole records. No protocol has the additional data of a CAVP case, and the
// ciphertext does not depend on it: that is CAVP's. The tag is that of Aead, which CAVP has checked (see
// published_vectors_test.cpp), over the additional data that the protocol's RFC prescribes.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "../sealed_stream.hpp"
#include "record/bytes.hpp"
#include "record/ciphers/aead.hpp"
#include "record/protocols/esp_protection.hpp"
#include "vector_file.hpp"

using namespace cryptopath;
using namespace cryptopath::test;

namespace {

struct GcmCase {
  ByteVector key;
  ByteVector nonce;
  ByteVector plaintext;
  ByteVector ciphertext;

  Suite suite() const { return key.size() == 16 ? Suite::aes_128_gcm : Suite::aes_256_gcm; }
  std::uint64_t explicit_nonce() const {
    std::uint64_t number = 0;
    for (const std::byte byte : std::span(nonce).last(8)) number = number << 8 | std::to_integer<std::uint64_t>(byte);
    return number;
  }
};

/// The cases with nonces of 12 bytes, as all protocols have them; of one key more than once where it is used so.
std::vector<GcmCase> cases_of(int key_bits) {
  std::vector<GcmCase> cases;
  for (const char* kind : {"gcmEncryptExtIV", "gcmDecrypt"}) {
    const auto folder = std::filesystem::path(CRYPTOPATH_VECTORS) / "ciphers/AES/GCM";
    for (const VectorCase& one : read_vectors(folder / fmt::format("{}{}.rsp", kind, key_bits))) {
      if (one.has("fail") || one.bytes("iv").size() != 12) continue;
      cases.push_back({one.bytes("key"), one.bytes("iv"), one.bytes("pt"), one.bytes("ct")});
    }
  }
  return cases;
}

TrafficKeys keys_of(const GcmCase& one, std::size_t salt, std::uint64_t sequence) {
  TrafficKeys keys;
  keys.cipher_key = one.key;
  keys.implicit_iv.assign(one.nonce.begin(), one.nonce.begin() + static_cast<std::ptrdiff_t>(salt));
  keys.sequence = sequence;
  return keys;
}

ByteVector tag_of(const GcmCase& one, ByteVector text, std::span<const std::byte> additional) {
  const Cipher& cipher = format_of(one.suite()).cipher;
  Aead aead(cipher, one.key, one.nonce.size(), Aead::Direction::seal);
  ByteVector tag(16);
  aead.seal(one.nonce, additional, text, tag);
  return tag;
}

/// That the record carries CAVP's ciphertext and the tag, and opens.
void check_record(const RecordFormat& format, const TrafficKeys& keys, const GcmCase& one, const ByteVector& tag) {
  ByteVector record = sealed_record(format, keys, one.plaintext);
  const Frame frame = frame_of(format, keys.sequence, one.plaintext.size());
  CHECK(std::ranges::equal(part(record, frame.enciphered_offset(), frame.plaintext), one.ciphertext));
  CHECK(std::ranges::equal(std::span(record).last(16), tag));
  const Opened opened = opened_record(format, keys, record);
  REQUIRE(opened);
  CHECK(std::ranges::equal(opened.plaintext, one.plaintext));
}

/// RFC 5246, 6.2.3.3: sequence number, type, version and the plaintext's length.
ByteVector additional_of(std::uint64_t sequence, std::uint16_t version, std::size_t length) {
  const auto number = big_endian(sequence);
  ByteVector bytes(number.begin(), number.end());
  for (const std::size_t byte :
       {std::size_t{23}, std::size_t{version} >> 8, std::size_t{version} & 0xff, length >> 8, length & 0xff}) {
    bytes.push_back(std::byte(byte));
  }
  return bytes;
}

}  // namespace

TEST_CASE("records of TLS and DTLS and ESP carry the ciphertexts of CAVP for AES-GCM") {
  for (const int key_bits : {128, 256}) {
    std::size_t tls_1_2 = 0;
    std::size_t tls_1_3 = 0;
    std::size_t dtls = 0;
    std::size_t esp = 0;
    for (const GcmCase& one : cases_of(key_bits)) {
      const std::uint64_t sequence = one.explicit_nonce();
      check_record({Protocol::tls_1_2, one.suite()}, keys_of(one, 4, sequence), one,
                   tag_of(one, one.plaintext, additional_of(sequence, 0x0303, one.plaintext.size())));
      ++tls_1_2;
      check_record({Protocol::dtls_1_2, one.suite()}, keys_of(one, 4, sequence), one,
                   tag_of(one, one.plaintext, additional_of(sequence, 0xfefd, one.plaintext.size())));
      ++dtls;

      ByteVector inner = one.plaintext;
      inner.push_back(std::byte{23});
      const std::size_t length = inner.size() + 16;
      const ByteVector header = {std::byte{23}, std::byte{3}, std::byte{3}, std::byte(length >> 8),
                                 std::byte(length & 0xff)};
      check_record({Protocol::tls_1_3, one.suite()}, keys_of(one, 12, 0), one, tag_of(one, inner, header));
      ++tls_1_3;

      // ESP puts headers in front of the plaintext, so its cipher alone: header, IV, text and ICV.
      const auto protection = make_esp_protection(format_of(one.suite()), keys_of(one, 4, 1));
      ByteVector packet = pattern(esp_header_size);
      packet.insert(packet.end(), one.nonce.begin() + 4, one.nonce.end());
      packet.insert(packet.end(), one.plaintext.begin(), one.plaintext.end());
      packet.resize(packet.size() + 16);
      protection->seal(packet);
      CHECK(std::ranges::equal(std::span(packet).subspan(16, one.ciphertext.size()), one.ciphertext));
      CHECK(std::ranges::equal(std::span(packet).last(16),
                               tag_of(one, one.plaintext, std::span(packet).first(esp_header_size))));
      const auto text = protection->open(packet);
      REQUIRE(text);
      CHECK(std::ranges::equal(*text, one.plaintext));
      ++esp;
    }
    fmt::print("AES-{}-GCM (CAVP) in records: {} of TLS 1.2, {} of TLS 1.3, {} of DTLS 1.2, {} of ESP\n", key_bits,
               tls_1_2, tls_1_3, dtls, esp);
    CHECK(std::min({tls_1_2, tls_1_3, dtls, esp}) > 1000);
  }
}
