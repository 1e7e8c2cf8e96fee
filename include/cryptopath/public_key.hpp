// Public-key operations as `openssl speed` counts them, and those that drivers register with the crypto framework.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "cryptopath/models.hpp"

namespace cryptopath {

enum class PublicKeyOperation : std::uint8_t { rsa_sign, rsa_verify, dsa_sign, dsa_verify, diffie_hellman };

/// Names as they stand in workload and model files, in the order of the enumeration.
inline constexpr std::array<std::string_view, 5> public_key_operations = {"rsa-sign", "rsa-verify", "dsa-sign",
                                                                          "dsa-verify", "dh"};
constexpr std::string_view name_of(PublicKeyOperation operation) {
  return public_key_operations.at(static_cast<std::size_t>(operation));
}

/// CRK_MOD_EXP and the others: the five operations of CIOCKEY, in the order of their numbers.
enum class KeyAlgorithm : std::uint8_t {
  modular_exponentiation,      // base, exponent, modulus -> result
  modular_exponentiation_crt,  // p, q, base, exponents modulo p-1 and q-1, inverse of q modulo p -> result
  dsa_sign,                    // digest, p, q, g, private key -> r, s
  dsa_verify,                  // digest, p, q, g, public key, r, s
  diffie_hellman,              // private key, the peer's public key, modulus -> shared key
};

/// As workload files name them.
inline constexpr std::array<std::string_view, 5> key_algorithm_names = {
    "modular-exponentiation", "modular-exponentiation-crt", "dsa-sign", "dsa-verify", "diffie-hellman"};
constexpr std::string_view name_of(KeyAlgorithm algorithm) {
  return key_algorithm_names.at(static_cast<std::size_t>(algorithm));
}

/// What the card's driver registers: ubsec(4) an exponentiation and, other than in its source, one with CRT; lofn(4)
/// and nofn(4) the first alone.
inline std::vector<KeyAlgorithm> key_algorithms_of(const AcceleratorModel& card) {
  if (card.key_engine.units == 0) return {};
  if (card.driver != "ubsec") return {KeyAlgorithm::modular_exponentiation};
  return {KeyAlgorithm::modular_exponentiation, KeyAlgorithm::modular_exponentiation_crt};
}

}  // namespace cryptopath
