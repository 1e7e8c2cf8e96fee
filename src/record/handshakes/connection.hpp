// A connection between two ends in this process, which remembers what has been said.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "cryptopath/header_sizes.hpp"
#include "cryptopath/session.hpp"

namespace cryptopath {

enum class End : std::uint8_t { client, server };

class Connection {
 public:
  explicit Connection(bool in_datagrams) : in_datagrams_(in_datagrams) {}

  bool in_datagrams() const { return in_datagrams_; }

  /// A piece of the stream, or a datagram.
  void write(End from, std::span<const std::byte> bytes);
  /// Whether the other end has written something that `by` has not read.
  bool has_for(End by);
  /// What the other end has written: as much as there is and fits, or one datagram, whose rest is lost. 0 for nothing.
  std::size_t read(End by, std::span<std::byte> into);

  /// What has been said, in order, and forgets it, read or not. Pieces of a stream that follow each other are one
  /// flight.
  std::vector<Flight> take_transcript();

 private:
  struct Position {
    std::size_t flight = 0;
    std::size_t offset = 0;
  };

  bool in_datagrams_;
  std::vector<Flight> said_;
  std::array<Position, 2> read_up_to_{};
};

/// What an Ethernet frame holds of a DTLS record's datagram.
inline constexpr Bytes largest_datagram = Bytes(1500) - header_sizes::ipv4 - header_sizes::udp;

/// One end's view, which the libraries' callbacks get.
struct Transport {
  Connection* connection;
  End end;
};

}  // namespace cryptopath
