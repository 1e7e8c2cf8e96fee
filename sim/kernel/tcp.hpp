// The sending half of TCP, as 4.4BSD's tcp_output() and tcp_input() do it on an established connection.
//
// In: segmentation, the send window, Nagle's algorithm, acknowledgements, the FIN, checksums. Left out, since nothing
// is lost on this wire: retransmission and its timers, slow start and congestion avoidance, options, data to receive.
#pragma once

#include <deque>
#include <functional>
#include <optional>

#include "kernel/transport.hpp"

namespace cryptopath::sim {

class TcpConnection final : public Transport {
 public:
  TcpConnection(Kernel& kernel, NicDriver& driver, Bytes send_buffer, bool no_delay);

  bool in_datagrams() const override { return false; }
  /// sbappend() and tcp_output().
  Task<> send(const Context& context, MbufChain chain) override;
  Task<> send_records(const Context& context, MbufChain chain, std::vector<RecordToEncipher> records) override;
  /// Sends what is left and the FIN.
  Task<> shut_down(const Context& context) override;
  /// The peer has acknowledged everything, the FIN too.
  void on_closed(std::function<void()> action) { on_closed_ = std::move(action); }
  bool closed() const override { return finished_ && acknowledged_ == queued() + Bytes(1); }

 private:
  struct SegmentToSend {
    Bytes size;
    bool last;
  };
  Bytes buffered() const override { return unacknowledged_.length; }
  Task<> output(const Context& context);
  /// The segment that may go now, if any.
  std::optional<SegmentToSend> next_segment() const;
  void advance(const SegmentToSend& segment);
  /// All segments that may go now, as one packet for the NIC to cut.
  Packet make_segments_packet(SegmentToSend first);
  Task<> input(const Context& context, Bytes up_to);
  Packet make_packet(Bytes offset, Bytes size) const;

  Kernel& kernel_;
  bool no_delay_;
  Bytes segment_size_;
  MbufChain unacknowledged_;  // the send buffer: sent and unsent
  Bytes acknowledged_;        // stream positions: the send buffer's start (snd_una),
  Bytes sent_;                // and what was sent (snd_nxt); queued() is its end
  struct QueuedRecord {
    Bytes begin;  // of the stream
    RecordToEncipher record;
  };
  std::deque<QueuedRecord> records_;  // that the NIC does not have yet
  bool nic_enciphers_ = false;
  bool finishing_ = false;
  bool finished_ = false;  // the FIN was sent
  std::function<void()> on_closed_;
};

}  // namespace cryptopath::sim
