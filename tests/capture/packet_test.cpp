// The expected bytes are scapy's.
#include "capture/packet.hpp"

#include <catch2/catch.hpp>

#include "cryptopath/errors.hpp"
#include "octets.hpp"

using namespace cryptopath;
using namespace cryptopath::test;

namespace {

PacketEnds from_port(std::uint16_t port) {
  return {endpoints::sender.address, endpoints::receiver.address, port, endpoints::receiver.port};
}

}  // namespace

TEST_CASE("a TCP segment has its fields in network order and both checksums") {
  const TcpFields fields{
      .sequence = 0x01020304, .acknowledgement = 0x0a0b0c0d, .window = 16384, .syn = false, .ack = true, .fin = true};
  CHECK(hexadecimal(tcp_packet(from_port(443), fields, octets({1, 2, 3}))) ==
        "45 00 00 2b 00 00 40 00 40 06 4e 97 c0 00 02 01 c6 33 64 01 "
        "01 bb 9c 41 01 02 03 04 0a 0b 0c 0d 50 11 40 00 c7 7d 00 00 01 02 03");
}

TEST_CASE("a SYN has the options of segment size and window scale") {
  const TcpFields fields{.sequence = 5,
                         .acknowledgement = 6,
                         .window = 65535,
                         .syn = true,
                         .ack = true,
                         .fin = false,
                         .maximum_segment = 1460,
                         .window_shift = 3};
  CHECK(hexadecimal(tcp_packet(from_port(443), fields, {})) ==
        "45 00 00 30 00 00 40 00 40 06 4e 92 c0 00 02 01 c6 33 64 01 "
        "01 bb 9c 41 00 00 00 05 00 00 00 06 70 12 ff ff f9 ce 00 00 02 04 05 b4 01 03 03 03");
}

TEST_CASE("a UDP datagram has its checksum") {
  CHECK(hexadecimal(udp_packet(from_port(4433), octets({0xde, 0xad, 0xbe, 0xef, 0x01}))) ==
        "45 00 00 21 00 00 40 00 40 11 4e 96 c0 00 02 01 c6 33 64 01 "
        "11 51 9c 41 00 0d c7 6d de ad be ef 01");
}

TEST_CASE("a UDP checksum of zero is sent as all ones") {
  CHECK(hexadecimal(udp_packet(from_port(4433), octets({0x66, 0x11}))) ==
        "45 00 00 1e 00 00 40 00 40 11 4e 99 c0 00 02 01 c6 33 64 01 "
        "11 51 9c 41 00 0a ff ff 66 11");
}

TEST_CASE("an ESP packet follows the IP header") {
  CHECK(hexadecimal(esp_packet(from_port(0), octets({1, 2, 3, 4, 0, 0, 0, 1}))) ==
        "45 00 00 1c 00 00 40 00 40 32 4e 7a c0 00 02 01 c6 33 64 01 01 02 03 04 00 00 00 01");
}

TEST_CASE("what IPv4 cannot hold is a fault") {
  CHECK(tcp_packet(from_port(443), {}, numbered(65'535 - 40)).size() == 65'535);
  CHECK_THROWS_AS(tcp_packet(from_port(443), {}, numbered(65'535 - 39)), Fault);
  CHECK_THROWS_AS(udp_packet(from_port(443), numbered(65'535 - 27)), Fault);
  CHECK_THROWS_AS(esp_packet(from_port(443), numbered(65'535 - 19)), Fault);
}
