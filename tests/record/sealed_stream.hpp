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

#include "cryptopath/session.hpp"

namespace cryptopath::test {

using ByteVector = std::vector<std::byte>;

/// TLS 1.2 with the two suites that the papers' systems use.
inline constexpr std::array protecting_formats = {
    RecordFormat{Protocol::tls_1_2, Suite::aes_128_gcm},
    RecordFormat{Protocol::tls_1_2, Suite::triple_des_cbc_hmac_sha1},
};

/// Every format but plaintext.
inline std::vector<RecordFormat> protected_formats() {
  std::vector<RecordFormat> formats;
  for (const RecordFormat& format : all_formats()) {
    if (format.protocol != Protocol::none) formats.push_back(format);
  }
  return formats;
}

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

inline bool contains(std::span<const std::byte> bytes, std::span<const std::byte> sought) {
  return std::ranges::search(bytes, sought).begin() != bytes.end();
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

/// Keys of the format's sizes, not from a handshake. DTLS: epoch 1.
inline TrafficKeys example_keys(const RecordFormat& format, std::uint64_t salt = 0) {
  const KeySizes sizes = key_sizes(format);
  const auto secret = [salt](Bytes size, std::uint64_t which) {
    return pattern(static_cast<std::size_t>(size.count), 4 * salt + which);
  };
  TrafficKeys keys;
  keys.cipher_key = secret(sizes.cipher_key, 1);
  keys.mac_key = secret(sizes.mac_key, 2);
  keys.implicit_iv = secret(sizes.implicit_iv, 3);
  keys.sequence = format.protocol == Protocol::dtls_1_2 ? (std::uint64_t{1} << 48) + 1 : 1;
  keys.association = 0x4321;
  const ByteVector seed = secret(Bytes(static_cast<std::int64_t>(keys.iv_seed.size())), 4);
  std::copy(seed.begin(), seed.end(), keys.iv_seed.begin());
  return keys;
}

inline ByteVector sealed(RecordTransform& transform, const Frame& frame, std::span<const std::byte> plaintext) {
  ByteVector record(static_cast<std::size_t>(frame.size().count));
  transform.seal(frame, plaintext, record);
  return record;
}

inline Frame frame_of(const RecordFormat& format, std::uint64_t sequence, std::size_t plaintext) {
  return RecordFraming(format, sequence).layout(Bytes(static_cast<std::int64_t>(plaintext)));
}

/// One record with fresh contexts.
inline ByteVector sealed_record(const RecordFormat& format, const TrafficKeys& keys,
                                std::span<const std::byte> plaintext) {
  RecordTransform transform(format, keys);
  return sealed(transform, frame_of(format, keys.sequence, plaintext.size()), plaintext);
}

/// What a fresh reader makes of one record, whose bytes it changes.
inline Opened opened_record(const RecordFormat& format, const TrafficKeys& keys, std::span<std::byte> record) {
  return RecordReader(format, keys).open_in_place(record);
}

/// Seals `plaintext` in records of `sizes`, in turn and over again.
inline std::vector<ByteVector> sealed_records(const RecordFormat& format, const TrafficKeys& keys,
                                              std::span<const std::byte> plaintext,
                                              const std::vector<std::size_t>& sizes) {
  RecordTransform transform(format, keys);
  RecordFraming framing(format, keys.sequence);
  std::vector<ByteVector> records;
  while (!plaintext.empty()) {
    const auto piece = plaintext.first(std::min(plaintext.size(), sizes[records.size() % sizes.size()]));
    records.push_back(sealed(transform, framing.next(size_of(piece)), piece));
    plaintext = plaintext.subspan(piece.size());
  }
  return records;
}

/// The same as one wire.
inline ByteVector sealed_stream(const RecordFormat& format, const TrafficKeys& keys,
                                std::span<const std::byte> plaintext, const std::vector<std::size_t>& sizes) {
  ByteVector wire;
  for (const ByteVector& record : sealed_records(format, keys, plaintext, sizes)) {
    wire.insert(wire.end(), record.begin(), record.end());
  }
  return wire;
}

}  // namespace cryptopath::test
