// A session of SSH that begins with a key exchange, which tshark needs to see.
#pragma once

#include "cryptopath/session.hpp"

namespace cryptopath::test {

/// The library's sessions of SSH have keys from a seed and no handshake. Here both ends of curve25519-sha256 are played
/// in full, and `sender` has the server's keys. A seed gives the same session again. The key log has the line that
/// Wireshark 4.0 takes: the cookie of the server's SSH_MSG_KEXINIT and the server's private key. There is no peer.
Session ssh_session(const RecordFormat& format, std::uint64_t seed);

}  // namespace cryptopath::test
