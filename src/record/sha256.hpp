// SHA-256 (FIPS 180-4), piece by piece.
#pragma once

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <span>
#include <string>

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
  /// In lower case. Ends it: call it once.
  std::string hexadecimal() {
    std::array<unsigned char, 32> digest{};
    ensure_openssl(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) == 1, "SHA-256");
    return fmt::format("{:02x}", fmt::join(digest, ""));
  }

 private:
  DigestContext context_;
};

}  // namespace cryptopath
