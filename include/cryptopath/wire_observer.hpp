// Who wants to see the packets of a run's wire as the sender's network card sees them.
#pragma once

#include <cstddef>
#include <span>

#include "cryptopath/units.hpp"

namespace cryptopath {

/// Told of each packet while a run goes on, in the order of simulated time, which begins at 0. What a call throws ends
/// the run.
class WireObserver {
 public:
  virtual ~WireObserver() = default;
  /// The last bit of a packet has left. `payload` is what follows the TCP or UDP header, or for ESP the IP header; it
  /// is empty for a FIN that goes alone and with a modelled payload. `last`: the packet carries TCP's FIN.
  virtual void sent(Nanoseconds time, std::span<const std::byte> payload, bool last) = 0;
  /// A TCP acknowledgement has arrived, of the stream's first `up_to` bytes; one more acknowledges the FIN.
  virtual void acknowledged(Nanoseconds time, Bytes up_to) = 0;
  /// The run has ended well; nothing is told after that. `close_notify` is the record that the sender closes a
  /// connection of TLS or DTLS with, which the peer has been given behind the simulated wire; it is empty for other
  /// protocols and with a modelled payload.
  virtual void ended(Nanoseconds time, std::span<const std::byte> close_notify) = 0;
};

}  // namespace cryptopath
