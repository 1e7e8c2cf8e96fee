// CBC with the MAC inside, in TLS up to 1.2 and DTLS 1.2: MAC, then pad, then encrypt (RFC 5246, 6.2.3.2). From TLS 1.1
// on an explicit IV stands in front; in TLS 1.0 the last block of a record is the IV of the next.
//
// Opening is libcrypto's own code for TLS records, which libssl uses too: it removes the padding and takes out the MAC
// in constant time, puts a random MAC in its place when the padding is wrong, and hashes as many blocks as the longest
// possible plaintext would need (the defence against Lucky Thirteen, Al Fardan and Paterson 2013). What remains: 3DES
// in software looks up tables by secret bytes, so the cache may leak; and whoever sees how long the caller then works
// on the plaintext learns its length, as RFC 5246 admits.
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ssl3.h>

#include <algorithm>
#include <string>

#include "record/ciphers/cbc.hpp"
#include "record/ciphers/chain.hpp"
#include "record/ciphers/hmac.hpp"
#include "tls_protection.hpp"

namespace cryptopath {

namespace {

/// The opening half: contexts of libcrypto in its mode for TLS records.
class ConstantTimeOpening {
 public:
  ConstantTimeOpening(const SuiteFormat& suite, const TrafficKeys& keys, std::uint16_t version)
      : context_(new_cipher_context()), mac_(new_hmac(suite.mac, keys.mac_key)), mac_size_(to_size(suite.mac.size)) {
    const auto cipher = fetch_cipher(suite.cipher.name);
    const CbcKey key(keys.cipher_key);
    unsigned number = version;
    std::size_t mac_size = mac_size_;
    const std::array parameters = {OSSL_PARAM_construct_uint(OSSL_CIPHER_PARAM_TLS_VERSION, &number),
                                   OSSL_PARAM_construct_size_t(OSSL_CIPHER_PARAM_TLS_MAC_SIZE, &mac_size),
                                   OSSL_PARAM_construct_end()};
    // With explicit IVs this one only enters the IV's own block, which is thrown away.
    SecretBytes<EVP_MAX_IV_LENGTH> iv;
    std::ranges::copy(keys.implicit_iv, iv.begin());
    ensure_openssl(
        EVP_DecryptInit_ex2(context_.get(), cipher.get(), key.data(), octets(iv.data()), parameters.data()) == 1,
        "CBC key");
  }

  /// `iv_size` is 0 in TLS 1.0. `body` is at least an IV, a MAC and a byte of padding, in whole blocks.
  std::optional<std::span<std::byte>> open(PseudoHeader& header, std::size_t iv_size, std::span<std::byte> body) {
    std::size_t padded = body.size() - iv_size;  // plaintext, MAC and padding
    int opened = 0;                              // the plaintext's length: secret until the MAC has been compared
    ensure_openssl(EVP_DecryptUpdate(context_.get(), octets(body.data()), &opened, octets(body.data()),
                                     static_cast<int>(body.size())) == 1,
                   "CBC open");
    const auto plaintext = body.subspan(iv_size, static_cast<std::size_t>(opened));

    void* found = nullptr;
    std::array found_mac = {OSSL_PARAM_construct_octet_ptr(OSSL_CIPHER_PARAM_TLS_MAC, &found, mac_size_),
                            OSSL_PARAM_construct_end()};
    ensure_openssl(EVP_CIPHER_CTX_get_params(context_.get(), found_mac.data()) == 1, "MAC of the record");
    // A copy, since in this mode a context remembers its first record's header through EVP_MAC_init.
    const MacContext mac(EVP_MAC_CTX_dup(mac_.get()));
    const std::array padded_size = {OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_TLS_DATA_SIZE, &padded),
                                    OSSL_PARAM_construct_end()};
    std::array<std::byte, Hmac::largest_tag> expected;
    std::size_t written = 0;
    const auto pseudo_header = header.with_length(plaintext.size());
    ensure_openssl(mac != nullptr && EVP_MAC_CTX_set_params(mac.get(), padded_size.data()) == 1 &&
                       EVP_MAC_update(mac.get(), octets(pseudo_header.data()), pseudo_header.size()) == 1 &&
                       EVP_MAC_update(mac.get(), octets(plaintext.data()), plaintext.size()) == 1 &&
                       EVP_MAC_final(mac.get(), octets(expected.data()), &written, expected.size()) == 1,
                   "HMAC of a record");
    if (CRYPTO_memcmp(expected.data(), found, mac_size_) == 0) return plaintext;
    wipe(body);
    return std::nullopt;
  }

 private:
  static MacContext new_hmac(const Mac& mac, std::span<const std::byte> key) {
    const Owned<EVP_MAC, EVP_MAC_free> algorithm(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
    ensure_openssl(algorithm != nullptr, "HMAC");
    MacContext context(EVP_MAC_CTX_new(algorithm.get()));
    std::string digest = mac.digest;
    const std::array parameters = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
                                   OSSL_PARAM_construct_end()};
    ensure_openssl(
        context != nullptr && EVP_MAC_init(context.get(), octets(key.data()), key.size(), parameters.data()) == 1,
        "HMAC key");
    return context;
  }

  CipherContext context_;
  MacContext mac_;
  std::size_t mac_size_;
};

class TlsMacThenEncrypt final : public TlsProtection {
 public:
  TlsMacThenEncrypt(const SuiteFormat& suite, const TrafficKeys& keys, std::uint16_t version)
      : encryption_(suite.cipher, keys.cipher_key, Cbc::Direction::encrypt),
        mac_(suite.mac.digest, keys.mac_key),
        ivs_(keys.iv_seed),
        opening_(suite, keys, version) {
    if (version == TLS1_VERSION) chain_.emplace(suite.cipher, keys);
  }

  void write_iv(std::uint64_t sequence, std::span<std::byte> iv) override { ivs_.fill(sequence, iv); }

  void seal(PseudoHeader header, const Frame& frame, std::span<std::byte> body) override {
    const auto iv = body.first(to_size(frame.iv));
    const auto text = body.subspan(iv.size());
    const auto plaintext = text.first(to_size(frame.plaintext));
    mac_.compute({header.with_length(plaintext.size()), plaintext}, text.subspan(plaintext.size(), mac_.size()));
    if (!chain_) {
      encryption_.run(iv, text);
      return;
    }
    chain_->order.take(frame.sequence);
    encryption_.run(chain_->iv(), text);
    chain_->follow(text);
  }

  std::optional<std::span<std::byte>> open(PseudoHeader header, std::span<std::byte> body) override {
    const std::size_t block = encryption_.block_size();
    const std::size_t iv_size = chain_ ? 0 : block;
    if (body.size() < iv_size + mac_.size() + 1 || body.size() % block != 0) return std::nullopt;
    return opening_.open(header, iv_size, body);
  }

 private:
  Cbc encryption_;
  Hmac mac_;
  IvGenerator ivs_;
  ConstantTimeOpening opening_;
  std::optional<ChainedIv> chain_;  // TLS 1.0
};

}  // namespace

std::unique_ptr<TlsProtection> make_tls_mac_then_encrypt(const SuiteFormat& suite, const TrafficKeys& keys,
                                                         std::uint16_t version) {
  return std::make_unique<TlsMacThenEncrypt>(suite, keys, version);
}

}  // namespace cryptopath
