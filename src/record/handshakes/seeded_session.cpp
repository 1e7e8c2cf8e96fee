// Sessions without a handshake: ESP, whose keys an administrator or IKE would set, and TLS with DES, which neither
// OpenSSL nor GnuTLS has.
#include <fmt/format.h>

#include <string_view>

#include "cryptopath/endpoints.hpp"
#include "cryptopath/errors.hpp"
#include "handshake.hpp"
#include "own_reader.hpp"
#include "record/bytes.hpp"
#include "record/formats.hpp"
#include "record/seeded_bytes.hpp"

namespace cryptopath {

namespace {

std::string dotted(const Ipv4Address& address) { return fmt::format("{}", fmt::join(address, ".")); }

/// Of the first record of data: ESP's first packet is 1 (RFC 4303, 3.3.3), and in TLS the Finished message was 0.
constexpr std::uint64_t first_sequence = 1;

/// Any but those that IANA reserves, up to 255 (RFC 4303, 2.1).
std::uint32_t security_parameters_index(std::uint64_t seed) {
  constexpr std::uint32_t reserved = 256;
  std::uint32_t number = 0;
  for (const std::byte byte : seeded_bytes("cryptopath security parameters index", seed, 4)) {
    number = number << 8 | std::to_integer<std::uint32_t>(byte);
  }
  return reserved + number % (~std::uint32_t{0} - reserved);
}

/// A cell of the table: a key, and a salt behind it, in hexadecimal; empty for none.
void append_key(std::string& row, std::span<const std::byte> key, std::span<const std::byte> salt) {
  row += key.empty() && salt.empty() ? "\"" : "\"0x";
  append_hexadecimal(row, key);
  append_hexadecimal(row, salt);
  row += '"';
}

/// Wireshark 4.0's names; nothing for what it cannot decipher in ESP: CCM and ChaCha20.
std::string_view wireshark_cipher(const SuiteFormat& suite) {
  const Cipher& cipher = suite.cipher;
  if (cipher.kind == CipherKind::none) return "NULL";
  if (cipher.kind == CipherKind::cbc) {
    if (cipher.key == Bytes(8)) return "DES-CBC [RFC2405]";
    return cipher.block == Bytes(8) ? "TripleDES-CBC [RFC2451]" : "AES-CBC [RFC3602]";
  }
  return cipher.kind == CipherKind::gcm ? "AES-GCM with 16 octet ICV [RFC4106]" : "";
}

std::string_view wireshark_mac(const SuiteFormat& suite) {
  if (suite.mac.digest == nullptr) return "NULL";
  const std::string_view digest = suite.mac.digest;
  if (digest == "MD5") return "HMAC-MD5-96 [RFC2403]";
  return digest == "SHA1" ? "HMAC-SHA-1-96 [RFC2404]" : "HMAC-SHA-256-128 [RFC4868]";
}

std::string security_association(const RecordFormat& format, const TrafficKeys& keys) {
  const SuiteFormat& suite = format_of(format.suite);
  const std::string_view cipher = wireshark_cipher(suite);
  if (cipher.empty()) return {};
  std::string row = fmt::format("\"IPv4\",\"{}\",\"{}\",\"0x{:08x}\",\"{}\",", dotted(endpoints::sender.address),
                                dotted(endpoints::receiver.address), keys.association, cipher);
  row.reserve(key_log_room);
  append_key(row, keys.cipher_key, keys.implicit_iv);
  row += fmt::format(",\"{}\",", wireshark_mac(suite));
  append_key(row, keys.mac_key, {});
  row += '\n';
  return row;
}

}  // namespace

Session seeded_session(const RecordFormat& format, std::uint64_t seed) {
  const KeySizes sizes = key_sizes(format);
  Session session;
  TrafficKeys& keys = session.sender;
  keys.cipher_key = seeded_bytes("cryptopath cipher key", seed, to_size(sizes.cipher_key));
  keys.mac_key = seeded_bytes("cryptopath MAC key", seed, to_size(sizes.mac_key));
  keys.implicit_iv = seeded_bytes("cryptopath implicit IV", seed, to_size(sizes.implicit_iv));
  keys.sequence = first_sequence;
  if (format.protocol == Protocol::esp_transport || format.protocol == Protocol::esp_tunnel) {
    keys.association = security_parameters_index(seed);
    session.key_log = security_association(format, keys);
  }
  session.peer = std::make_unique<OwnReader>(format, keys);
  return session;
}

}  // namespace cryptopath
