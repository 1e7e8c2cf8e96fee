// 3DES-EDE-CBC with HMAC-SHA1 in TLS 1.2: MAC, then pad, then encrypt, behind an explicit IV (RFC 5246, 6.2.3.2).
//
// Opening is libcrypto's own code for TLS records, which libssl uses too: it removes the padding and takes out the MAC
// in constant time, puts a random MAC in its place when the padding is wrong, and hashes as many blocks as the longest
// possible plaintext would need (the defence against Lucky Thirteen, Al Fardan and Paterson 2013). What remains: 3DES
// in software looks up tables by secret bytes, so the cache may leak; and whoever sees how long the caller then works
// on the plaintext learns its length, as RFC 5246 admits.
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/ssl3.h>

#include <algorithm>

#include "bytes.hpp"
#include "openssl.hpp"
#include "suite_transform.hpp"
#include "tls_1_2.hpp"

namespace cryptopath {

namespace {

constexpr std::size_t block_size = 8;
constexpr std::size_t mac_size = 20;

MacContext new_hmac_sha1(std::span<const std::byte> key) {
  const Owned<EVP_MAC, EVP_MAC_free> algorithm(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  ensure_openssl(algorithm != nullptr, "HMAC");
  MacContext context(EVP_MAC_CTX_new(algorithm.get()));
  ensure_openssl(context != nullptr, "new HMAC context");
  std::array<char, 5> digest = {"SHA1"};
  const std::array parameters = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
                                 OSSL_PARAM_construct_end()};
  ensure_openssl(EVP_MAC_init(context.get(), octets(key.data()), key.size(), parameters.data()) == 1, "HMAC-SHA1 key");
  return context;
}

/// `context` has been initialised for this record.
void compute_mac(EVP_MAC_CTX& context, std::span<const std::byte> header, std::span<const std::byte> plaintext,
                 std::span<std::byte, mac_size> mac) {
  std::size_t written = 0;
  ensure_openssl(EVP_MAC_update(&context, octets(header.data()), header.size()) == 1 &&
                     EVP_MAC_update(&context, octets(plaintext.data()), plaintext.size()) == 1 &&
                     EVP_MAC_final(&context, octets(mac.data()), &written, mac.size()) == 1,
                 "HMAC-SHA1");
}

class CbcHmacTransform final : public SuiteTransform {
 public:
  explicit CbcHmacTransform(const TrafficKeys& keys)
      : sealing_(new_cipher_context()),
        opening_(new_cipher_context()),
        iv_generator_(new_cipher_context()),
        sealing_mac_(new_hmac_sha1(keys.mac_key)),
        opening_mac_(new_hmac_sha1(keys.mac_key)) {
    const auto cipher = fetch_cipher("DES-EDE3-CBC");
    const unsigned char* key = octets(keys.cipher_key.data());
    ensure_openssl(EVP_EncryptInit_ex2(sealing_.get(), cipher.get(), key, nullptr, nullptr) == 1 &&
                       EVP_CIPHER_CTX_set_padding(sealing_.get(), 0) == 1,
                   "3DES-CBC key");

    unsigned version = TLS1_2_VERSION;
    std::size_t size = mac_size;
    const std::array parameters = {OSSL_PARAM_construct_uint(OSSL_CIPHER_PARAM_TLS_VERSION, &version),
                                   OSSL_PARAM_construct_size_t(OSSL_CIPHER_PARAM_TLS_MAC_SIZE, &size),
                                   OSSL_PARAM_construct_end()};
    constexpr std::array<unsigned char, block_size> any_iv{};  // it only enters the explicit IV's block, thrown away
    ensure_openssl(EVP_DecryptInit_ex2(opening_.get(), cipher.get(), key, any_iv.data(), parameters.data()) == 1,
                   "3DES-CBC key");

    const auto generator = fetch_cipher("AES-256-ECB");
    ensure_openssl(
        EVP_EncryptInit_ex2(iv_generator_.get(), generator.get(), octets(keys.iv_seed.data()), nullptr, nullptr) == 1,
        "IV seed");
  }

  /// The start of AES-256(iv_seed, sequence): unpredictable to who lacks the seed (NIST SP 800-38A, appendix C), and
  /// the same whoever seals the record and when.
  void write_explicit_iv(std::uint64_t sequence, std::span<std::byte> iv) const override {
    std::array<std::byte, 16> block{};
    std::ranges::copy(big_endian(sequence), block.begin());
    int written = 0;
    ensure_openssl(
        EVP_EncryptUpdate(iv_generator_.get(), octets(block.data()), &written, octets(block.data()), 16) == 1,
        "explicit IV");
    std::ranges::copy(std::span(block).first(block_size), iv.begin());
  }

  void seal_in_place(const Frame& frame, std::span<std::byte> record) const override {
    const auto iv = part(record, frame.header, frame.iv);
    const auto plaintext = part(record, frame.plaintext_offset(), frame.plaintext);
    const auto mac = part(record, frame.plaintext_offset() + frame.plaintext, frame.mac).first<mac_size>();
    const auto enciphered = part(record, frame.plaintext_offset(), frame.enciphered());
    ensure_openssl(EVP_MAC_init(sealing_mac_.get(), nullptr, 0, nullptr) == 1, "HMAC-SHA1 with the same key");
    compute_mac(*sealing_mac_, tls_1_2::pseudo_header(frame.sequence, plaintext.size()), plaintext, mac);
    int written = 0;
    ensure_openssl(EVP_EncryptInit_ex2(sealing_.get(), nullptr, nullptr, octets(iv.data()), nullptr) == 1 &&
                       EVP_EncryptUpdate(sealing_.get(), octets(enciphered.data()), &written, octets(enciphered.data()),
                                         static_cast<int>(enciphered.size())) == 1,
                   "3DES-CBC seal");
  }

  std::optional<std::span<std::byte>> open_in_place(std::uint64_t sequence,
                                                    std::span<std::byte> record) const override {
    const auto body = record.subspan(tls_1_2::header_size);
    std::size_t padded = body.size() - block_size;  // plaintext, MAC and padding
    if (padded % block_size != 0 || padded < mac_size + 1) return std::nullopt;

    int opened = 0;  // the plaintext's length: secret until the MAC has been compared
    ensure_openssl(EVP_DecryptUpdate(opening_.get(), octets(body.data()), &opened, octets(body.data()),
                                     static_cast<int>(body.size())) == 1,
                   "3DES-CBC open");
    const auto plaintext = body.subspan(block_size, static_cast<std::size_t>(opened));

    void* found = nullptr;
    std::array found_mac = {OSSL_PARAM_construct_octet_ptr(OSSL_CIPHER_PARAM_TLS_MAC, &found, mac_size),
                            OSSL_PARAM_construct_end()};
    ensure_openssl(EVP_CIPHER_CTX_get_params(opening_.get(), found_mac.data()) == 1, "MAC of the record");
    // A copy, since in this mode a context remembers its first record's header through EVP_MAC_init.
    const MacContext mac(EVP_MAC_CTX_dup(opening_mac_.get()));
    const std::array padded_size = {OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_TLS_DATA_SIZE, &padded),
                                    OSSL_PARAM_construct_end()};
    ensure_openssl(mac != nullptr && EVP_MAC_CTX_set_params(mac.get(), padded_size.data()) == 1,
                   "HMAC-SHA1 of a record");
    std::array<std::byte, mac_size> expected;
    compute_mac(*mac, tls_1_2::pseudo_header(sequence, plaintext.size()), plaintext, expected);
    if (CRYPTO_memcmp(expected.data(), found, mac_size) == 0) return plaintext;
    OPENSSL_cleanse(body.data(), body.size());
    return std::nullopt;
  }

 private:
  CipherContext sealing_;
  CipherContext opening_;
  CipherContext iv_generator_;
  MacContext sealing_mac_;
  MacContext opening_mac_;
};

}  // namespace

std::unique_ptr<SuiteTransform> make_cbc_hmac_transform(const TrafficKeys& keys) {
  return std::make_unique<CbcHmacTransform>(keys);
}

}  // namespace cryptopath
