#include "ip_headers.hpp"

#include <algorithm>
#include <array>

#include "bytes.hpp"
#include "cryptopath/errors.hpp"

namespace cryptopath {

namespace {

constexpr std::byte version_and_header_length{0x45};  // version 4, five words
constexpr std::byte time_to_live{64};
constexpr std::size_t do_not_fragment = 0x4000;
constexpr std::size_t largest_length = 0xffff;

// Where fields stand.
constexpr std::size_t total_length_at = 2;
constexpr std::size_t fragment_at = 6;
constexpr std::size_t protocol_at = 9;
constexpr std::size_t checksum_at = 10;
constexpr std::size_t source_at = 12;
constexpr std::size_t destination_at = 16;

void put_number(std::size_t value, std::span<std::byte> bytes, std::size_t place) {
  bytes[place] = std::byte(value >> 8);
  bytes[place + 1] = std::byte(value & 0xff);
}

void put_address(const Ipv4Address& address, std::span<std::byte> bytes, std::size_t place) {
  std::ranges::transform(address, bytes.begin() + static_cast<std::ptrdiff_t>(place),
                         [](std::uint8_t octet) { return std::byte(octet); });
}

bool has_address(const Ipv4Address& address, std::span<const std::byte> bytes, std::size_t place) {
  return std::ranges::equal(address, bytes.subspan(place, address.size()),
                            [](std::uint8_t octet, std::byte byte) { return std::byte(octet) == byte; });
}

/// The sum of 16 bit words in ones' complement (RFC 1071), on top of `sum`: all ones over a header with its right
/// checksum. A zero is thought behind an odd last byte.
std::size_t ones_complement_sum(std::span<const std::byte> bytes, std::size_t sum = 0) {
  for (; bytes.size() >= 2; bytes = bytes.subspan(2)) sum += number_at(bytes, 0);
  if (!bytes.empty()) sum += std::to_integer<std::size_t>(bytes[0]) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return sum;
}

}  // namespace

void write_header(const Ipv4Header& header, std::span<std::byte> bytes) {
  ensure(bytes.size() == Ipv4Header::size && header.total_length <= largest_length, "the datagram fits IPv4");
  std::ranges::fill(bytes, std::byte{0});
  bytes[0] = version_and_header_length;
  put_number(header.total_length, bytes, total_length_at);
  put_number(do_not_fragment, bytes, fragment_at);
  bytes[8] = time_to_live;
  bytes[protocol_at] = std::byte(header.protocol);
  put_address(header.source, bytes, source_at);
  put_address(header.destination, bytes, destination_at);
  put_checksum(static_cast<std::uint16_t>(~ones_complement_sum(bytes)), bytes, checksum_at);
}

bool is_header(const Ipv4Header& expected, std::span<const std::byte> bytes) {
  return bytes.size() == Ipv4Header::size && bytes[0] == version_and_header_length &&
         number_at(bytes, total_length_at) == expected.total_length &&
         (number_at(bytes, fragment_at) & ~do_not_fragment) == 0 &&
         bytes[protocol_at] == std::byte(expected.protocol) && has_address(expected.source, bytes, source_at) &&
         has_address(expected.destination, bytes, destination_at) && ones_complement_sum(bytes) == 0xffff;
}

std::uint16_t transport_checksum(const Ipv4Header& header, std::span<const std::byte> content) {
  std::array<std::byte, 12> pseudo_header{};
  put_address(header.source, pseudo_header, 0);
  put_address(header.destination, pseudo_header, 4);
  put_number(header.protocol, pseudo_header, 8);
  put_number(content.size(), pseudo_header, 10);
  return static_cast<std::uint16_t>(~ones_complement_sum(content, ones_complement_sum(pseudo_header)));
}

void put_checksum(std::uint16_t checksum, std::span<std::byte> content, std::size_t place) {
  put_number(checksum, content, place);
}

void write_header(const UdpHeader& header, std::span<std::byte> bytes) {
  ensure(bytes.size() == UdpHeader::size && header.length <= largest_length, "the datagram fits UDP");
  put_number(header.source_port, bytes, 0);
  put_number(header.destination_port, bytes, 2);
  put_number(header.length, bytes, 4);
  put_number(0, bytes, 6);
}

bool is_header(const UdpHeader& expected, std::span<const std::byte> bytes) {
  // The receiver knows each bit of it.
  std::array<std::byte, UdpHeader::size> header;
  write_header(expected, header);
  return std::ranges::equal(header, bytes);
}

}  // namespace cryptopath
