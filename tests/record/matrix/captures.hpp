// tshark as the peer: it deciphers captures of what the project seals.
#pragma once

#include <span>
#include <vector>

#include "cell.hpp"

namespace cryptopath::test {

/// A cell for each format, in their order: all connections of TLS and DTLS in one capture, all of ESP in another, all
/// of SSH in a third.
std::vector<Cell> tshark_cells(std::span<const RecordFormat> formats);

/// "tshark 4.0".
std::string tshark_release();

}  // namespace cryptopath::test
