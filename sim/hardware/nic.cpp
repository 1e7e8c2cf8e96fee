#include "hardware/nic.hpp"

#include <algorithm>
#include <utility>

#include "cryptopath/header_sizes.hpp"

namespace cryptopath::sim {

namespace {

constexpr Bytes ethernet_header{14};
constexpr Bytes smallest_ethernet_payload{46};  // IEEE 802.3: shorter ones are padded
constexpr Bytes descriptor{16};                 // a buffer descriptor of the Broadcom 570x; others are as large
constexpr Bytes acknowledgement_packet = header_sizes::ipv4 + header_sizes::tcp;

const WireModel& wire_of(const Machine& machine) {
  for (const Vertex& vertex : machine.vertices()) {
    if (const auto* wire = std::get_if<WireModel>(&vertex.data)) return *wire;
  }
  throw InputError("machine " + machine.name() + " has no wire; a vertex of kind \"wire\" would do");
}

}  // namespace

Nic::Nic(Clock& clock, Ledger& ledger, Interconnect& interconnect, Cache& cache, const Machine& machine,
         VertexIndex vertex, bool real_bytes)
    : clock_(clock),
      ledger_(ledger),
      interconnect_(interconnect),
      cache_(cache),
      model_(std::get<NicModel>(machine.vertex(vertex).data)),
      wire_(wire_of(machine)),
      vertex_(vertex),
      real_bytes_(real_bytes),
      from_memory_(interconnect.path(interconnect.memory(), vertex)),
      to_memory_(interconnect.path(vertex, interconnect.memory())),
      submitted_(clock),
      fetched_signal_(clock),
      returning_signal_(clock),
      returned_signal_(clock),
      station_(clock, machine.vertex(vertex).name),
      engine_(clock, ledger, model_.setup, machine.vertex(vertex).name) {}

void Nic::submit(Packet packet) {
  ensure(!transmit_ring_full(), "the transmit ring was overrun");
  ++ring_used_;
  ring_.push_back({std::move(packet), station_.enter()});
  submitted_.notify();
}

Task<> Nic::fetch_packets() {
  for (;;) {
    if (ring_.empty()) {
      co_await submitted_.wait();
      continue;
    }
    Queued queued = std::move(ring_.front());
    ring_.pop_front();
    if (queued.packet.segment_size.count > 0) {
      co_await fetch_records(std::move(queued));
      continue;
    }
    Packet& packet = queued.packet;
    interconnect_.write_back(device_read(cache_, packet.data));
    const auto descriptors = static_cast<std::int64_t>(packet.data.size()) + 1;  // the headers are an mbuf of their own
    co_await interconnect_.dma(from_memory_, packet.size + ethernet_header, descriptors, descriptor * descriptors);
    ledger_.add(Act::paper_dma, packet.buffers_begun);
    if (real_bytes_) {
      packet.bytes.resize(static_cast<std::size_t>(packet.payload.count));
      gather(packet.data, packet.bytes);
    }
    packet.data.clear();
    fetched_.push_back(std::move(queued));
    fetched_signal_.notify();
  }
}

Task<> Nic::fetch_records(Queued queued) {
  std::vector<RecordToEncipher> records = std::exchange(queued.packet.records, {});
  // The command stands in the ring with the headers that all segments are made from.
  const Bytes headers = queued.packet.size - queued.packet.payload + ethernet_header;
  co_await interconnect_.dma(from_memory_, Bytes(0), 1, descriptor + headers);
  fetched_.push_back(std::move(queued));
  fetched_signal_.notify();
  for (RecordToEncipher& record : records) {
    interconnect_.write_back(device_read(cache_, record.data));
    const auto descriptors = static_cast<std::int64_t>(record.data.size());
    co_await interconnect_.dma(from_memory_, total_size(record.data), descriptors, descriptor * descriptors);
    if (record.begins_buffer) ledger_.add(Act::paper_dma);
    std::vector<std::byte> bytes;
    if (real_bytes_) {
      bytes.resize(static_cast<std::size_t>(total_size(record.data).count));
      gather(record.data, bytes);
    }
    engine_.put(std::move(record), std::move(bytes));
  }
}

Bytes Nic::on_wire(Bytes ip_packet) const { return std::max(ip_packet, smallest_ethernet_payload) + wire_.framing; }

Task<> Nic::transmit() {
  for (;;) {
    if (fetched_.empty()) {
      co_await fetched_signal_.wait();
      continue;
    }
    Queued queued = std::move(fetched_.front());
    fetched_.pop_front();
    if (queued.packet.segment_size.count > 0) {
      co_await transmit_segments(queued.packet);
    } else {
      co_await put_on_wire(std::move(queued.packet));
    }
    station_.leave(queued.entered);
    ++transmitted_;
    completed();
  }
}

Task<> Nic::transmit_segments(const Packet& packet) {
  const Bytes headers = packet.size - packet.payload;
  for (Bytes left = packet.payload; left.count > 0;) {
    Packet segment;
    segment.payload = std::min(packet.segment_size, left);
    segment.size = segment.payload + headers;
    left -= segment.payload;
    segment.last = packet.last && left.count == 0;
    segment.ends_chain = left.count == 0;
    co_await engine_.take(segment.payload, segment.bytes);
    ledger_.add(Act::tcp_segments);
    co_await put_on_wire(std::move(segment));
  }
}

Task<> Nic::put_on_wire(Packet packet) {
  station_.begin_service();
  co_await interconnect_.send(on_wire(packet.size));
  station_.end_service();
  if (observer_ != nullptr) observer_->sent(clock_.now(), packet.bytes, packet.last);
  flying_.push_back(std::move(packet));
  clock_.after(
      wire_.propagation,
      [](void* context, std::uint64_t) {
        auto& self = *static_cast<Nic*>(context);
        Packet arrived = std::move(self.flying_.front());
        self.flying_.pop_front();
        self.arrival_(std::move(arrived));
      },
      this);
}

void Nic::receive(Acknowledgement acknowledgement) {
  returning_.push_back(acknowledgement);
  returning_signal_.notify();
}

Task<> Nic::receive_acknowledgements() {
  for (;;) {
    if (returning_.empty()) {
      co_await returning_signal_.wait();
      continue;
    }
    const Acknowledgement acknowledgement = returning_.front();
    returning_.pop_front();
    co_await interconnect_.receive(on_wire(acknowledgement_packet));
    flying_back_.push_back(acknowledgement);
    clock_.after(
        wire_.propagation,
        [](void* context, std::uint64_t) {
          auto& self = *static_cast<Nic*>(context);
          const Acknowledgement arrived = self.flying_back_.front();
          self.flying_back_.pop_front();
          if (self.observer_ != nullptr) self.observer_->acknowledged(self.clock_.now(), arrived.up_to);
          self.returned_here_.push_back(arrived);
          self.returned_signal_.notify();
        },
        this);
  }
}

Task<> Nic::store_acknowledgements() {
  for (;;) {
    // Without a free descriptor it waits in the card until the driver has taken some.
    if (returned_here_.empty() || std::ssize(received_) >= model_.receive_ring) {
      co_await returned_signal_.wait();
      continue;
    }
    const Acknowledgement acknowledgement = returned_here_.front();
    returned_here_.pop_front();
    co_await interconnect_.dma(to_memory_, acknowledgement_packet + ethernet_header, 1, descriptor,
                               DmaContent::acknowledgement);
    received_.push_back(acknowledgement);
    completed();
  }
}

void Nic::completed() {
  ++uncollected_;
  if (uncollected_ >= model_.coalesced_packets) {
    uncollected_ = 0;
    ++coalescing_;
    pin_();
  } else if (uncollected_ == 1) {
    clock_.after(
        model_.coalescing_delay,
        [](void* context, std::uint64_t group) {
          auto& self = *static_cast<Nic*>(context);
          if (group != self.coalescing_) return;
          self.uncollected_ = 0;
          ++self.coalescing_;
          self.pin_();
        },
        this, coalescing_);
  }
}

std::int64_t Nic::reap_transmitted() {
  const std::int64_t freed = std::exchange(transmitted_, 0);
  ring_used_ -= freed;
  return freed;
}

std::vector<Acknowledgement> Nic::reap_received() {
  returned_signal_.notify();  // its descriptors are free again
  return std::exchange(received_, {});
}

}  // namespace cryptopath::sim
