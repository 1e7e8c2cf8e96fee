// A capture file that a test puts together.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "capture/connection.hpp"

/// Connections, one after the other.
class CaptureFile {
 public:
  /// A connection that begins with `handshake`, behind which its sender sends `packets`, a microsecond apart.
  void add(const cryptopath::CapturedConnection& connection, std::span<const cryptopath::Flight> handshake,
           const std::vector<std::vector<std::byte>>& packets) {
    std::vector<std::byte> records;
    cryptopath::ConnectionCapture capture(connection, handshake, [&records](std::span<const std::byte> bytes) {
      records.insert(records.end(), bytes.begin(), bytes.end());
    });
    cryptopath::Nanoseconds time{0};
    for (const auto& packet : packets) {
      capture.sent(time, packet, false);
      time = time + cryptopath::Nanoseconds(1000);
    }
    capture.ended(time, {});
    std::span<const std::byte> rest = records;
    sequence_.add([&rest](std::span<std::byte> into) {
      const auto piece = rest.first(std::min(rest.size(), into.size()));
      std::ranges::copy(piece, into.begin());
      rest = rest.subspan(piece.size());
      return piece.size();
    });
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
  cryptopath::PcapSequence sequence_{[this](std::span<const std::byte> bytes) {
    bytes_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }};
};
