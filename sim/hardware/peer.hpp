// The host at the far end of the wire: a receiver whose application reads at once, and whose processor is free.
//
// Of TCP it acknowledges every second segment, and a lone one after 200 ms (RFC 1122, 4.2.3.2; the 200 ms of BSD's fast
// timer), so its window is always open. Datagrams it takes without a word. Packets arrive in order: nothing is lost on
// the wire.
#pragma once

#include <functional>

#include "cryptopath/wire_verifier.hpp"
#include "hardware/nic.hpp"

namespace cryptopath::sim {

class PeerHost {
 public:
  /// `verifier` may be null: then only sizes count.
  PeerHost(Clock& clock, Nic& nic, WireVerifier* verifier, bool in_datagrams = false);
  /// Called after each datagram that has arrived.
  void on_datagram(std::function<void()> action) { on_datagram_ = std::move(action); }

  Bytes received() const { return received_; }
  std::int64_t packets() const { return packets_; }
  /// Descriptor chains of the sender that have arrived whole: packets, but those that the card cut from one chain.
  std::int64_t chains() const { return chains_; }

 private:
  void arrive(Packet packet);
  void acknowledge();
  void start_timer();

  Clock& clock_;
  Nic& nic_;
  WireVerifier* verifier_;
  bool in_datagrams_;
  std::function<void()> on_datagram_;
  Bytes received_;
  std::int64_t packets_ = 0;
  std::int64_t chains_ = 0;
  std::int64_t unacknowledged_segments_ = 0;
  Nanoseconds acknowledge_by_;  // of a lone segment
  bool timer_runs_ = false;
  bool finished_ = false;
};

}  // namespace cryptopath::sim
