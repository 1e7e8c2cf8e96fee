#include "bare_ciphers.hpp"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <memory>
#include <vector>

#include "cryptopath/errors.hpp"

namespace cryptopath::bench {

namespace {

constexpr std::size_t piece_size = 16384;
constexpr std::size_t block_size = 8;

double thread_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

template <class Work>
Took time_of(Work work) {
  const auto began = std::chrono::steady_clock::now();
  const double cpu_began = thread_seconds();
  work();
  return {std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count(),
          thread_seconds() - cpu_began};
}

/// Three different keys of eight bytes; a weak one would do as well, but GnuTLS may refuse it.
std::array<unsigned char, 24> key() {
  std::array<unsigned char, 24> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<unsigned char>(17 * i + 5);
  return bytes;
}

}  // namespace

Took encrypt_with_evp(std::span<const std::byte> bytes) {
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(EVP_CIPHER_CTX_new(),
                                                                                EVP_CIPHER_CTX_free);
  const std::array<unsigned char, block_size> iv{};
  ensure(EVP_EncryptInit_ex(context.get(), EVP_des_ede3_cbc(), nullptr, key().data(), iv.data()) == 1,
         "OpenSSL does not start 3DES");
  std::vector<unsigned char> output(piece_size + block_size);
  return time_of([&] {
    while (!bytes.empty()) {
      const auto piece = bytes.first(std::min(piece_size, bytes.size()));
      int written = 0;
      ensure(
          EVP_EncryptUpdate(context.get(), output.data(), &written,
                            reinterpret_cast<const unsigned char*>(piece.data()), static_cast<int>(piece.size())) == 1,
          "OpenSSL does not encipher");
      bytes = bytes.subspan(piece.size());
    }
  });
}

Took decrypt_with_gnutls(std::size_t size) {
  std::array<unsigned char, 24> key_bytes = key();
  std::array<unsigned char, block_size> iv_bytes{};
  const gnutls_datum_t key_datum{key_bytes.data(), key_bytes.size()};
  const gnutls_datum_t iv_datum{iv_bytes.data(), iv_bytes.size()};
  gnutls_cipher_hd_t cipher = nullptr;
  ensure(gnutls_cipher_init(&cipher, GNUTLS_CIPHER_3DES_CBC, &key_datum, &iv_datum) == 0, "GnuTLS does not start 3DES");
  std::vector<unsigned char> piece(piece_size);
  const Took took = time_of([&] {
    for (std::size_t left = size / block_size * block_size; left > 0;) {
      const std::size_t now = std::min(left, piece_size);
      ensure(gnutls_cipher_decrypt(cipher, piece.data(), now) == 0, "GnuTLS does not decipher");
      left -= now;
    }
  });
  gnutls_cipher_deinit(cipher);
  return took;
}

}  // namespace cryptopath::bench
