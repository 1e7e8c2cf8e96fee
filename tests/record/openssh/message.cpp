#include "message.hpp"

#include "cryptopath/errors.hpp"

namespace cryptopath::test {

MessageWriter& MessageWriter::uint32(std::size_t value) {
  ensure(value <= 0xffff'ffff, "a number has 32 bits");
  for (const int shift : {24, 16, 8, 0}) bytes_.push_back(std::byte(value >> shift & 0xff));
  return *this;
}

MessageWriter& MessageWriter::mpint(std::span<const std::byte> value) {
  while (!value.empty() && value.front() == std::byte{0}) value = value.subspan(1);
  const bool looks_negative = !value.empty() && (value.front() & std::byte{0x80}) != std::byte{0};
  uint32(value.size() + (looks_negative ? 1 : 0));
  if (looks_negative) byte(0);
  return raw(value);
}

MessageWriter& MessageWriter::raw(std::span<const std::byte> value) {
  bytes_.insert(bytes_.end(), value.begin(), value.end());
  return *this;
}

ByteVector packet_in_clear(std::span<const std::byte> payload) {
  std::size_t padding = 8 - (5 + payload.size()) % 8;
  if (padding < 4) padding += 8;
  return MessageWriter()
      .uint32(1 + payload.size() + padding)
      .byte(static_cast<std::uint8_t>(padding))
      .raw(payload)
      .raw(ByteVector(padding))
      .bytes();
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

std::string_view MessageReader::text() {
  const auto value = string();
  return {reinterpret_cast<const char*>(value.data()), value.size()};
}

}  // namespace cryptopath::test
