// What the tests of SSH share: its formats, and a MAC that OpenSSL's one-shot HMAC computes.
#pragma once

#include <openssl/hmac.h>

#include <iterator>

#include "sealed_stream.hpp"

namespace cryptopath::test {

inline std::vector<RecordFormat> ssh_formats() {
  std::vector<RecordFormat> formats;
  std::ranges::copy_if(all_formats(), std::back_inserter(formats),
                       [](const RecordFormat& format) { return format.protocol == Protocol::ssh_2; });
  return formats;
}

/// Whether a packet's ciphertext depends on those before it.
inline bool chains(const RecordFormat& format) {
  const std::string_view suite = name_of(format.suite);
  return suite.find("cbc") != std::string_view::npos || suite.starts_with("rc4");
}

inline bool length_in_clear(const RecordFormat& format) {
  return format.encrypt_then_mac || format.suite == Suite::aes_128_gcm || format.suite == Suite::aes_256_gcm;
}

/// HMAC-SHA1 over the sequence number as four bytes and `packet` (RFC 4253, 6.4).
inline ByteVector packet_mac(const TrafficKeys& keys, std::uint32_t sequence, std::span<const std::byte> packet) {
  ByteVector text;
  for (const int shift : {24, 16, 8, 0}) text.push_back(std::byte(sequence >> shift & 0xff));
  text.insert(text.end(), packet.begin(), packet.end());
  ByteVector mac(20);
  HMAC(EVP_sha1(), keys.mac_key.data(), static_cast<int>(keys.mac_key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), reinterpret_cast<unsigned char*>(mac.data()),
       nullptr);
  return mac;
}

}  // namespace cryptopath::test
