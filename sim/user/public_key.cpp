#include "user/public_key.hpp"

namespace cryptopath::sim {

namespace {

constexpr std::int64_t public_exponent_bits = 17;  // of 65537
constexpr std::int64_t subgroup_bits = 160;        // of DSA's q (FIPS 186-2)

/// Takes its place behind what `memory` holds so far.
KeyCall::Parameter number(Bytes& memory, std::int64_t bits) {
  const Bytes offset = memory;
  memory += bytes_of(bits);
  return {bits, offset};
}

/// The result has room for whole bytes.
KeyCall::Parameter result(Bytes& memory, std::int64_t bits) { return number(memory, bytes_of(bits).count * 8); }

KeyCall exponentiation(Bytes& memory, std::int64_t modulus, std::int64_t exponent) {
  return {KeyAlgorithm::modular_exponentiation,
          {number(memory, modulus), number(memory, exponent), number(memory, modulus)},
          {result(memory, modulus)}};
}

KeyCall exponentiation_crt(Bytes& memory, std::int64_t modulus) {
  const std::int64_t half = (modulus + 1) / 2;
  return {KeyAlgorithm::modular_exponentiation_crt,
          {number(memory, half), number(memory, half), number(memory, modulus), number(memory, half),
           number(memory, half), number(memory, half)},
          {result(memory, modulus)}};
}

std::vector<KeyCall> calls_of(const PublicKeyLoad& load, Bytes& memory) {
  const std::int64_t modulus = load.modulus_bits;
  switch (load.operation) {
    case PublicKeyOperation::rsa_sign:
      return {load.crt ? exponentiation_crt(memory, modulus) : exponentiation(memory, modulus, modulus)};
    case PublicKeyOperation::rsa_verify:
      return {exponentiation(memory, modulus, public_exponent_bits)};
    case PublicKeyOperation::dsa_sign:
      return {exponentiation(memory, modulus, subgroup_bits)};
    case PublicKeyOperation::dsa_verify:
      return {exponentiation(memory, modulus, subgroup_bits), exponentiation(memory, modulus, subgroup_bits)};
    case PublicKeyOperation::diffie_hellman:
      return {exponentiation(memory, modulus, modulus - 1)};
  }
  throw Fault("unknown public-key operation");
}

}  // namespace

EngineCalls engine_calls(const PublicKeyLoad& load) {
  EngineCalls made;
  made.calls = calls_of(load, made.memory);
  return made;
}

}  // namespace cryptopath::sim
