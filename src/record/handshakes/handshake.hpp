// The handshakes behind handshake(), one for each library.
#pragma once

#include <cstddef>
#include <cstdint>

#include "cryptopath/session.hpp"

namespace cryptopath {

/// More than any key log takes: a string that grows leaves its old bytes, secrets among them, behind.
inline constexpr std::size_t key_log_room = 4096;

/// TLS or DTLS between two ends of OpenSSL, with any suite but DES, 3DES and RC4; the server sends, the client is the
/// peer.
Session openssl_handshake(const RecordFormat& format, std::uint64_t seed);
/// The same between two ends of GnuTLS, with any suite but DES. With 3DES and RC4 keys come from the seed alone; with
/// others they need not.
Session gnutls_handshake(const RecordFormat& format, std::uint64_t seed);
/// SSH between two ends that are played here, with the project's own RecordReader as the peer. The key log has a line
/// for every suite, also for those that Wireshark cannot decipher.
Session ssh_handshake(const RecordFormat& format, std::uint64_t seed);
/// No handshake: keys from the seed alone, and the project's own RecordReader as the peer.
Session seeded_session(const RecordFormat& format, std::uint64_t seed);

}  // namespace cryptopath
