#include "hardware/peer.hpp"

namespace cryptopath::sim {

using namespace literals;

namespace {
constexpr Nanoseconds delayed_acknowledgement = 200_ms;
}

PeerHost::PeerHost(Clock& clock, Nic& nic, WireVerifier* verifier, bool in_datagrams)
    : clock_(clock), nic_(nic), verifier_(verifier), in_datagrams_(in_datagrams) {
  nic.on_arrival([this](Packet packet) { arrive(std::move(packet)); });
}

void PeerHost::arrive(Packet packet) {
  received_ += packet.payload;
  ++packets_;
  if (packet.ends_chain) ++chains_;
  if (verifier_ != nullptr) verifier_->feed(packet.bytes);
  if (in_datagrams_) {
    if (on_datagram_) on_datagram_();
    return;
  }
  finished_ = finished_ || packet.last;
  ++unacknowledged_segments_;
  if (unacknowledged_segments_ >= 2 || finished_) {
    acknowledge();
    return;
  }
  acknowledge_by_ = clock_.now() + delayed_acknowledgement;
  if (!timer_runs_) start_timer();
}

// One timer, which a further lone segment only puts off: an event for each would swell the calendar.
void PeerHost::start_timer() {
  timer_runs_ = true;
  clock_.at(
      acknowledge_by_,
      [](void* context, std::uint64_t) {
        auto& self = *static_cast<PeerHost*>(context);
        self.timer_runs_ = false;
        if (self.unacknowledged_segments_ == 0) return;
        if (self.clock_.now() < self.acknowledge_by_) {
          self.start_timer();
        } else {
          self.acknowledge();
        }
      },
      this);
}

void PeerHost::acknowledge() {
  unacknowledged_segments_ = 0;
  const Bytes position = received_ + Bytes(finished_ ? 1 : 0);
  clock_.after(
      nic_.wire().peer_turnaround,
      [](void* context, std::uint64_t up_to) {
        static_cast<PeerHost*>(context)->nic_.receive({Bytes(static_cast<std::int64_t>(up_to))});
      },
      this, static_cast<std::uint64_t>(position.count));
}

}  // namespace cryptopath::sim
