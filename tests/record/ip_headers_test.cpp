// IPv4's and UDP's headers.
#include "record/ip_headers.hpp"

#include <catch2/catch.hpp>

#include "sealed_stream.hpp"

using namespace cryptopath;
using namespace cryptopath::test;

namespace {

/// The header of a packet in draft-mcgrew-gcm-test-01, section 2.
constexpr std::array<std::uint8_t, 20> octets = {0x45, 0x00, 0x00, 0x48, 0x69, 0x9a, 0x00, 0x00, 0x80, 0x11,
                                                 0x4d, 0xb7, 0xc0, 0xa8, 0x01, 0x02, 0xc0, 0xa8, 0x01, 0x01};
const Ipv4Header said = {{192, 168, 1, 2}, {192, 168, 1, 1}, udp_in_ip, 72};

}  // namespace

TEST_CASE("an IPv4 header that others wrote is read and none with a bit flipped") {
  ByteVector header;
  for (const std::uint8_t octet : octets) header.push_back(std::byte(octet));
  CHECK(is_header(said, header));
  for (std::size_t bit = 0; bit < 8 * header.size(); ++bit) {
    ByteVector flipped = header;
    flipped[bit / 8] ^= std::byte(1 << bit % 8);
    if (is_header(said, flipped)) FAIL("bit " << bit);
  }
}

TEST_CASE("an IPv4 header says what was written and nothing else") {
  ByteVector header(Ipv4Header::size);
  write_header(said, header);
  CHECK(is_header(said, header));
  CHECK_FALSE(is_header({said.destination, said.source, udp_in_ip, 72}, header));
  CHECK_FALSE(is_header({said.source, said.source, udp_in_ip, 72}, header));
  CHECK_FALSE(is_header({said.destination, said.destination, udp_in_ip, 72}, header));
  CHECK_FALSE(is_header({said.source, said.destination, ipv4_in_ip, 72}, header));
  CHECK_FALSE(is_header({said.source, said.destination, udp_in_ip, 73}, header));
  CHECK_FALSE(is_header(said, std::span(header).first(19)));
  CHECK_THROWS_AS(write_header(Ipv4Header{said.source, said.destination, udp_in_ip, 65536}, header), Fault);
}

TEST_CASE("an IPv4 header of a fragment is not read") {
  ByteVector header(Ipv4Header::size);
  write_header(said, header);
  // Do not fragment becomes more fragments, and the checksum what it was plus the difference.
  header[6] = std::byte{0x20};
  header[10] = std::byte(std::to_integer<unsigned>(header[10]) + 0x20);
  CHECK_FALSE(is_header(said, header));
  header[6] = std::byte{0x40};
  header[10] = std::byte(std::to_integer<unsigned>(header[10]) - 0x20);
  CHECK(is_header(said, header));
}

TEST_CASE("a UDP header says what was written and nothing else") {
  ByteVector header(UdpHeader::size);
  write_header(UdpHeader{0x0102, 0x0304, 0x0506}, header);
  CHECK(as_string(header) == std::string("\x01\x02\x03\x04\x05\x06\x00\x00", 8));
  CHECK(is_header(UdpHeader{0x0102, 0x0304, 0x0506}, header));
  CHECK_FALSE(is_header(UdpHeader{0x0103, 0x0304, 0x0506}, header));
  CHECK_FALSE(is_header(UdpHeader{0x0102, 0x0305, 0x0506}, header));
  CHECK_FALSE(is_header(UdpHeader{0x0102, 0x0304, 0x0507}, header));
  CHECK_THROWS_AS(write_header(UdpHeader{1, 2, 65536}, header), Fault);
}
