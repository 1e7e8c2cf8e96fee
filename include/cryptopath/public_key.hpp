// Public-key operations as `openssl speed` counts them.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace cryptopath {

enum class PublicKeyOperation : std::uint8_t { rsa_sign, rsa_verify, dsa_sign, dsa_verify, diffie_hellman };

/// Names as they stand in workload and model files, in the order of the enumeration.
inline constexpr std::array<std::string_view, 5> public_key_operations = {"rsa-sign", "rsa-verify", "dsa-sign",
                                                                          "dsa-verify", "dh"};
constexpr std::string_view name_of(PublicKeyOperation operation) {
  return public_key_operations.at(static_cast<std::size_t>(operation));
}

}  // namespace cryptopath
