// SHA-256 (FIPS 180-4), piece by piece.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>

#include "bytes.hpp"
#include "openssl.hpp"

namespace cryptopath {

class Sha256 {
 public:
  Sha256() : context_(new_digest_context()) {
    ensure_openssl(EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1, "SHA-256");
  }
  void update(std::span<const std::byte> bytes) {
    ensure_openssl(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1, "SHA-256");
  }
  /// These end it: call one of them, once.
  void finish(std::span<std::byte, 32> digest) {
    ensure_openssl(EVP_DigestFinal_ex(context_.get(), octets(digest.data()), nullptr) == 1, "SHA-256");
  }
  /// In lower case.
  std::string hexadecimal() {
    std::array<std::byte, 32> digest;
    finish(digest);
    std::string text;
    append_hexadecimal(text, digest);
    return text;
  }

 private:
  DigestContext context_;
};

}  // namespace cryptopath
