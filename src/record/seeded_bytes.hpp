// Bytes that only a label and a seed decide: the random numbers of a handshake that must repeat.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace cryptopath {

/// The first `size` bytes of SHAKE256(label, 0, seed in big-endian order) (FIPS 202). The zero ends the label.
std::vector<std::byte> seeded_bytes(std::string_view label, std::uint64_t seed, std::size_t size);

}  // namespace cryptopath
