// What SSH's modes share: how a packet is written, and how it is taken apart once it has been authenticated.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "record/bytes.hpp"
#include "record/ciphers/cbc.hpp"
#include "record/codec.hpp"

namespace cryptopath::ssh_2 {

inline constexpr std::size_t length_size = 4;  // of packet_length, which counts all behind it but the MAC
inline constexpr std::size_t least_padding = 4;
inline constexpr std::size_t largest_packet = 35000;  // with all its parts, MAC too (RFC 4253, 6.1)

/// The low 32 bits in network byte order: packet_length, and the sequence number as MACs take it (RFC 4253, 6.4).
inline std::array<std::byte, 4> four_bytes(std::uint64_t value) {
  const auto bytes = big_endian(value);
  return {bytes[4], bytes[5], bytes[6], bytes[7]};
}
inline std::size_t packet_length(std::span<const std::byte> packet) {
  return number_at(packet, 0) << 16 | number_at(packet, 2);
}

/// What packets are padded to a multiple of (RFC 4253, 6; RFC 5647, 7.2).
std::size_t alignment_of(const SuiteFormat& suite);

class PacketCodec : public RecordCodec {
 public:
  void write_framing(const Frame& frame, std::span<std::byte> record) override {
    const std::size_t length = record.size() - length_size - tag_size_;
    const auto padding = record.subspan(to_size(frame.plaintext_offset() + frame.plaintext), to_size(frame.trailer));
    std::ranges::copy(four_bytes(length), record.begin());
    record[length_size] = std::byte(padding.size());
    padding_.fill(frame.sequence, padding);
  }

 protected:
  /// `clear`: how much of packet_length is outside the ciphertext.
  PacketCodec(const SuiteFormat& suite, const TrafficKeys& keys, std::size_t clear, std::size_t tag_size)
      : clear_(clear), alignment_(alignment_of(suite)), tag_size_(tag_size), padding_(keys.iv_seed) {}

  /// How long a packet is whose first bytes, in clear, are `start`. One whose length no packet has is taken for the
  /// largest, as OpenSSH does, so that an attacker who made the length does not learn that from an early refusal.
  Bytes size_from_length(std::span<const std::byte> start) const {
    std::size_t size = length_size + packet_length(start) + tag_size_;
    const std::size_t around = clear_ + tag_size_;
    if (size > largest_packet || size <= around || (size - around) % alignment_ != 0) {
      size = largest_packet - (largest_packet - around) % alignment_;
    }
    return Bytes(static_cast<std::int64_t>(size));
  }

  std::span<std::byte> enciphered(std::span<std::byte> record) const {
    return record.subspan(clear_, record.size() - clear_ - tag_size_);
  }
  std::span<std::byte> tag(std::span<std::byte> record) const { return record.last(tag_size_); }
  std::span<std::byte> without_tag(std::span<std::byte> record) const {
    return record.first(record.size() - tag_size_);
  }

  /// Whether a record can be a packet by its size, which is no secret.
  Rejection check_size(std::span<const std::byte> record) const {
    if (record.size() > largest_packet) return Rejection::too_long;
    const std::size_t around = clear_ + tag_size_;
    if (record.size() <= around || (record.size() - around) % alignment_ != 0) return Rejection::malformed;
    return Rejection::none;
  }
  /// Whether packet_length, in clear, is that of `record`.
  Rejection check_length(std::span<const std::byte> record) const {
    const std::size_t length = packet_length(record);
    if (length > largest_packet - length_size - tag_size_) return Rejection::too_long;
    return length == record.size() - length_size - tag_size_ ? Rejection::none : Rejection::malformed;
  }
  /// Finds the payload in a packet that is in clear and authentic.
  Opened unpack(std::span<std::byte> record) const {
    Rejection why = check_length(record);
    const auto body = without_tag(record).subspan(length_size);
    const std::size_t padding = std::to_integer<std::size_t>(body[0]);
    if (why == Rejection::none && (padding < least_padding || padding >= body.size())) why = Rejection::malformed;
    if (why == Rejection::none) {
      return accepted(ContentType::application_data, body.subspan(1, body.size() - 1 - padding));
    }
    wipe(record);
    return rejected(why);
  }

 private:
  std::size_t clear_;
  std::size_t alignment_;
  std::size_t tag_size_;
  IvGenerator padding_;
};

std::unique_ptr<RecordCodec> make_mac_codec(const RecordFormat& format, const SuiteFormat& suite,
                                            const TrafficKeys& keys);
std::unique_ptr<RecordCodec> make_gcm_codec(const SuiteFormat& suite, const TrafficKeys& keys);
std::unique_ptr<RecordCodec> make_chacha20_poly1305_codec(const SuiteFormat& suite, const TrafficKeys& keys);

}  // namespace cryptopath::ssh_2
