// How ESP protects what stands behind its header: cipher and integrity check value (ICV) over whole packets.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "record/formats.hpp"

namespace cryptopath {

/// SPI and sequence number, in clear and authenticated (RFC 4303, 2.1 and 2.2).
inline constexpr std::size_t esp_header_size = 8;

/// Packets are ESP header, IV, text and ICV, of sizes that the caller has checked.
class EspProtection {
 public:
  virtual ~EspProtection() = default;
  virtual void write_iv(std::uint64_t sequence, std::span<std::byte> iv) = 0;
  /// Enciphers the text in place and writes the ICV. Header and IV must stand.
  virtual void seal(std::span<std::byte> packet) = 0;
  /// The text in clear, where it stands; or nothing, without a trace of it, when the ICV is wrong.
  virtual std::optional<std::span<std::byte>> open(std::span<std::byte> packet) = 0;
};

Bytes esp_iv_size(const SuiteFormat& suite);
Bytes esp_icv_size(const SuiteFormat& suite);
KeySizes esp_key_sizes(const SuiteFormat& suite);
std::unique_ptr<EspProtection> make_esp_protection(const SuiteFormat& suite, const TrafficKeys& keys);

}  // namespace cryptopath
