#include <algorithm>

#include "heap_loop/world.hpp"

namespace cryptopath::heap_loop {

void World::append(std::vector<Mbuf>& chain) {
  for (const Mbuf& mbuf : chain) {
    queued_ += mbuf.size;
    mbufs_.push_back(mbuf);
  }
  chain.clear();
}

bool World::make_packet() {
  if (fin_sent_) return false;
  const Bytes window = wire_->peer_receive_window;
  const Bytes size = std::min(segment_size_, std::min(queued_, acknowledged_ + window) - sent_);
  const bool full = size == segment_size_ || (size.count > 0 && size >= Bytes(window.count / 2));
  const bool idle = sent_ == acknowledged_;
  const bool all = sent_ + size == queued_;
  const bool last = finishing_ && all;
  const bool small_may_go = size.count > 0 && all && (idle || run_.no_delay);
  if (!full && !small_may_go && !last) return false;

  pending_ = {size, size + Bytes(40), 0, last, next_mbuf_, 0, next_offset_};
  for (Bytes left = size; left.count > 0;) {
    const Mbuf& mbuf = mbufs_[next_mbuf_ - mbufs_dropped_];
    if (next_offset_.count == 0 && mbuf.begins_buffer) ++pending_.buffers_begun;
    const Bytes taken = std::min(left, mbuf.size - next_offset_);
    ++pending_.mbufs;
    left -= taken;
    next_offset_ += taken;
    if (next_offset_ < mbuf.size) break;
    ++next_mbuf_;
    next_offset_ = Bytes(0);
  }
  fin_sent_ = last;
  sent_ += size;
  if (size.count > 0) ledger_.add(Act::tcp_segments);
  access_register(nic_registers_);
  return true;
}

Nanoseconds World::packet_cost() const {
  const Nanoseconds cost = costs_.tcp_output + costs_.device_register_write;
  return nic_->checksum_offload ? cost : cost + time_at(pending_.payload, costs_.checksum);
}

void World::transmit() {
  waiting_.push_back(pending_);
  fill_ring();
}

void World::fill_ring() {
  while (!waiting_.empty() && ring_used_ != nic_->transmit_ring) {
    ++ring_used_;
    ring_.push_back(waiting_.front());
    waiting_.pop_front();
    fetch_packet();
  }
}

void World::drop_acknowledged(Bytes up_to) {
  acknowledged_ = up_to;
  const Bytes data = std::min(up_to, queued_);
  dropped_of_first_ += data - acknowledged_data_;
  acknowledged_data_ = data;
  while (!mbufs_.empty() && dropped_of_first_ >= mbufs_.front().size) {
    dropped_of_first_ -= mbufs_.front().size;
    pool_.free(mbufs_.front().buffer);
    mbufs_.pop_front();
    ++mbufs_dropped_;
  }
}

bool World::advance_nic_handler() {
  switch (handler_at_) {
    case HandlerAt::read:
      ring_used_ -= transmitted_;
      if (transmitted_ > 0) fill_ring();
      transmitted_ = 0;
      reaped_acknowledgements_.swap(received_);
      received_.clear();
      reaped_next_ = 0;
      handler_at_ = HandlerAt::next;
      return true;
    case HandlerAt::next:
      if (reaped_next_ == reaped_acknowledgements_.size()) {
        serve_interrupt();
        return false;
      }
      ledger_.add(Act::tcp_acknowledgements);
      handler_at_ = HandlerAt::input;
      return handler_delay(costs_.tcp_input);
    case HandlerAt::input: {
      const Bytes up_to = reaped_acknowledgements_[reaped_next_++];
      handler_at_ = HandlerAt::output;
      if (up_to <= acknowledged_) return true;
      drop_acknowledged(up_to);
      if (!has_sleeper(Channel::send_space)) return true;
      handler_at_ = HandlerAt::woke;
      return handler_delay(costs_.wakeup);
    }
    case HandlerAt::woke:
      wake(Channel::send_space);
      handler_at_ = HandlerAt::output;
      return true;
    case HandlerAt::output:
      if (make_packet()) {
        handler_at_ = HandlerAt::output_transmit;
        return handler_delay(packet_cost());
      }
      finish_if_done();
      handler_at_ = HandlerAt::next;
      return true;
    case HandlerAt::output_transmit:
      transmit();
      handler_at_ = HandlerAt::output;
      return true;
    default:
      break;
  }
  throw Fault("the interrupt handler is in no state");
}

}  // namespace cryptopath::heap_loop
