#include "capture/packet.hpp"

#include <algorithm>

#include "cryptopath/errors.hpp"
#include "record/ip_headers.hpp"

namespace cryptopath {

namespace {

constexpr std::size_t tcp_header_size{header_sizes::tcp.count};
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

Ipv4Header ip_header(const PacketEnds& ends, std::uint8_t protocol, std::size_t content) {
  return {ends.source, ends.destination, protocol, Ipv4Header::size + content};
}

/// The header, with room behind it.
PacketBytes ip_packet(const Ipv4Header& header) {
  PacketBytes packet;
  packet.reserve(header.total_length);
  packet.resize(Ipv4Header::size);
  write_header(header, packet);
  return packet;
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
  const Ipv4Header ip = ip_header(ends, tcp_in_ip, header + payload.size());
  PacketBytes packet = ip_packet(ip);
  Fields(packet).two(ends.source_port).two(ends.destination_port).four(tcp.sequence).four(tcp.acknowledgement);
  Fields(packet).one(words << 4).one(flags).two(tcp.window).two(0).two(0);  // no checksum yet, nothing urgent
  if (tcp.syn) add_options(packet, tcp);
  packet.insert(packet.end(), payload.begin(), payload.end());
  const auto content = std::span(packet).subspan(Ipv4Header::size);
  put_checksum(transport_checksum(ip, content), content, tcp_checksum_at);
  return packet;
}

PacketBytes udp_packet(const PacketEnds& ends, std::span<const std::byte> payload) {
  const std::size_t size = UdpHeader::size + payload.size();
  const Ipv4Header ip = ip_header(ends, udp_in_ip, size);
  PacketBytes packet = ip_packet(ip);
  packet.resize(Ipv4Header::size + UdpHeader::size);
  write_header(UdpHeader{ends.source_port, ends.destination_port, size}, std::span(packet).last(UdpHeader::size));
  packet.insert(packet.end(), payload.begin(), payload.end());
  const auto content = std::span(packet).subspan(Ipv4Header::size);
  const std::uint16_t checksum = transport_checksum(ip, content);
  // 0 would say that there is none.
  put_checksum(checksum == 0 ? 0xffff : checksum, content, udp_checksum_at);
  return packet;
}

PacketBytes esp_packet(const PacketEnds& ends, std::span<const std::byte> payload) {
  PacketBytes packet = ip_packet(ip_header(ends, esp_in_ip, payload.size()));
  packet.insert(packet.end(), payload.begin(), payload.end());
  return packet;
}

}  // namespace cryptopath
