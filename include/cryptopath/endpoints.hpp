// Who talks to whom in the simulated network, for every header that the project writes and every capture that shows it.
#pragma once

#include <array>
#include <cstdint>

namespace cryptopath {

/// In network byte order.
using Ipv4Address = std::array<std::uint8_t, 4>;

/// One end of the connection.
struct Endpoint {
  Ipv4Address address;        // outermost
  Ipv4Address inside_tunnel;  // of the host behind the tunnel's end, where ESP runs in tunnel mode
  std::uint16_t port;         // of UDP
};

namespace endpoints {

/// Addresses for documentation (RFC 5737), and private ones (RFC 1918) inside the tunnel.
inline constexpr Endpoint sender{{192, 0, 2, 1}, {10, 0, 0, 1}, 4433};
inline constexpr Endpoint receiver{{198, 51, 100, 1}, {10, 0, 0, 2}, 40001};

}  // namespace endpoints

}  // namespace cryptopath
