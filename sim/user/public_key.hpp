// What OpenSSL's cryptodev engine asks /dev/crypto for in a public-key operation (crypto/engine/hw_cryptodev.c of
// OpenBSD's OpenSSL 0.9.7). It hands over modular exponentiations where a driver has those, and nothing else here:
//
//   rsa-sign    the base to the private exponent, as long as the modulus; with CRT, all of it as CRK_MOD_EXP_CRT
//   rsa-verify  the signature to 65537, 17 bits
//   dsa-sign    g to a secret of 160 bits, as long as q
//   dsa-verify  g and the public key each to a number of 160 bits: two calls
//   dh          the peer's public key to the private one, which OpenSSL makes a bit shorter than the modulus
//
// What OpenSSL does around them in software (hashing, padding, DSA's inverse and products) is left out.
#pragma once

#include <vector>

#include "cryptopath/workload.hpp"
#include "kernel/openbsd/cryptodev.hpp"

namespace cryptopath::sim {

/// The calls of one operation, and how much memory their parameters take, which lie one behind the other in it.
struct EngineCalls {
  std::vector<KeyCall> calls;
  Bytes memory;
};
EngineCalls engine_calls(const PublicKeyLoad& load);

}  // namespace cryptopath::sim
