// HMAC (RFC 2104) over libcrypto's digests.
//
// The construction is written out here, since libcrypto 3.0's EVP_MAC allocates twice for each message and its key
// cannot be kept without: hashing the two padded keys anew costs two blocks and allocates nothing.
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>

#include "record/openssl.hpp"

namespace cryptopath {

class Hmac {
 public:
  static constexpr std::size_t largest_tag = 32;

  /// `digest` is libcrypto's name: "MD5", "SHA1", "SHA256".
  Hmac(const char* digest, std::span<const std::byte> key);
  ~Hmac();  // wipes
  Hmac(const Hmac&) = delete;
  Hmac& operator=(const Hmac&) = delete;

  std::size_t size() const { return size_; }
  /// The MAC over `pieces`, one after the other; its first tag.size() bytes, where a protocol truncates it.
  void compute(std::initializer_list<std::span<const std::byte>> pieces, std::span<std::byte> tag);
  /// Whether `tag` is that MAC, compared in constant time.
  bool verify(std::initializer_list<std::span<const std::byte>> pieces, std::span<const std::byte> tag);

 private:
  static constexpr std::size_t block_size = 64;  // of MD5, SHA-1 and SHA-256

  Owned<EVP_MD, EVP_MD_free> digest_;
  DigestContext context_;
  std::size_t size_;
  std::array<unsigned char, block_size> inner_key_{};
  std::array<unsigned char, block_size> outer_key_{};
};

}  // namespace cryptopath
