// What the fuzz targets do with their input: records of any content are opened, by each of a protocol's formats.
//
// The first byte chooses one of the protocol's formats; then follow steps of a command byte, a length of two bytes and
// as many bytes, the last ones as many as are left:
//   even command      the bytes are a record off the wire
//   odd command       the bytes stand where prefix, plaintext, MAC and trailer of the next record do, and that is
//                     sealed: a forger with the right keys, who reaches what lies behind the MAC
//   with bit 64 set   of such a forgery the plaintext alone: a record that is right but for what its size does to it
//   128 and above     two more bytes behind the length are a size, up to which the bytes are repeated: records longer
//                     than an input, and than a protocol allows
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "../record/sealed_stream.hpp"

namespace cryptopath::test {

/// The commands that repeat their bytes.
inline constexpr std::uint8_t stretched = 128;
/// The bit of commands that forge, for a forger of plaintext.
inline constexpr std::uint8_t only_plaintext = 64;

/// The records that the connection's sender has sealed by itself, which may come off the wire.
std::vector<ByteVector> good_records(const RecordFormat& format);

/// The format that the input's first byte chooses. The input has one.
RecordFormat format_of_input(Protocol protocol, std::span<const std::uint8_t> input);

/// Throws Fault where a reader breaks its word: accepts a record that has not been sealed with the keys, shows
/// plaintext outside the record, or with a rejection, or more than the protocol allows. Returns how many
/// records off the wire were accepted, and counts no forged ones, whose sender has always the reader's keys. That they
/// are few is no finding, since libFuzzer may bring anything; only a replay knows what stands in its inputs.
std::size_t open_records(Protocol protocol, std::span<const std::uint8_t> input);

}  // namespace cryptopath::test
