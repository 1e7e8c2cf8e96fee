#include "kernel/tcp.hpp"

#include <algorithm>

#include "cryptopath/header_sizes.hpp"

namespace cryptopath::sim {

namespace {
constexpr Bytes headers = header_sizes::ipv4 + header_sizes::tcp;
constexpr Bytes largest_packet{65'535};  // IP's total length, which what a NIC cuts segments from carries too
}  // namespace

TcpConnection::TcpConnection(Kernel& kernel, NicDriver& driver, Bytes send_buffer, bool no_delay)
    : Transport(driver, send_buffer),
      kernel_(kernel),
      no_delay_(no_delay),
      segment_size_(driver.nic().model().maximum_packet - headers) {
  driver.on_acknowledgement([this](const Context& context, Bytes up_to) { return input(context, up_to); });
}

Task<> TcpConnection::send(const Context& context, MbufChain chain) {
  const Context::NetworkLevel level(context);
  queue(chain.length);
  unacknowledged_.append(std::move(chain));
  co_await output(context);
}

Task<> TcpConnection::send_records(const Context& context, MbufChain chain, std::vector<RecordToEncipher> records) {
  nic_enciphers_ = true;
  Bytes begin = queued();
  for (RecordToEncipher& record : records) {
    const Bytes size = total_size(record.data);
    records_.push_back({begin, std::move(record)});
    begin += size;
  }
  ensure(begin == queued() + chain.length, "the records are not the chain");
  co_await send(context, std::move(chain));
}

Task<> TcpConnection::shut_down(const Context& context) {
  const Context::NetworkLevel level(context);
  finishing_ = true;
  co_await output(context);
}

std::optional<TcpConnection::SegmentToSend> TcpConnection::next_segment() const {
  const Bytes window = nic().wire().peer_receive_window;
  const Bytes sendable = std::min(queued(), acknowledged_ + window);
  const Bytes size = std::min(segment_size_, sendable - sent_);
  const bool idle = sent_ == acknowledged_;
  const bool all = sent_ + size == queued();
  // Full, or all that a window smaller than two segments lets through: half of it, as BSD has it.
  const bool full = size == segment_size_ || (size.count > 0 && size >= Bytes(window.count / 2));
  const bool last = finishing_ && all && !finished_;
  // A small segment goes out only when nothing is unacknowledged (Nagle), or with the FIN.
  const bool small_may_go = size.count > 0 && all && (idle || no_delay_);
  if (!full && !small_may_go && !last) return std::nullopt;
  return SegmentToSend{size, last};
}

void TcpConnection::advance(const SegmentToSend& segment) {
  finished_ = finished_ || segment.last;
  sent_ += segment.size;
}

Task<> TcpConnection::output(const Context& context) {
  while (const std::optional<SegmentToSend> segment = next_segment()) {
    Packet packet;
    if (nic_enciphers_ && segment->size.count > 0) {
      packet = make_segments_packet(*segment);
    } else {
      packet = make_packet(sent_ - acknowledged_, segment->size);
      packet.last = segment->last;
      advance(*segment);
      if (segment->size.count > 0) kernel_.ledger.add(Act::tcp_segments);
    }
    Nanoseconds cost = kernel_.costs.tcp_output;
    if (!nic().model().checksum_offload) cost += time_at(packet.payload, kernel_.costs.checksum);
    kernel_.interconnect.write_register(nic().vertex());
    cost += kernel_.costs.device_register_write;
    co_await context.run(cost);
    const bool last = packet.last;
    driver().transmit(std::move(packet));
    if (last) co_return;
  }
}

Packet TcpConnection::make_segments_packet(SegmentToSend first) {
  Packet packet;
  packet.segment_size = segment_size_;
  packet.size = headers;
  // The same segments, one after the other, that would go as packets of their own.
  std::optional<SegmentToSend> next = first;
  do {
    packet.payload += next->size;
    packet.size += next->size;
    packet.last = next->last;
    advance(*next);
    next = next_segment();  // none after one that is not full: that took all there was, or all the window let through
  } while (next && packet.size + next->size <= largest_packet);
  while (!records_.empty() && records_.front().begin < sent_) {
    packet.records.push_back(std::move(records_.front().record));
    records_.pop_front();
  }
  return packet;
}

Packet TcpConnection::make_packet(Bytes offset, Bytes size) const {
  Packet packet;
  packet.payload = size;
  packet.size = size + headers;
  for (const Mbuf& mbuf : unacknowledged_.mbufs) {
    if (size.count == 0) break;
    if (offset >= mbuf.data.size) {
      offset -= mbuf.data.size;
      continue;
    }
    if (offset.count == 0 && mbuf.begins_buffer) ++packet.buffers_begun;
    const Bytes taken = std::min(size, mbuf.data.size - offset);
    packet.data.push_back({mbuf.data.buffer, mbuf.data.offset + offset, taken});
    offset = Bytes(0);
    size -= taken;
  }
  ensure(size.count == 0, "a segment reaches beyond the send buffer");
  return packet;
}

Task<> TcpConnection::input(const Context& context, Bytes up_to) {
  kernel_.ledger.add(Act::tcp_acknowledgements);
  co_await context.run(kernel_.costs.tcp_input);
  if (up_to > acknowledged_) {
    unacknowledged_.drop(std::min(up_to, queued()) - std::min(acknowledged_, queued()));
    acknowledged_ = up_to;
    co_await wakeup(kernel_, context, space_available());
  }
  if (!closed()) {
    co_await output(context);
  } else if (on_closed_) {
    on_closed_();
  }
}

}  // namespace cryptopath::sim
