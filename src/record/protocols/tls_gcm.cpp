// AES-GCM in TLS 1.2 and DTLS 1.2 (RFC 5288). The nonce is the salt of the handshake and an explicit part in the
// record; the explicit part is the sequence number, so it never repeats under one key, in whatever order records are
// sealed. All state is what libcrypto's own counter stands at, which saves setting the nonce for each record.
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>

#include <algorithm>

#include "record/openssl.hpp"
#include "tls_protection.hpp"

namespace cryptopath {

namespace {

constexpr std::size_t salt_size = 4;
constexpr std::size_t explicit_size = 8;
constexpr std::size_t tag_size = 16;

OSSL_PARAM additional_data(std::span<std::byte, 13> bytes) {
  return OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TLS1_AAD, bytes.data(), bytes.size());
}

/// Uses libcrypto's mode for TLS records: one EVP_Cipher call runs over nonce, plaintext and tag in place. Separate
/// calls for IV, additional data, plaintext, end and tag, as Aead makes them, take 90 ns more a record.
class TlsGcm final : public TlsProtection {
 public:
  TlsGcm(const SuiteFormat& suite, const TrafficKeys& keys)
      : sealing_(new_cipher_context()), opening_(new_cipher_context()) {
    std::ranges::copy(keys.implicit_iv, salt_.begin());
    const auto cipher = fetch_cipher(suite.cipher.name);
    const unsigned char* key = octets(keys.cipher_key.data());
    ensure_openssl(EVP_EncryptInit_ex2(sealing_.get(), cipher.get(), key, nullptr, nullptr) == 1, "AES-GCM key");
    ensure_openssl(EVP_DecryptInit_ex2(opening_.get(), cipher.get(), key, nullptr, nullptr) == 1, "AES-GCM key");
    // For opening, the salt is enough: the rest of the nonce is read from each record.
    auto salt = salt_;
    const std::array parameters = {
        OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TLS1_IV_FIXED, salt.data(), salt.size()),
        OSSL_PARAM_construct_end()};
    ensure_openssl(EVP_CIPHER_CTX_set_params(opening_.get(), parameters.data()) == 1, "AES-GCM salt");
  }

  void write_iv(std::uint64_t sequence, std::span<std::byte> iv) override {
    std::ranges::copy(big_endian(sequence), iv.begin());
  }

  void seal(PseudoHeader header, const Frame& frame, std::span<std::byte> body) override {
    // libcrypto counts the nonce up from record to record by itself; only out of order does it need to be told.
    if (next_ != frame.sequence) set_nonce(header.sequence());
    next_ = frame.sequence + 1;
    // libcrypto takes the explicit nonce off this length by itself.
    const std::array parameters = {additional_data(header.with_length(to_size(frame.plaintext) + explicit_size)),
                                   OSSL_PARAM_construct_end()};
    ensure_openssl(EVP_CIPHER_CTX_set_params(sealing_.get(), parameters.data()) == 1, "AES-GCM additional data");
    ensure_openssl(run(*sealing_, body) >= 0, "AES-GCM seal");
  }

  std::optional<std::span<std::byte>> open(PseudoHeader header, std::span<std::byte> body) override {
    if (body.size() < explicit_size + tag_size) return std::nullopt;
    const std::array parameters = {additional_data(header.with_length(body.size())), OSSL_PARAM_construct_end()};
    ensure_openssl(EVP_CIPHER_CTX_set_params(opening_.get(), parameters.data()) == 1, "AES-GCM additional data");
    if (run(*opening_, body) < 0) {  // wipes the plaintext by itself
      ERR_clear_error();
      return std::nullopt;
    }
    // What EVP_Cipher returns counts nonce and tag too.
    return body.subspan(explicit_size, body.size() - explicit_size - tag_size);
  }

 private:
  void set_nonce(std::span<const std::byte, explicit_size> explicit_part) {
    SecretBytes<salt_size + explicit_size> nonce;
    std::ranges::copy(explicit_part, std::ranges::copy(salt_, nonce.begin()).out);
    // The size -1 means "the whole nonce" (EVP_CTRL_GCM_SET_IV_FIXED).
    const std::array parameters = {OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TLS1_IV_FIXED, nonce.data(),
                                                                     static_cast<std::size_t>(-1)),
                                   OSSL_PARAM_construct_end()};
    ensure_openssl(EVP_CIPHER_CTX_set_params(sealing_.get(), parameters.data()) == 1, "AES-GCM nonce");
  }

  static int run(EVP_CIPHER_CTX& context, std::span<std::byte> body) {
    return EVP_Cipher(&context, octets(body.data()), octets(body.data()), static_cast<unsigned>(body.size()));
  }

  SecretBytes<salt_size> salt_;
  CipherContext sealing_;
  std::optional<std::uint64_t> next_;  // the sequence number whose nonce `sealing_` takes next
  CipherContext opening_;
};

}  // namespace

std::unique_ptr<TlsProtection> make_tls_gcm(const SuiteFormat& suite, const TrafficKeys& keys) {
  return std::make_unique<TlsGcm>(suite, keys);
}

}  // namespace cryptopath
