// Ed25519 keys as OpenSSH's files have them.
#pragma once

#include <string>

#include "record/handshakes/ssh_ed25519.hpp"

namespace cryptopath::test {

/// A public key as .pub files and authorized_keys have it: name, base64, comment.
std::string public_key_line(std::span<const std::byte> blob);
std::vector<std::byte> blob_of_line(const std::string& line);

}  // namespace cryptopath::test
