#include "tls_protection.hpp"

#include <openssl/ssl3.h>

#include <string_view>

#include "cryptopath/errors.hpp"

namespace cryptopath {

using namespace literals;

namespace {

bool is_chacha(const SuiteFormat& suite) { return std::string_view(suite.cipher.name).starts_with("ChaCha"); }

}  // namespace

void lay_out_tls_body(const RecordFormat& format, const SuiteFormat& suite, bool chains, Frame& frame) {
  switch (suite.cipher.kind) {
    case CipherKind::aead:
      // GCM and CCM carry eight bytes of their nonce (RFC 5288, RFC 6655); ChaCha20 none (RFC 7905).
      frame.iv = is_chacha(suite) ? 0_B : 8_B;
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

KeySizes tls_key_sizes(const SuiteFormat& suite, bool chains) {
  KeySizes sizes{suite.cipher.key, suite.mac.size, 0_B};
  if (suite.cipher.kind == CipherKind::aead) sizes.implicit_iv = is_chacha(suite) ? 12_B : 4_B;
  if (suite.cipher.kind == CipherKind::cbc && chains) sizes.implicit_iv = suite.cipher.block;
  return sizes;
}

std::unique_ptr<TlsProtection> make_tls_protection(const RecordFormat& format, const SuiteFormat& suite,
                                                   const TrafficKeys& keys, std::uint16_t version) {
  switch (suite.cipher.kind) {
    case CipherKind::aead:
      return std::string_view(suite.cipher.name).ends_with("GCM") ? make_tls_gcm(suite, keys)
                                                                  : make_tls_aead(suite, keys);
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
