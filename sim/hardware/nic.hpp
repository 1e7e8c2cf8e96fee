// A network card with descriptor rings for both directions and interrupt coalescing, and the wire it transmits on.
//
// A NIC whose model has engines also takes records that are framed and in clear, enciphers them (nic_engine.hpp) and
// cuts the result into TCP segments, whose headers it makes from the one that the host gives.
//
// The card's own memory is taken as large enough for all that its transmit ring holds, and for what arrives while the
// receive ring is full; packets are not lost.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "cryptopath/machine.hpp"
#include "cryptopath/wire_observer.hpp"
#include "engine/station.hpp"
#include "engine/task.hpp"
#include "hardware/buffer.hpp"
#include "hardware/cache.hpp"
#include "hardware/interconnect.hpp"
#include "hardware/nic_engine.hpp"

namespace cryptopath::sim {

/// A TCP segment or a datagram on its way out; or, with `segment_size`, several segments in a row that the card cuts
/// from what its engine has enciphered.
struct Packet {
  Segments data;                   // references to the socket buffer's mbufs
  Bytes payload;                   // of TCP or UDP, or an ESP packet
  Bytes size;                      // IP packet: headers and payload
  std::int64_t buffers_begun = 0;  // data buffers whose first byte it carries, as the papers count DMA
  bool last = false;               // carries the FIN
  bool ends_chain = true;          // the card has sent all of what the host handed over in one
  std::vector<std::byte> bytes;    // in the card's memory, with a real payload

  Bytes segment_size;                     // the most payload of one segment
  std::vector<RecordToEncipher> records;  // those that begin in this payload: the card has the earlier ones already
};

/// A TCP acknowledgement on its way in.
struct Acknowledgement {
  Bytes up_to;  // stream offset; one more than the stream's size acknowledges the FIN
};

class Nic {
 public:
  Nic(Clock& clock, Ledger& ledger, Interconnect& interconnect, Cache& cache, const Machine& machine,
      VertexIndex vertex, bool real_bytes);

  bool transmit_ring_full() const { return ring_used_ == model_.transmit_ring; }
  /// Puts a packet into the transmit ring, which must have room.
  void submit(Packet packet);
  /// Where packets come out at the far end of the wire.
  void on_arrival(std::function<void(Packet)> arrival) { arrival_ = std::move(arrival); }
  /// The far end sends an acknowledgement.
  void receive(Acknowledgement acknowledgement);

  /// Transmit descriptors freed since the last call.
  std::int64_t reap_transmitted();
  /// Acknowledgements that reached memory since the last call.
  std::vector<Acknowledgement> reap_received();
  void on_interrupt(std::function<void()> pin) { pin_ = std::move(pin); }
  /// Who sees packets leave and arrive; null is nobody.
  void observe(WireObserver* observer) { observer_ = observer; }

  Task<> fetch_packets();
  Task<> transmit();
  Task<> encipher() { return engine_.encipher(); }
  Task<> receive_acknowledgements();
  Task<> store_acknowledgements();

  const NicModel& model() const { return model_; }
  const WireModel& wire() const { return wire_; }
  VertexIndex vertex() const { return vertex_; }
  const Station& station() const { return station_; }
  const NicEngine& engine() const { return engine_; }

 private:
  struct Queued {
    Packet packet;
    Nanoseconds entered;
  };
  Task<> fetch_records(Queued queued);
  Task<> transmit_segments(const Packet& packet);
  Task<> put_on_wire(Packet packet);
  void completed();
  Bytes on_wire(Bytes ip_packet) const;

  Clock& clock_;
  Ledger& ledger_;
  Interconnect& interconnect_;
  Cache& cache_;
  const NicModel& model_;
  const WireModel& wire_;
  VertexIndex vertex_;
  bool real_bytes_;
  Interconnect::Path from_memory_;
  Interconnect::Path to_memory_;

  std::deque<Queued> ring_;
  std::int64_t ring_used_ = 0;
  std::deque<Queued> fetched_;
  std::deque<Packet> flying_;
  std::deque<Acknowledgement> returning_;
  std::deque<Acknowledgement> flying_back_;
  std::deque<Acknowledgement> returned_here_;
  std::int64_t transmitted_ = 0;
  std::vector<Acknowledgement> received_;
  std::int64_t uncollected_ = 0;  // completions since the last interrupt
  std::uint64_t coalescing_ = 0;  // which group of completions the delay belongs to
  Signal submitted_;
  Signal fetched_signal_;
  Signal returning_signal_;
  Signal returned_signal_;
  std::function<void(Packet)> arrival_;
  std::function<void()> pin_;
  WireObserver* observer_ = nullptr;
  Station station_;
  NicEngine engine_;
};

}  // namespace cryptopath::sim
