// The handshakes behind handshake(), one for each library.
#pragma once

#include <cstdint>

#include "cryptopath/session.hpp"

namespace cryptopath {

/// TLS 1.2 with AES-128-GCM between two ends of OpenSSL; the server sends, the client is the peer.
Session openssl_handshake(std::uint64_t seed);
/// TLS 1.2 with 3DES-EDE-CBC and HMAC-SHA1 between two ends of GnuTLS; the server sends, the client is the peer.
Session gnutls_handshake_3des(std::uint64_t seed);

}  // namespace cryptopath
