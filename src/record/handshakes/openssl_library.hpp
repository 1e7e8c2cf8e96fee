// OpenSSL with every random number drawn from a seed, and what a TLS server proves itself with.
#pragma once

#include <openssl/provider.h>
#include <openssl/x509.h>

#include <cstddef>
#include <cstdint>

#include "record/openssl.hpp"

namespace cryptopath {

/// A library context in which all random numbers come from the seed: its generator, OpenSSL's TEST-RAND, hands out
/// bytes made from it. Only the thread that made it can draw, so that later work, in whichever thread, cannot depend on
/// chance unnoticed: it fails. No configuration file is read.
class SeededLibrary {
 public:
  explicit SeededLibrary(std::uint64_t seed);
  OSSL_LIB_CTX* get() const { return context_.get(); }
  /// Lets the calling thread draw `size` public bytes, all of them zero, for work whose outcome they cannot change: to
  /// check a record with CBC, libcrypto draws a MAC to compare with where the padding is wrong.
  void allow_draws(std::size_t size) const;

 private:
  Owned<OSSL_LIB_CTX, OSSL_LIB_CTX_free> context_;
  Owned<OSSL_PROVIDER, OSSL_PROVIDER_unload> provider_;
};

/// A key and a certificate for it, signed by itself and valid for ever: the clock of the machine must not matter.
struct Credentials {
  Owned<EVP_PKEY, EVP_PKEY_free> key;
  Owned<X509, X509_free> certificate;
};

Credentials make_ed25519_credentials(const SeededLibrary& library, std::uint64_t seed);
/// 1024 bits: found in ten milliseconds, and it protects nothing.
Credentials make_rsa_credentials(const SeededLibrary& library);

}  // namespace cryptopath
