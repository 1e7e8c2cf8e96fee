// Ed25519 keys and signatures as SSH writes them (RFC 8709): those of servers, and of users in the tests.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "record/openssl.hpp"

namespace cryptopath::ssh_2 {

using Key = Owned<EVP_PKEY, EVP_PKEY_free>;

/// The algorithm's name.
inline constexpr std::string_view ssh_ed25519 = "ssh-ed25519";

/// The 32 bytes that the others know of a key of Ed25519 or X25519.
std::vector<std::byte> raw_public_key(EVP_PKEY* key);

/// "ssh-ed25519" and the public key: what files and messages call the key.
std::vector<std::byte> public_key_blob(EVP_PKEY* key);
/// "ssh-ed25519" and the signature of `text`.
std::vector<std::byte> signature_blob(EVP_PKEY* key, std::span<const std::byte> text);
/// Whether `signature` is that of `text` by the key of `blob`.
bool verifies(std::span<const std::byte> blob, std::span<const std::byte> signature, std::span<const std::byte> text);

}  // namespace cryptopath::ssh_2
