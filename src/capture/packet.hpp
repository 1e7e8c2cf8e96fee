// IPv4 packets made for a capture: headers with their checksums around a payload.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "cryptopath/endpoints.hpp"

namespace cryptopath {

using PacketBytes = std::vector<std::byte>;

/// Where a packet comes from and goes to. Ports are TCP's or UDP's.
struct PacketEnds {
  Ipv4Address source{};
  Ipv4Address destination{};
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
};

/// What a TCP header says beside the ports (RFC 9293, 3.1).
struct TcpFields {
  std::uint32_t sequence = 0;
  std::uint32_t acknowledgement = 0;  // 0 where `ack` is not set
  std::uint16_t window = 0;
  bool syn = false;
  bool ack = true;
  bool fin = false;
  // Options, of a SYN only.
  std::uint16_t maximum_segment = 0;
  std::uint8_t window_shift = 0;  // RFC 7323, 2
};

/// Whole IP packets. Each throws Fault where it would be longer than IPv4 has it.
PacketBytes tcp_packet(const PacketEnds& ends, const TcpFields& tcp, std::span<const std::byte> payload);
/// RFC 768, with its checksum.
PacketBytes udp_packet(const PacketEnds& ends, std::span<const std::byte> payload);
/// RFC 4303: `payload` is the ESP packet from its security parameters index on.
PacketBytes esp_packet(const PacketEnds& ends, std::span<const std::byte> payload);

}  // namespace cryptopath
