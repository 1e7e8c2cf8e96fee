// SSH's messages in a handshake: the data types of RFC 4251, section 5, and the numbers (RFC 4250, 4.1.2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace cryptopath::ssh_2 {

/// The tests' clients and servers need those behind the handshake's.
enum class MessageNumber : std::uint8_t {
  disconnect = 1,
  ignore = 2,
  debug = 4,
  service_request = 5,
  service_accept = 6,
  kexinit = 20,
  newkeys = 21,
  kex_ecdh_init = 30,
  kex_ecdh_reply = 31,
  userauth_request = 50,
  userauth_success = 52,
  global_request = 80,
  channel_open = 90,
  channel_open_confirmation = 91,
  channel_window_adjust = 93,
  channel_data = 94,
  channel_eof = 96,
  channel_close = 97,
  channel_request = 98,
  channel_success = 99,
};

inline std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

/// Puts a message together, one field after the other. Not for secrets: as it grows it leaves old bytes behind.
class MessageWriter {
 public:
  MessageWriter() = default;
  explicit MessageWriter(MessageNumber number) { byte(static_cast<std::uint8_t>(number)); }

  MessageWriter& byte(std::uint8_t value) { return raw({{std::byte(value)}}); }
  MessageWriter& boolean(bool value) { return byte(value ? 1 : 0); }
  MessageWriter& uint32(std::size_t value);
  MessageWriter& uint64(std::uint64_t value) { return uint32(value >> 32).uint32(value & 0xffff'ffff); }
  MessageWriter& string(std::span<const std::byte> value) { return uint32(value.size()).raw(value); }
  MessageWriter& string(std::string_view value) { return string(bytes_of(value)); }
  MessageWriter& raw(std::span<const std::byte> value);

  const std::vector<std::byte>& bytes() const { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

/// A packet before the first keys (RFC 4253, 6): packet_length, padding_length, payload, padding to a multiple of 8.
/// The padding is zeros, as OpenSSH's is before the first keys.
std::vector<std::byte> packet_in_clear(std::span<const std::byte> payload);
/// The payload of such a packet, within it. Throws Fault where it is none.
std::span<std::byte> payload_in_clear(std::span<std::byte> packet);

/// Takes a message apart. What it returns lies within the message. Throws Fault where the message is too short.
class MessageReader {
 public:
  explicit MessageReader(std::span<const std::byte> bytes) : rest_(bytes) {}

  std::span<const std::byte> raw(std::size_t size);
  std::uint8_t byte() { return std::to_integer<std::uint8_t>(raw(1)[0]); }
  std::uint32_t uint32();
  std::span<const std::byte> string() { return raw(uint32()); }
  std::string_view text();
  /// Throws Fault unless the last field has been taken.
  void end() const;

 private:
  std::span<const std::byte> rest_;
};

/// A message of at least its number.
inline MessageNumber number_of(std::span<const std::byte> message) {
  return static_cast<MessageNumber>(MessageReader(message).byte());
}

}  // namespace cryptopath::ssh_2
