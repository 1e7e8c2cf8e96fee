// ChaCha20 and Poly1305 each by itself, for protocols that put them together in a way of their own.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>

#include "record/openssl.hpp"

namespace cryptopath {

/// The stream cipher in Bernstein's first form, with a block counter and a nonce of 64 bits each. RFC 8439, 2.3, has 32
/// and 96: the same for messages of less than 2^32 blocks.
class ChaCha20 {
 public:
  static constexpr std::size_t key_size = 32;
  static constexpr std::size_t block_size = 64;

  explicit ChaCha20(std::span<const std::byte> key);

  /// Goes to block 0 of the keystream for `nonce`.
  void start(std::span<const std::byte, 8> nonce);
  /// Enciphers or deciphers `text` in place with the keystream's next bytes.
  void run(std::span<std::byte> text);

 private:
  CipherContext context_;
};

/// The one-time authenticator (RFC 8439, 2.5). Unlike HMAC's, libcrypto's EVP_MAC for it takes a new key without
/// allocating.
class Poly1305 {
 public:
  static constexpr std::size_t key_size = 32;
  static constexpr std::size_t tag_size = 16;

  Poly1305();

  /// The tag of `text`. A key is for one text.
  std::array<std::byte, tag_size> compute(std::span<const std::byte, key_size> key, std::span<const std::byte> text);

 private:
  MacContext context_;
};

}  // namespace cryptopath
