// Headers of IPv4 (RFC 791) and UDP (RFC 768): written by the sender, checked by the receiver; and the checksums.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "cryptopath/endpoints.hpp"
#include "cryptopath/header_sizes.hpp"

namespace cryptopath {

// Protocol numbers that IANA has assigned, as IPv4's protocol field and ESP's next header.
inline constexpr std::uint8_t ipv4_in_ip = 4;
inline constexpr std::uint8_t tcp_in_ip = 6;
inline constexpr std::uint8_t udp_in_ip = 17;
inline constexpr std::uint8_t esp_in_ip = 50;

/// Without options. Never a fragment, and not to be made one, so that the identification says nothing and is 0 (RFC
/// 6864, 4.1).
struct Ipv4Header {
  static constexpr std::size_t size{header_sizes::ipv4.count};

  Ipv4Address source;
  Ipv4Address destination;
  std::uint8_t protocol;
  std::size_t total_length;  // with the header
};

/// Writes Ipv4Header::size bytes. Throws Fault unless the length fits its field.
void write_header(const Ipv4Header& header, std::span<std::byte> bytes);
/// Whether `bytes` are an IPv4 header without options, right in its checksum, of a whole datagram, that says what
/// `expected` says.
bool is_header(const Ipv4Header& expected, std::span<const std::byte> bytes);

/// The checksum of `content`, a TCP segment or a UDP datagram in a packet with that header (RFC 9293, 3.1; RFC 768).
/// The checksum's own place must hold zeros.
std::uint16_t transport_checksum(const Ipv4Header& header, std::span<const std::byte> content);
/// Puts it at its place.
void put_checksum(std::uint16_t checksum, std::span<std::byte> content, std::size_t place);

/// Without a checksum, which IPv4 leaves to the sender.
struct UdpHeader {
  static constexpr std::size_t size{header_sizes::udp.count};

  std::uint16_t source_port;
  std::uint16_t destination_port;
  std::size_t length;  // with the header
};

/// Writes UdpHeader::size bytes. Throws Fault unless the length fits its field.
void write_header(const UdpHeader& header, std::span<std::byte> bytes);
/// Whether `bytes` are the header `expected`.
bool is_header(const UdpHeader& expected, std::span<const std::byte> bytes);

}  // namespace cryptopath
