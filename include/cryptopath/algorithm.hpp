// What a crypto driver can be asked for: a cipher, a MAC, or both in one request.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cryptopath/units.hpp"

namespace cryptopath {

/// Names as they stand in model files: ciphers alone ("null", "rc4", "des-cbc", "3des-ede-cbc", "aes-128-cbc"), MACs
/// alone ("hmac-sha1"), and both together, named as the suites of records ("3des-ede-cbc-hmac-sha1").
std::vector<std::string> all_algorithms();
bool is_algorithm(std::string_view name);

/// What the length of a request has to be a multiple of: the cipher's block, or 1 B. Throws Fault for another name.
Bytes block_size(std::string_view algorithm);

/// The size of what a MAC alone computes, "hmac-sha1": 20 B. Nothing for all others.
std::optional<Bytes> mac_size(std::string_view algorithm);
/// Of a cipher and a MAC together, the two: "3des-ede-cbc" and "hmac-sha1". Nothing for all others.
struct CipherAndMac {
  std::string cipher;
  std::string mac;
};
std::optional<CipherAndMac> parts_of(std::string_view algorithm);

/// How long a key is, and what CIOCGSESSION takes for one (sys/crypto/xform.c).
struct KeyLengths {
  Bytes own;
  Bytes least;
  Bytes most;

  bool take(Bytes length) const { return least <= length && length <= most; }
  bool operator==(const KeyLengths&) const = default;
};
/// Of the two keys that a session may have; nothing where it has none.
struct SessionKeys {
  std::optional<KeyLengths> cipher;
  std::optional<KeyLengths> mac;
};
/// Throws Fault for another name.
SessionKeys session_keys(std::string_view algorithm);
/// Of the cipher, or of the MAC where there is no cipher: what "key_length" is about.
KeyLengths first_key(std::string_view algorithm);

/// Whether it is a cipher and nothing else: "3des-ede-cbc".
bool is_cipher_alone(std::string_view algorithm);

}  // namespace cryptopath
