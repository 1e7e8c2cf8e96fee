// RC4, one keystream from the first record to the last.
#pragma once

#include <cstdint>
#include <span>

#include "chain.hpp"
#include "record/openssl.hpp"

namespace cryptopath {

class Rc4 {
 public:
  /// Starts `keystream_used` bytes into the keystream. Throws Fault where OpenSSL's legacy provider is not installed.
  Rc4(std::span<const std::byte> key, std::uint64_t first_sequence, std::uint64_t keystream_used = 0);

  /// Enciphers or deciphers the record with this sequence number, which must be the next one, in place.
  void run(std::uint64_t sequence, std::span<std::byte> text);
  /// The same for whichever is next.
  void run_next(std::span<std::byte> text);
  /// Deciphers the first bytes, at most largest_peek, of what is next, and leaves that where it is.
  void peek(std::span<std::byte> text);
  static constexpr std::size_t largest_peek = 16;

 private:
  /// The keystream of the context, over text.
  void draw(std::span<std::byte> text);

  RecordOrder order_;
  SecretBytes<largest_peek> ahead_;  // keystream that peek() has drawn and nothing has used
  std::size_t ahead_size_ = 0;
  CipherContext context_;
};

}  // namespace cryptopath
