// What one run's wire looks like to a capture at the sender: the handshake, the packets that the run reports, the
// close.
#pragma once

#include <cstdint>
#include <span>

#include "capture/packet.hpp"
#include "capture/pcap.hpp"
#include "cryptopath/session.hpp"
#include "cryptopath/wire_observer.hpp"

namespace cryptopath {

/// What a capture must know of a connection beside its bytes.
struct CapturedConnection {
  Protocol protocol = Protocol::none;
  std::uint16_t number = 0;  // of the run: added to the receiver's port, so that each is a connection of its own
  Bytes maximum_packet;      // the sender's MTU
  Bytes receive_window;      // the receiver's, constant
};

/// Writes one connection's packets, as records of a pcap file without its header.
///
/// The run's time 0 is second 1 of the capture. What is not simulated stands around it, a packet each millisecond, with
/// times that mean nothing: the opening of the connection and the handshake from second 0 on; TLS's close_notify and
/// the receiver's FIN from a millisecond after the run's end on. Where there is a close_notify, the sender's FIN, which
/// is simulated and has to follow it, goes from its place in the run to behind it.
class ConnectionCapture final : public WireObserver {
 public:
  /// Writes the handshake. `write` gets records, some 64 KiB a call.
  ConnectionCapture(const CapturedConnection& connection, std::span<const Flight> handshake, WriteBytes write);

  void sent(Nanoseconds time, std::span<const std::byte> payload, bool last) override;
  void acknowledged(Nanoseconds time, Bytes up_to) override;
  /// Writes the close, and hands over what has not been written.
  void ended(Nanoseconds time, std::span<const std::byte> close_notify) override;

 private:
  struct End {
    Ipv4Address address{};
    std::uint16_t port = 0;
    std::uint32_t next = 0;          // sequence number
    std::uint32_t acknowledged = 0;  // of the other end's
  };
  struct Control {
    bool syn = false;
    bool ack = true;
    bool fin = false;
  };

  bool over_tcp() const { return !in_datagrams(connection_.protocol); }
  void write_opening();
  void write_flight(const Flight& flight);
  void write_closing(std::span<const std::byte> close_notify);
  /// A TCP segment, outside of the run, that acknowledges all that the other end has sent.
  void acknowledge(End& from);
  /// A TCP segment from one end, which acknowledges no more than it has been told to.
  void segment(Nanoseconds time, End& from, std::span<const std::byte> payload, Control control);
  void datagram(Nanoseconds time, End& from, std::span<const std::byte> payload);
  void record(Nanoseconds time, const PacketBytes& packet);
  void hand_over();
  /// The time of the next packet that is not simulated.
  Nanoseconds outside_run();
  std::uint16_t window(bool syn) const;
  const End& other(const End& end) const { return &end == &sender_ ? receiver_ : sender_; }
  PacketEnds ends(const End& from) const;

  CapturedConnection connection_;
  WriteBytes write_;
  End sender_;
  End receiver_;
  std::uint8_t window_shift_ = 0;
  std::uint32_t stream_begin_ = 0;  // the sequence number of the run's first byte
  Nanoseconds outside_run_{0};
  bool sender_finished_ = false;
  PacketBytes records_;
};

}  // namespace cryptopath
