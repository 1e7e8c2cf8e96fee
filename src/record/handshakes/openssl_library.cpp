#include "openssl_library.hpp"

#include <openssl/core_names.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "record/bytes.hpp"
#include "record/seeded_bytes.hpp"

namespace cryptopath {

namespace {

/// `generator` will hand out `bytes` from now on.
void fill(EVP_RAND_CTX* generator, std::span<std::byte> bytes) {
  unsigned strength = 256;
  const std::array parameters = {
      OSSL_PARAM_construct_octet_string(OSSL_RAND_PARAM_TEST_ENTROPY, bytes.data(), bytes.size()),
      OSSL_PARAM_construct_uint(OSSL_RAND_PARAM_STRENGTH, &strength), OSSL_PARAM_construct_end()};
  ensure_openssl(generator != nullptr && EVP_RAND_CTX_set_params(generator, parameters.data()) == 1, "seed");
}

void fill(EVP_RAND_CTX* generator, std::string_view label, std::uint64_t seed) {
  // A handshake draws some 400 bytes and an RSA key some 20,000; running out is an error, not chance.
  constexpr std::size_t enough = 128 * 1024;
  auto bytes = seeded_bytes(label, seed, enough);
  fill(generator, bytes);
  wipe(bytes);
}

Credentials certify(const SeededLibrary& library, Owned<EVP_PKEY, EVP_PKEY_free> key, const EVP_MD* digest) {
  Owned<X509, X509_free> certificate(X509_new_ex(library.get(), nullptr));
  ensure_openssl(certificate != nullptr, "new certificate");
  X509_NAME* name = X509_get_subject_name(certificate.get());
  const auto* text = reinterpret_cast<const unsigned char*>("cryptopath");
  ensure_openssl(X509_set_version(certificate.get(), X509_VERSION_3) == 1 &&
                     ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1) == 1 &&
                     ASN1_TIME_set_string_X509(X509_getm_notBefore(certificate.get()), "19700101000000Z") == 1 &&
                     ASN1_TIME_set_string_X509(X509_getm_notAfter(certificate.get()), "99991231235959Z") == 1 &&
                     X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0) == 1 &&
                     X509_set_issuer_name(certificate.get(), name) == 1 &&
                     X509_set_pubkey(certificate.get(), key.get()) == 1 &&
                     X509_sign(certificate.get(), key.get(), digest) != 0,
                 "certificate");
  return {std::move(key), std::move(certificate)};
}

}  // namespace

SeededLibrary::SeededLibrary(std::uint64_t seed) : context_(OSSL_LIB_CTX_new()) {
  ensure_openssl(context_ != nullptr, "new library context");
  provider_.reset(OSSL_PROVIDER_load(get(), "default"));
  ensure_openssl(provider_ != nullptr, "default provider");
  ensure_openssl(RAND_set_DRBG_type(get(), "TEST-RAND", nullptr, nullptr, nullptr) == 1, "seeded generator");
  fill(RAND_get0_public(get()), "cryptopath OpenSSL public", seed);
  fill(RAND_get0_private(get()), "cryptopath OpenSSL private", seed);
}

void SeededLibrary::allow_draws(std::size_t size) const {
  std::vector<std::byte> bytes(size);
  fill(RAND_get0_public(get()), bytes);
}

Credentials make_ed25519_credentials(const SeededLibrary& library, std::uint64_t seed) {
  auto bytes = seeded_bytes("cryptopath server key", seed, 32);
  Owned<EVP_PKEY, EVP_PKEY_free> key(
      EVP_PKEY_new_raw_private_key_ex(library.get(), "ED25519", nullptr, octets(bytes.data()), bytes.size()));
  wipe(bytes);
  ensure_openssl(key != nullptr, "Ed25519 key");
  return certify(library, std::move(key), nullptr);
}

Credentials make_rsa_credentials(const SeededLibrary& library) {
  constexpr std::size_t bits = 1024;
  Owned<EVP_PKEY, EVP_PKEY_free> key(EVP_PKEY_Q_keygen(library.get(), nullptr, "RSA", bits));
  ensure_openssl(key != nullptr, "RSA key");
  return certify(library, std::move(key), EVP_sha256());
}

}  // namespace cryptopath
