// The keys of both directions, from the secrets that a TLS or DTLS handshake leaves.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "cryptopath/session.hpp"

namespace cryptopath {

/// What the key block of TLS up to 1.2 and of DTLS 1.2 is made from.
struct MasterSecret {
  std::vector<std::byte> master;
  std::vector<std::byte> client_random;
  std::vector<std::byte> server_random;

  ~MasterSecret();  // wipes
};

/// Sets session.sender and session.receiver from the key block (RFC 5246, 6.3; RFC 2246, 6.3), as they stand behind
/// session.handshake, which must be there: sequence numbers, the last ciphertext block where CBC chains, and how far
/// RC4's keystream has run.
void take_over(const RecordFormat& format, const MasterSecret& secret, Session& session);
/// The same for TLS 1.3 (RFC 8446, 7.3), from the traffic secrets in session.key_log. Each end's record 0 is the first
/// behind the handshake: no session tickets have been sent.
void take_over_tls_1_3(const RecordFormat& format, Session& session);

}  // namespace cryptopath
