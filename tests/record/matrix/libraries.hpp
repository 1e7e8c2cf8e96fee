// OpenSSL and GnuTLS as peers, each of all that it has.
#pragma once

#include "cell.hpp"

namespace cryptopath::test {

/// Checks, where the library has the suite: it makes the handshake, reads what the project seals and refuses it where
/// it was changed, and the project does the same with what the library sends.
Cell openssl_cell(const RecordFormat& format);
Cell gnutls_cell(const RecordFormat& format);

/// "OpenSSL 3.0", "GnuTLS 3.7".
std::string openssl_release();
std::string gnutls_release();

}  // namespace cryptopath::test
