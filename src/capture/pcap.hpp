// Capture files in libpcap's classic format (draft-ietf-opsawg-pcap), with nanoseconds and packets that begin with the
// IP header (LINKTYPE_RAW).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "cryptopath/units.hpp"

namespace cryptopath {

/// What a file begins with.
std::array<std::byte, 24> pcap_file_header();

/// Appends one packet with its time, which must not be negative and ends 2^32 s later.
void append_pcap_record(std::vector<std::byte>& file, Nanoseconds time, std::span<const std::byte> packet);

/// Takes bytes of a file, in order.
using WriteBytes = std::function<void(std::span<const std::byte>)>;
/// Fills in bytes of a file, in order; returns how many, 0 at the end.
using ReadBytes = std::function<std::size_t(std::span<std::byte>)>;

/// Puts captures into one file, one after the other in time: where one has ended, the next one's second 0 becomes the
/// next whole second.
class PcapSequence {
 public:
  /// Writes the file header.
  explicit PcapSequence(WriteBytes write);
  /// Adds records without a file header. Throws Fault where `records` ends within one.
  void add(const ReadBytes& records);

 private:
  WriteBytes write_;
  std::uint32_t shift_ = 0;  // in seconds
};

}  // namespace cryptopath
