#include "tls_protection.hpp"

#include <openssl/ssl3.h>

#include "cryptopath/errors.hpp"
#include "record/codec.hpp"

namespace cryptopath {

using namespace literals;

void lay_out_tls_body(const RecordFormat& format, const SuiteFormat& suite, bool chains, Frame& frame) {
  switch (suite.cipher.kind) {
    case CipherKind::gcm:
    case CipherKind::ccm:
      // Eight bytes of the nonce (RFC 5288, RFC 6655), of which ChaCha20 has none in the record (RFC 7905).
      frame.iv = 8_B;
      [[fallthrough]];
    case CipherKind::chacha20_poly1305:
      frame.tag = suite.cipher.tag;
      return;
    case CipherKind::none:
    case CipherKind::stream:
      frame.mac = suite.mac.size;
      return;
    case CipherKind::cbc: {
      const Bytes block = suite.cipher.block;
      if (!chains) frame.iv = block;
      (format.encrypt_then_mac ? frame.tag : frame.mac) = suite.mac.size;
      // The least padding: its length byte is always there, so what fills a block gets a whole one more.
      frame.trailer = block - Bytes((frame.plaintext + frame.mac).count % block.count);
      return;
    }
  }
}

Opened open_tls_record(TlsProtection& protection, std::span<const std::byte> header, std::uint64_t sequence,
                       std::span<std::byte> body) {
  constexpr std::size_t largest_plaintext = 16 * 1024;
  constexpr std::size_t largest_expansion = 2048;  // of plaintext and compression together (RFC 5246, 6.2.3)
  if (!is_content_type(header[0])) return rejected(Rejection::wrong_type);
  const std::size_t length = number_at(header, header.size() - 2);
  if (length > largest_plaintext + largest_expansion) return rejected(Rejection::too_long);
  if (length != body.size()) return rejected(Rejection::malformed);
  const auto content = static_cast<ContentType>(header[0]);
  const auto version = static_cast<std::uint16_t>(number_at(header, 1));
  const auto plaintext = protection.open(PseudoHeader(sequence, content, version), body);
  if (!plaintext) return rejected(Rejection::not_authentic);
  if (plaintext->size() <= largest_plaintext) return accepted(content, *plaintext);
  wipe(*plaintext);
  return rejected(Rejection::too_long);
}

KeySizes tls_key_sizes(const SuiteFormat& suite, bool chains) {
  KeySizes sizes{suite.cipher.key, suite.mac.size, 0_B};
  const CipherKind kind = suite.cipher.kind;
  if (kind == CipherKind::gcm || kind == CipherKind::ccm) sizes.implicit_iv = 4_B;
  if (kind == CipherKind::chacha20_poly1305) sizes.implicit_iv = 12_B;
  if (kind == CipherKind::cbc && chains) sizes.implicit_iv = suite.cipher.block;
  return sizes;
}

std::unique_ptr<TlsProtection> make_tls_protection(const RecordFormat& format, const SuiteFormat& suite,
                                                   const TrafficKeys& keys, std::uint16_t version) {
  switch (suite.cipher.kind) {
    case CipherKind::gcm:
      return make_tls_gcm(suite, keys);
    case CipherKind::ccm:
    case CipherKind::chacha20_poly1305:
      return make_tls_aead(suite, keys);
    case CipherKind::none:
    case CipherKind::stream:
      return make_tls_stream(suite, keys);
    case CipherKind::cbc:
      return format.encrypt_then_mac ? make_tls_encrypt_then_mac(suite, keys, version == TLS1_VERSION)
                                     : make_tls_mac_then_encrypt(suite, keys, version);
  }
  throw Fault("every kind of suite has a protection");
}

}  // namespace cryptopath
