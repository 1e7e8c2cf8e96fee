// What several tests of records need: bytes, keys, and a stream of sealed records.
#pragma once

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cryptopath/record.hpp"

namespace cryptopath::test {

using ByteVector = std::vector<std::byte>;

/// The suites that protect, each with the protocol TLS 1.2.
inline constexpr std::array protecting_suites = {Suite::aes_128_gcm, Suite::triple_des_cbc_hmac_sha1};

inline Bytes size_of(std::span<const std::byte> bytes) { return Bytes(static_cast<std::int64_t>(bytes.size())); }

/// Bytes that differ from place to place, and by `salt`.
inline ByteVector pattern(std::size_t size, std::uint64_t salt = 0) {
  ByteVector bytes(size);
  std::uint64_t state = salt;
  for (std::byte& byte : bytes) {
    state = state * 6364136223846793005 + 1442695040888963407;
    byte = std::byte(state >> 56);
  }
  return bytes;
}

/// The same bytes as a string, which sets can order.
inline std::string as_string(std::span<const std::byte> bytes) {
  std::string text;
  for (const std::byte byte : bytes) text += static_cast<char>(byte);
  return text;
}

/// SHA-256 in lower-case hexadecimal.
inline std::string sha256(std::span<const std::byte> bytes) {
  std::array<unsigned char, 32> digest{};
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  return fmt::format("{:02x}", fmt::join(digest, ""));
}

/// Keys of the suite's sizes, not from a handshake.
inline TrafficKeys example_keys(Suite suite, std::uint64_t salt = 0) {
  TrafficKeys keys;
  const bool gcm = suite == Suite::aes_128_gcm;
  keys.cipher_key = pattern(gcm ? 16 : 24, salt + 1);
  keys.mac_key = pattern(gcm ? 0 : 20, salt + 2);
  keys.implicit_iv = pattern(gcm ? 4 : 0, salt + 3);
  keys.sequence = 1;
  const ByteVector seed = pattern(keys.iv_seed.size(), salt + 4);
  std::copy(seed.begin(), seed.end(), keys.iv_seed.begin());
  return keys;
}

inline ByteVector sealed(const RecordTransform& transform, const Frame& frame, std::span<const std::byte> plaintext) {
  ByteVector record(static_cast<std::size_t>(frame.size().count));
  transform.seal(frame, plaintext, record);
  return record;
}

/// The layout of one TLS 1.2 record.
inline Frame frame_of(Suite suite, std::uint64_t sequence, std::size_t plaintext) {
  return RecordFraming(Protocol::tls_1_2, suite, sequence).layout(Bytes(static_cast<std::int64_t>(plaintext)));
}

/// Seals `plaintext` in records of `sizes`, in turn and over again, and returns the wire.
inline ByteVector sealed_stream(Protocol protocol, Suite suite, const TrafficKeys& keys,
                                std::span<const std::byte> plaintext, const std::vector<std::size_t>& sizes) {
  const RecordTransform transform(protocol, suite, keys);
  RecordFraming framing(protocol, suite, keys.sequence);
  ByteVector wire;
  for (std::size_t record = 0; !plaintext.empty(); ++record) {
    const auto piece = plaintext.first(std::min(plaintext.size(), sizes[record % sizes.size()]));
    const ByteVector bytes = sealed(transform, framing.next(size_of(piece)), piece);
    wire.insert(wire.end(), bytes.begin(), bytes.end());
    plaintext = plaintext.subspan(piece.size());
  }
  return wire;
}

}  // namespace cryptopath::test
