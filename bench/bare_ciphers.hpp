// 3DES-CBC without anything around it: what the transfer benchmark measures against.
#pragma once

#include <cstddef>
#include <span>

namespace cryptopath::bench {

/// What one thread took.
struct Took {
  double seconds = 0;
  double cpu_seconds = 0;
  Took& operator+=(const Took& other) {
    seconds += other.seconds;
    cpu_seconds += other.cpu_seconds;
    return *this;
  }
};

/// OpenSSL's EVP_EncryptUpdate over `bytes`, 16 KiB a call, as long as a TLS record may be; no MAC.
Took encrypt_with_evp(std::span<const std::byte> bytes);
/// GnuTLS's gnutls_cipher_decrypt over as many bytes, the same way.
Took decrypt_with_gnutls(std::size_t size);

}  // namespace cryptopath::bench
