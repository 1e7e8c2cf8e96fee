// How long the headers are that the simulated network puts around what is sent, each without options.
#pragma once

#include "cryptopath/units.hpp"

namespace cryptopath::header_sizes {

inline constexpr Bytes ipv4{20};  // RFC 791, 3.1
inline constexpr Bytes udp{8};    // RFC 768
inline constexpr Bytes tcp{20};   // RFC 9293, 3.1

}  // namespace cryptopath::header_sizes
