// Records put together by hand from one-shot calls, after the RFCs and apart from the project's code.
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <catch2/catch.hpp>
#include <cstring>

#include "sealed_stream.hpp"

using namespace cryptopath;
using namespace cryptopath::test;

namespace {

constexpr RecordFormat gcm{Protocol::tls_1_2, Suite::aes_128_gcm};
constexpr RecordFormat cbc{Protocol::tls_1_2, Suite::triple_des_cbc_hmac_sha1};

using Octets = std::vector<unsigned char>;

template <class Range>
Octets octets(const Range& bytes) {
  Octets copy(bytes.size());
  if (!copy.empty()) std::memcpy(copy.data(), bytes.data(), copy.size());
  return copy;
}

Octets operator+(Octets left, const Octets& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

Octets eight(std::uint64_t value) {
  Octets bytes;
  for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<unsigned char>(value >> shift & 0xff));
  return bytes;
}

Octets two(std::size_t value) {
  return {static_cast<unsigned char>(value >> 8), static_cast<unsigned char>(value & 0xff)};
}

const Octets type_and_version = {23, 3, 3};

Octets enciphered(const EVP_CIPHER* cipher, const Octets& key, const Octets& iv, const Octets& plaintext) {
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  Octets result(plaintext.size());
  int size = 0;
  REQUIRE(EVP_EncryptInit_ex(context, cipher, nullptr, key.data(), iv.data()) == 1);
  REQUIRE(EVP_CIPHER_CTX_set_padding(context, 0) == 1);
  REQUIRE(EVP_EncryptUpdate(context, result.data(), &size, plaintext.data(), static_cast<int>(plaintext.size())) == 1);
  EVP_CIPHER_CTX_free(context);
  REQUIRE(static_cast<std::size_t>(size) == result.size());
  return result;
}

/// RFC 5246, 6.2.3.3, and RFC 5288, 3.
Octets gcm_record(const TrafficKeys& keys, std::uint64_t sequence, const Octets& plaintext) {
  const Octets nonce = octets(keys.implicit_iv) + eight(sequence);
  const Octets additional = eight(sequence) + type_and_version + two(plaintext.size());
  Octets ciphertext(plaintext.size() + 16);
  Octets tag(16);
  int size = 0;
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  REQUIRE(EVP_EncryptInit_ex(context, EVP_aes_128_gcm(), nullptr, octets(keys.cipher_key).data(), nonce.data()) == 1);
  REQUIRE(EVP_EncryptUpdate(context, nullptr, &size, additional.data(), static_cast<int>(additional.size())) == 1);
  REQUIRE(EVP_EncryptUpdate(context, ciphertext.data(), &size, plaintext.data(), static_cast<int>(plaintext.size())) ==
          1);
  REQUIRE(EVP_EncryptFinal_ex(context, ciphertext.data() + plaintext.size(), &size) == 1);
  REQUIRE(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, tag.data()) == 1);
  EVP_CIPHER_CTX_free(context);
  ciphertext.resize(plaintext.size());
  const Octets body = eight(sequence) + ciphertext + tag;
  return type_and_version + two(body.size()) + body;
}

/// RFC 5246, 6.2.3.1 and 6.2.3.2; the IV as the project says: the start of AES-256(iv_seed, sequence).
Octets cbc_record(const TrafficKeys& keys, std::uint64_t sequence, const Octets& plaintext,
                  bool with_right_padding = true) {
  const Octets mac_key = octets(keys.mac_key);
  const Octets covered = eight(sequence) + type_and_version + two(plaintext.size()) + plaintext;
  Octets mac(20);
  unsigned mac_size = 0;
  REQUIRE(HMAC(EVP_sha1(), mac_key.data(), static_cast<int>(mac_key.size()), covered.data(), covered.size(), mac.data(),
               &mac_size) != nullptr);
  Octets padded = plaintext + mac;
  const std::size_t padding = 7 - padded.size() % 8;
  padded.insert(padded.end(), padding + 1, static_cast<unsigned char>(padding));
  if (!with_right_padding) padded[padded.size() - padding - 1] ^= 1;
  Octets iv = enciphered(EVP_aes_256_ecb(), octets(keys.iv_seed), {}, eight(sequence) + Octets(8));
  iv.resize(8);
  const Octets body = iv + enciphered(EVP_des_ede3_cbc(), octets(keys.cipher_key), iv, padded);
  return type_and_version + two(body.size()) + body;
}

constexpr std::array<std::size_t, 12> sizes = {0, 1, 3, 4, 5, 11, 12, 64, 1000, 1400, 16383, 16384};
constexpr std::array<std::uint64_t, 4> sequences = {0, 1, 0x0102030405060708, 0xfffffffffffffffe};

}  // namespace

TEST_CASE("GCM records are those that RFC 5288 describes") {
  const TrafficKeys keys = example_keys(gcm);
  RecordTransform transform(gcm, keys);
  for (const std::size_t size : sizes) {
    for (const std::uint64_t sequence : sequences) {
      const ByteVector plaintext = pattern(size, sequence);
      const ByteVector record = sealed(transform, frame_of(gcm, sequence, size), plaintext);
      CHECK(octets(record) == gcm_record(keys, sequence, octets(plaintext)));
    }
  }
}

TEST_CASE("3DES records are those that RFC 5246 describes") {
  const TrafficKeys keys = example_keys(cbc);
  RecordTransform transform(cbc, keys);
  for (const std::size_t size : sizes) {
    for (const std::uint64_t sequence : sequences) {
      const ByteVector plaintext = pattern(size, sequence);
      const ByteVector record = sealed(transform, frame_of(cbc, sequence, size), plaintext);
      CHECK(octets(record) == cbc_record(keys, sequence, octets(plaintext)));
    }
  }
}

TEST_CASE("a 3DES record with the right MAC and wrong padding does not open") {
  const TrafficKeys keys = example_keys(cbc);
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{4}, std::size_t{1000}}) {
    INFO("size " << size);
    Octets right = cbc_record(keys, 1, octets(pattern(size)));
    Octets wrong = cbc_record(keys, 1, octets(pattern(size)), false);
    CHECK(opened_record(cbc, keys, std::as_writable_bytes(std::span(right))));
    CHECK(opened_record(cbc, keys, std::as_writable_bytes(std::span(wrong))).rejection == Rejection::not_authentic);
  }
}

TEST_CASE("padding longer than a block runs through AES-256 with the seed as far as it goes") {
  const RecordFormat format{Protocol::ssh_2, Suite::aes_128_cbc_hmac_sha1};
  const TrafficKeys keys = example_keys(format);
  const Frame frame = frame_of(format, keys.sequence, 8);
  REQUIRE(frame.trailer == Bytes(19));
  ByteVector packet = sealed_record(format, keys, pattern(8));
  REQUIRE(opened_record(format, keys, packet));  // which leaves the padding in clear
  const Octets blocks = eight(keys.sequence) + eight(0) + eight(keys.sequence) + eight(1);
  Octets expected = enciphered(EVP_aes_256_ecb(), octets(keys.iv_seed), {}, blocks);
  expected.resize(19);
  const auto start = static_cast<std::size_t>((frame.plaintext_offset() + frame.plaintext).count);
  CHECK(octets(std::span(packet).subspan(start, 19)) == expected);
}
