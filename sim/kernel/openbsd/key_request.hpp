// A public-key operation on its way through the framework (struct cryptkop, sys/crypto/cryptodev.h). There are no
// sessions: each request brings all of its numbers.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "cryptopath/public_key.hpp"
#include "hardware/buffer.hpp"
#include "hardware/cpu.hpp"

namespace cryptopath::sim {

struct KeyAlgorithmFormat {
  std::string_view name;
  std::size_t inputs;
  std::size_t outputs;
};

/// How many parameters cryptodev_key() wants of each.
inline constexpr std::array<KeyAlgorithmFormat, 5> key_algorithms = {{{"CRK_MOD_EXP", 3, 1},
                                                                      {"CRK_MOD_EXP_CRT", 6, 1},
                                                                      {"CRK_DSA_SIGN", 5, 2},
                                                                      {"CRK_DSA_VERIFY", 7, 0},
                                                                      {"CRK_DH_COMPUTE_KEY", 3, 1}}};
constexpr const KeyAlgorithmFormat& format_of(KeyAlgorithm algorithm) {
  return key_algorithms.at(static_cast<std::size_t>(algorithm));
}

/// A big number (struct crparam): its significant bits, or the room for a result, and where it lies. What the number is
/// nobody looks at; it has a size only.
struct KeyParameter {
  std::int64_t bits = 0;
  BufferPointer memory;  // of at least bytes_of(bits)
};
constexpr Bytes bytes_of(std::int64_t bits) { return Bytes((bits + 7) / 8); }

struct KeyRequest {
  KeyAlgorithm algorithm{};
  std::vector<KeyParameter> inputs;
  std::vector<KeyParameter> outputs;
  int error = 0;  // an errno, valid once done
  bool done = false;
  WaitChannel* completion = nullptr;  // woken by crypto_kdone()'s callback
  Nanoseconds entered;
};

}  // namespace cryptopath::sim
