#include "capture/packet.hpp"

#include <algorithm>

#include "cryptopath/errors.hpp"
#include "record/ip_headers.hpp"

namespace cryptopath {

namespace {

// Protocol numbers that IANA has assigned; UDP's is in ip_headers.hpp.
constexpr std::uint8_t tcp_in_ip = 6;
constexpr std::uint8_t esp_in_ip = 50;

constexpr std::size_t tcp_header_size = 20;
constexpr std::size_t tcp_options_size = 8;
constexpr std::size_t tcp_checksum_at = 16;
constexpr std::size_t udp_checksum_at = 6;

/// Appends numbers in network byte order.
class Fields {
 public:
  explicit Fields(PacketBytes& bytes) : bytes_(bytes) {}
  Fields& one(std::uint32_t value) {
    bytes_.push_back(static_cast<std::byte>(value & 0xff));
    return *this;
  }
  Fields& two(std::uint32_t value) { return one(value >> 8).one(value); }
  Fields& four(std::uint32_t value) { return two(value >> 16).two(value); }

 private:
  PacketBytes& bytes_;
};

/// The header, with room behind it.
PacketBytes ip_packet(const PacketEnds& ends, std::uint8_t protocol, std::size_t content) {
  PacketBytes packet;
  packet.reserve(Ipv4Header::size + content);
  packet.resize(Ipv4Header::size);
  write_header(Ipv4Header{ends.source, ends.destination, protocol, Ipv4Header::size + content}, packet);
  return packet;
}

/// The checksum over the pseudo-header and what follows the IP header (RFC 9293, 3.1; RFC 768).
std::uint16_t transport_checksum(const PacketEnds& ends, std::uint8_t protocol, std::span<const std::byte> content) {
  // 64 KiB of 16-bit words stay below 32 bits.
  std::uint32_t sum = protocol + static_cast<std::uint32_t>(content.size());
  for (const Ipv4Address& address : {ends.source, ends.destination}) {
    for (std::size_t i = 0; i < address.size(); i += 2)
      sum += static_cast<std::uint32_t>(address[i] << 8 | address[i + 1]);
  }
  for (std::size_t i = 0; i < content.size(); ++i) {
    const auto octet = std::to_integer<std::uint32_t>(content[i]);
    sum += i % 2 == 0 ? octet << 8 : octet;
  }
  while (sum > 0xffff) sum = (sum >> 16) + (sum & 0xffff);
  return static_cast<std::uint16_t>(~sum);
}

void put_checksum(std::uint16_t checksum, std::span<std::byte> content, std::size_t place) {
  content[place] = static_cast<std::byte>(checksum >> 8);
  content[place + 1] = static_cast<std::byte>(checksum & 0xff);
}

void add_options(PacketBytes& packet, const TcpFields& tcp) {
  constexpr unsigned no_operation = 1;
  constexpr unsigned maximum_segment_size = 2;
  constexpr unsigned window_scale = 3;
  Fields(packet).one(maximum_segment_size).one(4).two(tcp.maximum_segment);
  Fields(packet).one(no_operation).one(window_scale).one(3).one(tcp.window_shift);
}

}  // namespace

PacketBytes tcp_packet(const PacketEnds& ends, const TcpFields& tcp, std::span<const std::byte> payload) {
  const std::size_t header = tcp_header_size + (tcp.syn ? tcp_options_size : 0);
  const auto words = static_cast<std::uint32_t>(header / 4);
  const std::uint32_t flags = (tcp.fin ? 1U : 0U) | (tcp.syn ? 2U : 0U) | (tcp.ack ? 16U : 0U);
  PacketBytes packet = ip_packet(ends, tcp_in_ip, header + payload.size());
  Fields(packet).two(ends.source_port).two(ends.destination_port).four(tcp.sequence).four(tcp.acknowledgement);
  Fields(packet).one(words << 4).one(flags).two(tcp.window).two(0).two(0);  // no checksum yet, nothing urgent
  if (tcp.syn) add_options(packet, tcp);
  packet.insert(packet.end(), payload.begin(), payload.end());
  const auto content = std::span(packet).subspan(Ipv4Header::size);
  put_checksum(transport_checksum(ends, tcp_in_ip, content), content, tcp_checksum_at);
  return packet;
}

PacketBytes udp_packet(const PacketEnds& ends, std::span<const std::byte> payload) {
  const std::size_t size = UdpHeader::size + payload.size();
  PacketBytes packet = ip_packet(ends, udp_in_ip, size);
  packet.resize(Ipv4Header::size + UdpHeader::size);
  write_header(UdpHeader{ends.source_port, ends.destination_port, size}, std::span(packet).last(UdpHeader::size));
  packet.insert(packet.end(), payload.begin(), payload.end());
  const auto content = std::span(packet).subspan(Ipv4Header::size);
  const std::uint16_t checksum = transport_checksum(ends, udp_in_ip, content);
  // 0 would say that there is none.
  put_checksum(checksum == 0 ? 0xffff : checksum, content, udp_checksum_at);
  return packet;
}

PacketBytes esp_packet(const PacketEnds& ends, std::span<const std::byte> payload) {
  PacketBytes packet = ip_packet(ends, esp_in_ip, payload.size());
  packet.insert(packet.end(), payload.begin(), payload.end());
  return packet;
}

}  // namespace cryptopath
