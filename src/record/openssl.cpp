#include "openssl.hpp"

#include <openssl/err.h>

#include <array>

#include "cryptopath/errors.hpp"

namespace cryptopath {

std::string take_openssl_error() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "no reason given";
  if (const char* reason = ERR_reason_error_string(code)) return reason;
  std::array<char, 256> text{};
  ERR_error_string_n(code, text.data(), text.size());
  return text.data();
}

void ensure_openssl(bool succeeded, const char* what) {
  if (!succeeded) throw Fault(std::string("OpenSSL: ") + what + ": " + take_openssl_error());
}

CipherContext new_cipher_context() {
  CipherContext context(EVP_CIPHER_CTX_new());
  ensure_openssl(context != nullptr, "new cipher context");
  return context;
}

DigestContext new_digest_context() {
  DigestContext context(EVP_MD_CTX_new());
  ensure_openssl(context != nullptr, "new digest context");
  return context;
}

Owned<EVP_CIPHER, EVP_CIPHER_free> fetch_cipher(const char* algorithm) {
  Owned<EVP_CIPHER, EVP_CIPHER_free> cipher(EVP_CIPHER_fetch(nullptr, algorithm, nullptr));
  ensure_openssl(cipher != nullptr, algorithm);
  return cipher;
}

}  // namespace cryptopath
