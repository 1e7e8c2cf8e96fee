// Owners of OpenSSL's objects, and its errors as Fault.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string>

namespace cryptopath {

template <auto Free>
struct FreeWith {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
template <class T, auto Free>
using Owned = std::unique_ptr<T, FreeWith<Free>>;

using CipherContext = Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;
using DigestContext = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;
using MacContext = Owned<EVP_MAC_CTX, EVP_MAC_CTX_free>;

/// Throw Fault when memory runs out.
CipherContext new_cipher_context();
DigestContext new_digest_context();
/// An EVP_CIPHER fetched by name. Throws Fault where the provider lacks it.
Owned<EVP_CIPHER, EVP_CIPHER_free> fetch_cipher(const char* algorithm);

/// Takes the oldest error off this thread's queue, in OpenSSL's words, and clears the queue.
std::string take_openssl_error();

/// Throws Fault with `what` and OpenSSL's own error where a call did not succeed.
void ensure_openssl(bool succeeded, const char* what);

}  // namespace cryptopath
