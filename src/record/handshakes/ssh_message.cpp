#include "ssh_message.hpp"

#include "cryptopath/errors.hpp"

namespace cryptopath::ssh_2 {

MessageWriter& MessageWriter::uint32(std::size_t value) {
  ensure(value <= 0xffff'ffff, "a number has 32 bits");
  for (const int shift : {24, 16, 8, 0}) bytes_.push_back(std::byte(value >> shift & 0xff));
  return *this;
}

MessageWriter& MessageWriter::raw(std::span<const std::byte> value) {
  bytes_.insert(bytes_.end(), value.begin(), value.end());
  return *this;
}

std::vector<std::byte> packet_in_clear(std::span<const std::byte> payload) {
  std::size_t padding = 8 - (5 + payload.size()) % 8;
  if (padding < 4) padding += 8;
  return MessageWriter()
      .uint32(1 + payload.size() + padding)
      .byte(static_cast<std::uint8_t>(padding))
      .raw(payload)
      .raw(std::vector<std::byte>(padding))
      .bytes();
}

std::span<std::byte> payload_in_clear(std::span<std::byte> packet) {
  ensure(packet.size() >= 16 && packet.size() % 8 == 0 && MessageReader(packet).uint32() == packet.size() - 4,
         "a packet in clear is 16 bytes or more, a multiple of 8 and as long as it says");
  const auto padding = std::to_integer<std::size_t>(packet[4]);
  ensure(padding >= 4 && 5 + padding < packet.size(), "a packet in clear has padding and a payload");
  return packet.subspan(5, packet.size() - 5 - padding);
}

std::span<const std::byte> MessageReader::raw(std::size_t size) {
  ensure(size <= rest_.size(), "a message has all its fields");
  const auto taken = rest_.first(size);
  rest_ = rest_.subspan(size);
  return taken;
}

std::uint32_t MessageReader::uint32() {
  std::uint32_t value = 0;
  for (const std::byte each : raw(4)) value = value << 8 | std::to_integer<std::uint32_t>(each);
  return value;
}

void MessageReader::end() const { ensure(rest_.empty(), "a message ends with its last field"); }

std::string_view MessageReader::text() {
  const auto value = string();
  return {reinterpret_cast<const char*>(value.data()), value.size()};
}

}  // namespace cryptopath::ssh_2
