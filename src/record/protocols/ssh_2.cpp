#include "ssh_2.hpp"

#include "ssh_packet.hpp"

namespace cryptopath::ssh_2 {

using namespace literals;

namespace {

constexpr std::size_t least_alignment = 8;

bool is_gcm(const SuiteFormat& suite) { return suite.cipher.kind == CipherKind::gcm; }

}  // namespace

std::size_t alignment_of(const SuiteFormat& suite) {
  return std::max(least_alignment, to_size(is_gcm(suite) ? 16_B : suite.cipher.block));
}

void lay_out(const RecordFormat& format, const SuiteFormat& suite, Frame& frame) {
  const bool authenticated = suite.cipher.is_aead();
  frame.header = authenticated || format.encrypt_then_mac ? Bytes(length_size) : 0_B;
  frame.prefix = Bytes(length_size) - frame.header + 1_B;
  frame.tag = authenticated ? suite.cipher.tag : suite.mac.size;
  const std::size_t alignment = alignment_of(suite);
  std::size_t padding = alignment - to_size(frame.prefix + frame.plaintext) % alignment;
  if (padding < least_padding) padding += alignment;
  frame.trailer = Bytes(static_cast<std::int64_t>(padding));
}

KeySizes key_sizes(const RecordFormat&, const SuiteFormat& suite) {
  if (is_gcm(suite)) return {suite.cipher.key, 0_B, 12_B};
  if (suite.cipher.is_aead()) return {suite.cipher.key + suite.cipher.key, 0_B, 0_B};
  return {suite.cipher.key, suite.mac.size, suite.cipher.block};
}

std::unique_ptr<RecordCodec> make_codec(const RecordFormat& format, const SuiteFormat& suite, const TrafficKeys& keys) {
  if (!suite.cipher.is_aead()) return make_mac_codec(format, suite, keys);
  return is_gcm(suite) ? make_gcm_codec(suite, keys) : make_chacha20_poly1305_codec(suite, keys);
}

}  // namespace cryptopath::ssh_2
