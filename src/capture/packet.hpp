// IPv4 packets made for a capture: headers with their checksums around a payload.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cryptopath {

using PacketBytes = std::vector<std::byte>;

/// The Internet checksum (RFC 1071) of `bytes`, added to a `sum` that has been taken before.
std::uint16_t internet_checksum(std::span<const std::byte> bytes, std::uint32_t sum = 0);

enum class IpProtocol : std::uint8_t { tcp = 6, udp = 17, esp = 50 };

/// RFC 791, without options, not to be fragmented.
struct IpHeader {
  std::uint32_t source = 0;
  std::uint32_t destination = 0;
  std::uint16_t identification = 0;
};

/// RFC 9293. Only the segments of a connection's opening have options.
struct TcpHeader {
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  std::uint32_t sequence = 0;
  std::uint32_t acknowledgement = 0;  // the ACK bit is set unless it is the first SYN
  std::uint16_t window = 0;
  bool syn = false;
  bool ack = true;
  bool fin = false;
  std::uint16_t maximum_segment = 0;  // of a SYN
  std::uint8_t window_shift = 0;      // of a SYN (RFC 7323)
};

/// Whole IP packets. Throws Fault where one would be longer than IPv4 has it.
PacketBytes tcp_packet(const IpHeader& ip, const TcpHeader& tcp, std::span<const std::byte> payload);
/// RFC 768.
PacketBytes udp_packet(const IpHeader& ip, std::uint16_t source_port, std::uint16_t destination_port,
                       std::span<const std::byte> payload);
/// RFC 4303: `payload` is the ESP packet from its security parameters index on.
PacketBytes esp_packet(const IpHeader& ip, std::span<const std::byte> payload);

}  // namespace cryptopath
