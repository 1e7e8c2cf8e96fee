// What the fuzz targets do with their input: records of any content are opened, by each of a protocol's formats.
//
// The first byte chooses one of the protocol's formats; then follow steps of a command byte, a length of two bytes and
// as many bytes, the last ones as many as are left:
//   even command   the bytes are a record off the wire
//   odd command    the bytes stand where prefix, plaintext, MAC and trailer of the next record do, and that is sealed:
//                  a forger with the right keys, who reaches what lies behind the MAC
#pragma once

#include <cstdint>
#include <span>

#include "cryptopath/record_format.hpp"

namespace cryptopath::test {

/// Throws Fault where a reader breaks its word: shows plaintext outside the record, or with a rejection.
void open_records(Protocol protocol, std::span<const std::uint8_t> input);

}  // namespace cryptopath::test
