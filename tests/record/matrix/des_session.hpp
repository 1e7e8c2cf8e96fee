// A connection of TLS 1.0 or 1.1 with single DES, for which neither OpenSSL nor GnuTLS makes the handshake.
#pragma once

#include "../sealed_stream.hpp"

namespace cryptopath::test {

/// What GnuTLS says with 3DES, with the number of DES in the server's hello and the Finished messages under DES's keys,
/// from the same master secret. They verify nothing: this is for a reader that has the key log and looks on.
Session des_session(const RecordFormat& format, std::uint64_t seed);

}  // namespace cryptopath::test
