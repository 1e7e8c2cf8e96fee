// AES-GCM, AES-CCM and ChaCha20-Poly1305 (RFC 5116, RFC 8439) with any nonce and additional data.
#pragma once

#include <cstddef>
#include <span>

#include "record/formats.hpp"
#include "record/openssl.hpp"

namespace cryptopath {

class Aead {
 public:
  enum class Direction { seal, open };

  /// `nonce_size` and cipher.tag hold for all messages. Throws Fault unless cipher is an AEAD and the key has its
  /// size.
  Aead(const Cipher& cipher, std::span<const std::byte> key, std::size_t nonce_size, Direction direction);

  /// Enciphers `text` in place and writes the tag.
  void seal(std::span<const std::byte> nonce, std::span<const std::byte> additional, std::span<std::byte> text,
            std::span<std::byte> tag);
  /// Deciphers `text` in place. False when the tag is not its own; then `text` has been wiped.
  bool open(std::span<const std::byte> nonce, std::span<const std::byte> additional, std::span<std::byte> text,
            std::span<const std::byte> tag);

 private:
  void start(std::span<const std::byte> nonce, std::span<const std::byte> additional, std::size_t text_size);

  CipherContext context_;
  std::size_t nonce_size_;
  std::size_t tag_size_;
  bool length_first_;  // CCM needs the text's length before all else
};

}  // namespace cryptopath
