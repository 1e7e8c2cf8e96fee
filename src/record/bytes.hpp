// Small conversions between the project's units and spans and what libraries in C take.
#pragma once

#include <openssl/crypto.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "cryptopath/units.hpp"

namespace cryptopath {

inline std::size_t to_size(Bytes size) { return static_cast<std::size_t>(size.count); }
inline Bytes size_of(std::span<const std::byte> bytes) { return Bytes(static_cast<std::int64_t>(bytes.size())); }

/// The `size` bytes of `record` from `offset` on.
inline std::span<std::byte> part(std::span<std::byte> record, Bytes offset, Bytes size) {
  return record.subspan(to_size(offset), to_size(size));
}

inline unsigned char* octets(std::byte* bytes) { return reinterpret_cast<unsigned char*>(bytes); }
inline const unsigned char* octets(const std::byte* bytes) { return reinterpret_cast<const unsigned char*>(bytes); }

/// `value` in network byte order.
inline std::array<std::byte, 8> big_endian(std::uint64_t value) {
  std::array<std::byte, 8> bytes;
  for (auto place = bytes.rbegin(); place != bytes.rend(); ++place, value >>= 8) *place = std::byte(value & 0xff);
  return bytes;
}

/// The two bytes at `place` as a number in network byte order.
inline std::size_t number_at(std::span<const std::byte> bytes, std::size_t place) {
  return std::to_integer<std::size_t>(bytes[place]) << 8 | std::to_integer<std::size_t>(bytes[place + 1]);
}

/// Appends two digits for each byte. Where `text` has room for them no copy of a secret is left anywhere.
inline void append_hexadecimal(std::string& text, std::span<const std::byte> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (const std::byte byte : bytes) {
    text += digits[std::to_integer<std::size_t>(byte) >> 4];
    text += digits[std::to_integer<std::size_t>(byte) & 0xf];
  }
}

/// Overwrites secrets in a way that no compiler leaves out.
inline void wipe(std::span<std::byte> bytes) { OPENSSL_cleanse(bytes.data(), bytes.size()); }

/// Zeros to begin with, that are wiped when they go: keys, and what nonces are made of.
template <std::size_t length>
struct SecretBytes : std::array<std::byte, length> {
  SecretBytes() : std::array<std::byte, length>{} {}
  SecretBytes(const SecretBytes&) = default;
  SecretBytes& operator=(const SecretBytes&) = default;
  ~SecretBytes() { wipe(*this); }
};

}  // namespace cryptopath
