#include "capture/packet.hpp"

#include "cryptopath/errors.hpp"

namespace cryptopath {

namespace {

constexpr std::size_t ip_header_size = 20;
constexpr std::size_t tcp_header_size = 20;
constexpr std::size_t tcp_checksum_offset = 16;
constexpr std::size_t udp_header_size = 8;
constexpr std::size_t udp_checksum_offset = 6;

/// Appends numbers in network byte order.
class Fields {
 public:
  explicit Fields(PacketBytes& bytes) : bytes_(bytes) {}
  Fields& one(unsigned value) {
    bytes_.push_back(static_cast<std::byte>(value));
    return *this;
  }
  Fields& two(unsigned value) { return one(value >> 8).one(value & 0xff); }
  Fields& four(std::uint32_t value) { return two(value >> 16).two(value & 0xffff); }

 private:
  PacketBytes& bytes_;
};

void put(PacketBytes& bytes, std::size_t offset, std::uint16_t value) {
  bytes[offset] = static_cast<std::byte>(value >> 8);
  bytes[offset + 1] = static_cast<std::byte>(value & 0xff);
}

PacketBytes ip_packet(const IpHeader& ip, IpProtocol protocol, std::size_t content) {
  constexpr unsigned version_and_words = 0x45;
  constexpr unsigned dont_fragment = 0x4000;
  constexpr unsigned time_to_live = 64;
  const std::size_t size = ip_header_size + content;
  ensure(size <= 0xffff, "an IPv4 packet holds 65,535 bytes");
  PacketBytes packet;
  packet.reserve(size);
  Fields(packet).one(version_and_words).one(0).two(static_cast<unsigned>(size)).two(ip.identification);
  Fields(packet).two(dont_fragment).one(time_to_live).one(static_cast<unsigned>(protocol)).two(0);
  Fields(packet).four(ip.source).four(ip.destination);
  put(packet, 10, internet_checksum(packet));
  return packet;
}

/// Over the pseudo-header and what follows the IP header (RFC 9293, 3.1; RFC 768).
std::uint16_t transport_checksum(const IpHeader& ip, IpProtocol protocol, const PacketBytes& packet) {
  const auto content = std::span(packet).subspan(ip_header_size);
  std::uint32_t sum = static_cast<std::uint32_t>(protocol) + static_cast<std::uint32_t>(content.size());
  for (const std::uint32_t address : {ip.source, ip.destination}) sum += (address >> 16) + (address & 0xffff);
  return internet_checksum(content, sum);
}

void add_options(PacketBytes& packet, const TcpHeader& tcp) {
  constexpr unsigned no_operation = 1;
  constexpr unsigned maximum_segment_size = 2;
  constexpr unsigned window_scale = 3;
  Fields(packet).one(maximum_segment_size).one(4).two(tcp.maximum_segment);
  Fields(packet).one(no_operation).one(window_scale).one(3).one(tcp.window_shift);
}

}  // namespace

std::uint16_t internet_checksum(std::span<const std::byte> bytes, std::uint32_t sum) {
  // 64 KiB of 16-bit words stay below 32 bits.
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = std::to_integer<std::uint32_t>(bytes[i]);
    sum += i % 2 == 0 ? byte << 8 : byte;
  }
  while (sum > 0xffff) sum = (sum >> 16) + (sum & 0xffff);
  return static_cast<std::uint16_t>(~sum);
}

PacketBytes tcp_packet(const IpHeader& ip, const TcpHeader& tcp, std::span<const std::byte> payload) {
  constexpr std::size_t options_size = 8;
  const std::size_t header = tcp_header_size + (tcp.syn ? options_size : 0);
  PacketBytes packet = ip_packet(ip, IpProtocol::tcp, header + payload.size());
  const unsigned flags = (tcp.fin ? 1U : 0U) | (tcp.syn ? 2U : 0U) | (tcp.ack ? 16U : 0U);
  Fields(packet).two(tcp.source_port).two(tcp.destination_port).four(tcp.sequence);
  Fields(packet).four(tcp.ack ? tcp.acknowledgement : 0);
  Fields(packet).one(static_cast<unsigned>(header / 4) << 4).one(flags).two(tcp.window).two(0).two(0);
  if (tcp.syn) add_options(packet, tcp);
  packet.insert(packet.end(), payload.begin(), payload.end());
  put(packet, ip_header_size + tcp_checksum_offset, transport_checksum(ip, IpProtocol::tcp, packet));
  return packet;
}

PacketBytes udp_packet(const IpHeader& ip, std::uint16_t source_port, std::uint16_t destination_port,
                       std::span<const std::byte> payload) {
  const std::size_t size = udp_header_size + payload.size();
  PacketBytes packet = ip_packet(ip, IpProtocol::udp, size);
  Fields(packet).two(source_port).two(destination_port).two(static_cast<unsigned>(size)).two(0);
  packet.insert(packet.end(), payload.begin(), payload.end());
  const std::uint16_t checksum = transport_checksum(ip, IpProtocol::udp, packet);
  // 0 would say that there is none.
  put(packet, ip_header_size + udp_checksum_offset, checksum == 0 ? 0xffff : checksum);
  return packet;
}

PacketBytes esp_packet(const IpHeader& ip, std::span<const std::byte> payload) {
  PacketBytes packet = ip_packet(ip, IpProtocol::esp, payload.size());
  packet.insert(packet.end(), payload.begin(), payload.end());
  return packet;
}

}  // namespace cryptopath
