#include "capture/connection.hpp"

#include <algorithm>
#include <utility>

#include "cryptopath/endpoints.hpp"
#include "cryptopath/errors.hpp"
#include "cryptopath/header_sizes.hpp"

namespace cryptopath {

using namespace literals;

namespace {

constexpr Nanoseconds run_begins{1'000'000'000};
constexpr std::size_t batch_size = 64 * 1024;
constexpr Bytes tcp_and_ip_headers = header_sizes::ipv4 + header_sizes::tcp;

std::uint16_t sender_port(Protocol protocol) {
  switch (protocol) {
    case Protocol::none:
      return 80;
    case Protocol::ssh_2:
      return 22;
    default:
      return in_datagrams(protocol) ? endpoints::sender.port : 443;
  }
}

}  // namespace

ConnectionCapture::ConnectionCapture(const CapturedConnection& connection, std::span<const Flight> handshake,
                                     WriteBytes write)
    : connection_(connection),
      write_(std::move(write)),
      // Sequence numbers begin anywhere; these are easy to tell apart.
      sender_{endpoints::sender.address, sender_port(connection.protocol), 1'000'000, 0},
      receiver_{endpoints::receiver.address, static_cast<std::uint16_t>(endpoints::receiver.port + connection.number),
                2'000'000, 0} {
  while (connection_.receive_window.count >> window_shift_ > 0xffff) ++window_shift_;
  if (over_tcp()) write_opening();
  for (const Flight& flight : handshake) write_flight(flight);
  if (over_tcp() && receiver_.acknowledged != sender_.next) acknowledge(receiver_);
  ensure(outside_run_ <= run_begins, "a handshake has at most a thousand packets");
  stream_begin_ = sender_.next;
}

void ConnectionCapture::write_opening() {
  segment(outside_run(), receiver_, {}, {.syn = true, .ack = false});
  sender_.acknowledged = receiver_.next;
  segment(outside_run(), sender_, {}, {.syn = true});
  acknowledge(receiver_);
}

void ConnectionCapture::write_flight(const Flight& flight) {
  End& from = flight.from_sender ? sender_ : receiver_;
  if (!over_tcp()) return datagram(outside_run(), from, flight.bytes);
  const auto longest = static_cast<std::size_t>((connection_.maximum_packet - tcp_and_ip_headers).count);
  from.acknowledged = other(from).next;
  for (std::span<const std::byte> rest = flight.bytes; !rest.empty();) {
    const auto piece = rest.first(std::min(rest.size(), longest));
    segment(outside_run(), from, piece, {});
    rest = rest.subspan(piece.size());
  }
}

void ConnectionCapture::write_closing(std::span<const std::byte> close_notify) {
  if (!close_notify.empty()) {
    segment(outside_run(), sender_, close_notify, {});
    acknowledge(receiver_);
  }
  if (!sender_finished_) {
    segment(outside_run(), sender_, {}, {.fin = true});
    acknowledge(receiver_);
  }
  segment(outside_run(), receiver_, {}, {.fin = true});
  acknowledge(sender_);
}

void ConnectionCapture::sent(Nanoseconds time, std::span<const std::byte> payload, bool last) {
  if (!over_tcp()) return datagram(run_begins + time, sender_, payload);
  const bool finish = last && !has_alerts(connection_.protocol);
  if (payload.empty() && !finish) return;  // a FIN that goes alone, ahead of close_notify
  sender_.acknowledged = receiver_.next;
  segment(run_begins + time, sender_, payload, {.fin = finish});
  sender_finished_ = sender_finished_ || finish;
}

void ConnectionCapture::acknowledged(Nanoseconds time, Bytes up_to) {
  std::uint32_t next = stream_begin_ + static_cast<std::uint32_t>(up_to.count);
  if (next == sender_.next + 1) --next;  // of a FIN that has not been written
  if (next == receiver_.acknowledged) return;
  receiver_.acknowledged = next;
  segment(run_begins + time, receiver_, {}, {});
}

void ConnectionCapture::ended(Nanoseconds time, std::span<const std::byte> close_notify) {
  outside_run_ = run_begins + time + 1_ms;
  if (over_tcp()) {
    write_closing(close_notify);
  } else if (!close_notify.empty()) {
    datagram(outside_run(), sender_, close_notify);
  }
  hand_over();
}

void ConnectionCapture::acknowledge(End& from) {
  from.acknowledged = other(from).next;
  segment(outside_run(), from, {}, {});
}

void ConnectionCapture::segment(Nanoseconds time, End& from, std::span<const std::byte> payload, Control control) {
  const TcpFields fields{
      .sequence = from.next,
      .acknowledgement = from.acknowledged,
      .window = window(control.syn),
      .syn = control.syn,
      .ack = control.ack,
      .fin = control.fin,
      .maximum_segment = static_cast<std::uint16_t>((connection_.maximum_packet - tcp_and_ip_headers).count),
      .window_shift = window_shift_};
  record(time, tcp_packet(ends(from), fields, payload));
  // SYN and FIN take a sequence number each.
  from.next += static_cast<std::uint32_t>(payload.size()) + (control.syn ? 1 : 0) + (control.fin ? 1 : 0);
}

void ConnectionCapture::datagram(Nanoseconds time, End& from, std::span<const std::byte> payload) {
  const bool over_udp = connection_.protocol == Protocol::dtls_1_2;
  record(time, over_udp ? udp_packet(ends(from), payload) : esp_packet(ends(from), payload));
}

void ConnectionCapture::record(Nanoseconds time, const PacketBytes& packet) {
  append_pcap_record(records_, time, packet);
  if (records_.size() >= batch_size) hand_over();
}

void ConnectionCapture::hand_over() { write_(std::exchange(records_, {})); }

Nanoseconds ConnectionCapture::outside_run() { return std::exchange(outside_run_, outside_run_ + 1_ms); }

std::uint16_t ConnectionCapture::window(bool syn) const {
  // The sender's, which takes in nothing but the handshake, is shown as large. A SYN's is not scaled.
  const std::int64_t size = connection_.receive_window.count;
  return static_cast<std::uint16_t>(std::min<std::int64_t>(syn ? size : size >> window_shift_, 0xffff));
}

PacketEnds ConnectionCapture::ends(const End& from) const {
  const End& to = other(from);
  return {from.address, to.address, from.port, to.port};
}

}  // namespace cryptopath
