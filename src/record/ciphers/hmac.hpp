// HMAC (RFC 2104) over libcrypto's MD5, SHA-1 and SHA-256.
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <span>

namespace cryptopath {

/// The construction is written out over libcrypto's low-level digests, whose states are plain structures that can be
/// copied: the states after the two padded keys are made once. libcrypto 3.0's EVP_MAC and EVP_MD allocate for every
/// message.
class Hmac {
 public:
  static constexpr std::size_t largest_tag = 32;

  /// `digest` is libcrypto's name: "MD5", "SHA1" or "SHA256".
  Hmac(const char* digest, std::span<const std::byte> key);
  ~Hmac();  // wipes
  Hmac(const Hmac&) = delete;
  Hmac& operator=(const Hmac&) = delete;

  std::size_t size() const;
  /// The MAC over `pieces`, one after the other; its first tag.size() bytes, where a protocol truncates it.
  void compute(std::initializer_list<std::span<const std::byte>> pieces, std::span<std::byte> tag);
  /// Whether `tag` is that MAC, compared in constant time.
  bool verify(std::initializer_list<std::span<const std::byte>> pieces, std::span<const std::byte> tag);

 private:
  struct States;
  std::unique_ptr<States> states_;
};

}  // namespace cryptopath
