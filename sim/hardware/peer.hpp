// The host at the far end of the wire: a TCP receiver whose application reads at once, and whose processor is free.
//
// It acknowledges every second segment, and a lone one after 200 ms (RFC 1122, 4.2.3.2; the 200 ms of BSD's fast
// timer), so its window is always open. Segments arrive in order: nothing is lost on the wire.
#pragma once

#include <functional>

#include "cryptopath/wire_verifier.hpp"
#include "hardware/nic.hpp"

namespace cryptopath::sim {

class PeerHost {
 public:
  /// `verifier` may be null: then only sizes count.
  PeerHost(Clock& clock, Nic& nic, WireVerifier* verifier);

  Bytes received() const { return received_; }
  std::int64_t packets() const { return packets_; }

 private:
  void arrive(Packet packet);
  void acknowledge();

  Clock& clock_;
  Nic& nic_;
  WireVerifier* verifier_;
  Bytes received_;
  std::int64_t packets_ = 0;
  std::int64_t unacknowledged_segments_ = 0;
  std::uint64_t delayed_ = 0;  // which lone segment the delayed acknowledgement is for
  bool finished_ = false;
};

}  // namespace cryptopath::sim
