// MACs are compared, and TLS's MAC-then-encrypt is opened, by libcrypto's own constant-time code. Its answers are those
// of any other code, so the tests look at the calls that lead there, which the linker redirects to them (--wrap).
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/ssl3.h>

#include <catch2/catch.hpp>

#include "sealed_stream.hpp"

using namespace cryptopath;
using namespace cryptopath::test;

namespace {

/// What libcrypto has been told and asked.
struct {
  std::vector<unsigned> versions;           // a cipher context put into its mode for TLS records
  std::vector<std::size_t> mac_sizes;       // the same
  std::vector<std::size_t> taken_macs;      // the MAC's size, where it has been taken out in constant time
  std::vector<std::size_t> hashed_lengths;  // how long plaintext, MAC and padding are, in whose time all is hashed
  std::vector<std::size_t> compared;        // how much in constant time
} seen;

template <class Number>
void note(const OSSL_PARAM* parameters, const char* key, std::vector<Number>& numbers) {
  const OSSL_PARAM* found = OSSL_PARAM_locate_const(parameters, key);
  if (found == nullptr) return;
  REQUIRE(found->data_size == sizeof(Number));
  numbers.push_back(*static_cast<const Number*>(found->data));
}

}  // namespace

// NOLINTBEGIN(bugprone-reserved-identifier, readability-identifier-naming): the linker's names.
extern "C" {
int __real_EVP_DecryptInit_ex2(EVP_CIPHER_CTX*, const EVP_CIPHER*, const unsigned char*, const unsigned char*,
                               const OSSL_PARAM*);
int __real_EVP_CIPHER_CTX_get_params(EVP_CIPHER_CTX*, OSSL_PARAM*);
int __real_EVP_MAC_CTX_set_params(EVP_MAC_CTX*, const OSSL_PARAM*);
int __real_CRYPTO_memcmp(const void*, const void*, std::size_t);

int __wrap_EVP_DecryptInit_ex2(EVP_CIPHER_CTX* context, const EVP_CIPHER* cipher, const unsigned char* key,
                               const unsigned char* iv, const OSSL_PARAM* parameters) {
  if (parameters != nullptr) {
    note(parameters, OSSL_CIPHER_PARAM_TLS_VERSION, seen.versions);
    note(parameters, OSSL_CIPHER_PARAM_TLS_MAC_SIZE, seen.mac_sizes);
  }
  return __real_EVP_DecryptInit_ex2(context, cipher, key, iv, parameters);
}

int __wrap_EVP_CIPHER_CTX_get_params(EVP_CIPHER_CTX* context, OSSL_PARAM* parameters) {
  const OSSL_PARAM* mac = OSSL_PARAM_locate(parameters, OSSL_CIPHER_PARAM_TLS_MAC);
  if (mac != nullptr) seen.taken_macs.push_back(mac->data_size);
  return __real_EVP_CIPHER_CTX_get_params(context, parameters);
}

int __wrap_EVP_MAC_CTX_set_params(EVP_MAC_CTX* context, const OSSL_PARAM* parameters) {
  note(parameters, OSSL_MAC_PARAM_TLS_DATA_SIZE, seen.hashed_lengths);
  return __real_EVP_MAC_CTX_set_params(context, parameters);
}

int __wrap_CRYPTO_memcmp(const void* one, const void* other, std::size_t size) {
  seen.compared.push_back(size);
  return __real_CRYPTO_memcmp(one, other, size);
}
}
// NOLINTEND(bugprone-reserved-identifier, readability-identifier-naming)

TEST_CASE("MAC-then-encrypt in TLS is opened in libcrypto's constant-time mode whatever is wrong with the record") {
  std::size_t formats = 0;
  for (const RecordFormat& format : protected_formats()) {
    const bool tls = name_of(format.protocol).find("tls") != std::string_view::npos;
    if (!tls || format.encrypt_then_mac || name_of(format.suite).find("-cbc-") == std::string_view::npos) continue;
    INFO(name_of(format));
    const TrafficKeys keys = example_keys(format);
    for (const std::size_t size : {0U, 1U, 100U, 255U, 16384U}) {
      const Frame frame = frame_of(format, keys.sequence, size);
      const auto text = static_cast<std::size_t>(frame.enciphered().count);
      ByteVector good = sealed_record(format, keys, pattern(size));
      // The last block's last byte is the padding's length; the first bit of the text is plaintext or MAC.
      ByteVector wrong_padding = good;
      wrong_padding.at(wrong_padding.size() - 1) ^= std::byte{0x80};
      ByteVector wrong_text = good;
      wrong_text[wrong_text.size() - text] ^= std::byte{1};
      for (ByteVector* record : {&good, &wrong_padding, &wrong_text}) {
        seen = {};
        CHECK(static_cast<bool>(opened_record(format, keys, *record)) == (record == &good));
        REQUIRE(seen.versions.size() == 1);
        CHECK(seen.versions[0] == (format.protocol == Protocol::tls_1_0   ? unsigned{TLS1_VERSION}
                                   : format.protocol == Protocol::tls_1_1 ? unsigned{TLS1_1_VERSION}
                                   : format.protocol == Protocol::tls_1_2 ? unsigned{TLS1_2_VERSION}
                                                                          : unsigned{DTLS1_2_VERSION}));
        CHECK(seen.mac_sizes == std::vector{static_cast<std::size_t>(frame.mac.count)});
        CHECK(seen.taken_macs == seen.mac_sizes);
        CHECK(seen.hashed_lengths == std::vector{text});
      }
    }
    ++formats;
  }
  CHECK(formats >= 12);
}

TEST_CASE("every MAC that is not libcrypto's own affair is compared once and whole by CRYPTO_memcmp") {
  std::size_t formats = 0;
  for (const RecordFormat& format : protected_formats()) {
    const std::string_view suite = name_of(format.suite);
    const bool aead_of_ssh = format.protocol == Protocol::ssh_2 && suite == "chacha20-poly1305";
    if (suite.find("-hmac-") == std::string_view::npos && !aead_of_ssh) continue;
    INFO(name_of(format));
    const TrafficKeys keys = example_keys(format);
    const Frame frame = frame_of(format, keys.sequence, 100);
    const auto mac = static_cast<std::size_t>((frame.mac + frame.tag).count);
    ByteVector good = sealed_record(format, keys, pattern(100));
    ByteVector first_of_tag = good;
    first_of_tag[first_of_tag.size() - static_cast<std::size_t>(frame.tag.count) - (frame.tag == Bytes(0) ? mac : 0)] ^=
        std::byte{1};
    ByteVector last_of_all = good;
    last_of_all.at(last_of_all.size() - 1) ^= std::byte{1};
    for (ByteVector* record : {&good, &first_of_tag, &last_of_all}) {
      seen = {};
      CHECK(static_cast<bool>(opened_record(format, keys, *record)) == (record == &good));
      CHECK(seen.compared == std::vector{mac});
    }
    ++formats;
  }
  CHECK(formats >= 90);
}
