#include <algorithm>
#include <utility>

#include "heap_loop/world.hpp"

namespace cryptopath::heap_loop {

namespace {
constexpr Bytes ethernet_header{14};
constexpr Bytes smallest_ethernet_payload{46};
constexpr Bytes descriptor{16};
constexpr Bytes acknowledgement_packet{40};
constexpr Nanoseconds delayed_acknowledgement{200'000'000};
}  // namespace

void World::fetch_packet() {
  if (nic_fetches_ || ring_.empty()) return;
  nic_fetches_ = true;
  fetching_packet_ = ring_.front();
  ring_.pop_front();
  Bytes offset = fetching_packet_.first_offset;
  Bytes left = fetching_packet_.payload;
  for (std::size_t i = 0; i < fetching_packet_.mbufs; ++i) {
    const Mbuf& mbuf = mbufs_[fetching_packet_.first_mbuf + i - mbufs_dropped_];
    const Bytes size = std::min(left, mbuf.size - offset);
    dma_[static_cast<std::size_t>(Master::nic_transmit)].dirty +=
        cache_.device_read(pool_.identity(mbuf.buffer), offset, size);
    left -= size;
    offset = Bytes(0);
  }
  const auto descriptors = static_cast<std::int64_t>(fetching_packet_.mbufs) + 1;
  start_dma(Master::nic_transmit, {fetching_packet_.size + ethernet_header, descriptors, descriptor * descriptors});
}

void World::on_packet_fetched() {
  ledger_.add(Act::paper_dma, fetching_packet_.buffers_begun);
  card_memory_.push_back(fetching_packet_);
  nic_fetches_ = false;
  send_packet();
  fetch_packet();
}

Bytes World::on_wire(Bytes ip_packet) const { return std::max(ip_packet, smallest_ethernet_payload) + wire_->framing; }

void World::send_packet() {
  if (nic_sends_ || card_memory_.empty()) return;
  nic_sends_ = true;
  sending_packet_ = card_memory_.front();
  card_memory_.pop_front();
  const Bytes size = on_wire(sending_packet_.size);
  ledger_.add_bus(wire_account_, 1, size);
  after(time_at(size, wire_->rate), Happening::packet_sent);
}

void World::on_packet_sent() {
  nic_sends_ = false;
  flying_.push_back(sending_packet_);
  after(wire_->propagation, Happening::packet_arrives);
  ++transmitted_;
  nic_completed();
  send_packet();
}

void World::nic_completed() {
  ++uncollected_;
  if (uncollected_ >= nic_->coalesced_packets) {
    uncollected_ = 0;
    ++coalescing_;
    raise(Line::nic);
  } else if (uncollected_ == 1) {
    after(nic_->coalescing_delay, Happening::coalescing_ends, coalescing_);
  }
}

void World::on_packet_arrival() {
  const Packet packet = flying_.front();
  flying_.pop_front();
  peer_received_ += packet.payload;
  peer_finished_ = peer_finished_ || packet.last;
  ++unacknowledged_segments_;
  if (unacknowledged_segments_ >= 2 || peer_finished_) return acknowledge();
  lone_since_ = now_;
  if (!std::exchange(delay_armed_, true)) after(delayed_acknowledgement, Happening::lone_segment_waited);
}

void World::on_lone_segment_waited() {
  delay_armed_ = false;
  if (unacknowledged_segments_ == 0) return;
  const Nanoseconds due = lone_since_ + delayed_acknowledgement;
  if (due == now_) return acknowledge();
  delay_armed_ = true;
  after(due - now_, Happening::lone_segment_waited);
}

void World::acknowledge() {
  unacknowledged_segments_ = 0;
  const Bytes position = peer_received_ + Bytes(peer_finished_ ? 1 : 0);
  after(wire_->peer_turnaround, Happening::peer_acknowledges, static_cast<std::uint64_t>(position.count));
}

void World::send_acknowledgement() {
  if (peer_sends_ || returning_.empty()) return;
  peer_sends_ = true;
  sending_back_ = returning_.front();
  returning_.pop_front();
  after(time_at(on_wire(acknowledgement_packet), wire_->rate), Happening::acknowledgement_sent);
}

void World::on_acknowledgement_sent() {
  peer_sends_ = false;
  flying_back_.push_back(sending_back_);
  after(wire_->propagation, Happening::acknowledgement_arrives);
  send_acknowledgement();
}

void World::on_acknowledgement_arrival() {
  returned_.push_back(flying_back_.front());
  flying_back_.pop_front();
  store_acknowledgement();
}

void World::store_acknowledgement() {
  if (nic_stores_ || returned_.empty()) return;
  nic_stores_ = true;
  storing_acknowledgement_ = returned_.front();
  returned_.pop_front();
  start_dma(Master::nic_receive, {acknowledgement_packet + ethernet_header, 1, descriptor});
}

void World::on_acknowledgement_stored() {
  nic_stores_ = false;
  received_.push_back(storing_acknowledgement_);
  nic_completed();
  store_acknowledgement();
}

}  // namespace cryptopath::heap_loop
