// What all suites of TLS 1.2 (RFC 5246) share: the record's header, and what a MAC or tag covers beside the plaintext.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "cryptopath/units.hpp"

namespace cryptopath::tls_1_2 {

inline constexpr std::size_t header_size = 5;

/// Writes the header of an application_data record with `length` bytes behind it (RFC 5246, 6.2.1).
void write_header(Bytes length, std::span<std::byte, header_size> header);

/// Whether `record` starts with the header of an application_data record that fills the rest of `record` exactly.
bool has_fitting_header(std::span<const std::byte> record);

/// Sequence number, content type, version and `length`, in this order: the start of the MAC's input (RFC 5246, 6.2.3.1)
/// and an AEAD's additional data (6.2.3.3). `length` is the plaintext's by the RFC; libcrypto asks for others.
std::array<std::byte, 13> pseudo_header(std::uint64_t sequence, std::size_t length);

}  // namespace cryptopath::tls_1_2
