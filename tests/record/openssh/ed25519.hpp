// Ed25519 keys and signatures as SSH writes them (RFC 8709).
#pragma once

#include <string>

#include "message.hpp"
#include "record/openssl.hpp"

namespace cryptopath::test {

using Key = Owned<EVP_PKEY, EVP_PKEY_free>;

/// A fresh key of "ED25519" or "X25519".
Key new_key(const char* algorithm);
/// The 32 bytes that the others know of a key.
ByteVector raw_public_key(EVP_PKEY* key);

/// "ssh-ed25519" and the public key: what files and messages call the key.
ByteVector public_key_blob(EVP_PKEY* key);
/// "ssh-ed25519" and the signature of `text`.
ByteVector signature_blob(EVP_PKEY* key, std::span<const std::byte> text);
/// Whether `signature` is that of `text` by the key of `blob`.
bool verifies(std::span<const std::byte> blob, std::span<const std::byte> signature, std::span<const std::byte> text);

/// A public key as .pub files and authorized_keys have it: name, base64, comment.
std::string public_key_line(std::span<const std::byte> blob);
ByteVector blob_of_line(const std::string& line);

}  // namespace cryptopath::test
