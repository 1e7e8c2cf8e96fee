// What the hand-written event loop keeps of its machine: events, threads, requests, packets, transfers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "cryptopath/ledger.hpp"
#include "cryptopath/record.hpp"
#include "heap_loop/buffers.hpp"
#include "heap_loop/buses.hpp"

namespace cryptopath::heap_loop {

enum class Happening : std::uint8_t {
  hardclock_ticks,
  statclock_looks,  // after a while of its interval
  statclock_waits,  // until the next one
  compute_ends,
  switched,
  interrupt_taken,
  handler_continues,
  interrupt_left,
  transfer_ends,
  card_looks,
  card_output_begins,
  card_engine_ends,
  card_stores_rest,
  packet_sent,
  packet_arrives,
  lone_segment_waited,
  peer_acknowledges,
  acknowledgement_sent,
  acknowledgement_arrives,
  coalescing_ends,
};

struct Event {
  Nanoseconds instant;
  std::uint64_t order;
  Happening what;
  std::uint64_t tag;
  bool operator>(const Event& other) const {
    return instant != other.instant ? instant > other.instant : order > other.order;
  }
};

enum class Charge : std::uint8_t { user, kernel, crypto_thread, interrupt, switching, idle };
enum class Channel : std::uint8_t { crypto_work, request_done, send_space };
enum class Line : std::uint8_t { nic, card, hardclock, statclock };
inline bool is_clock(Line line) { return line == Line::hardclock || line == Line::statclock; }
enum class Copying : std::uint8_t { kernel_to_user, user_to_kernel, kernel_to_kernel };

struct Thread {
  enum class Work : std::uint8_t { none, compute, transfer };
  std::size_t priority = 0;  // index of its run queue, best first
  Work work = Work::none;
  Charge charge = Charge::idle;
  Nanoseconds remaining;
  Bytes load;
  bool transfer_started = false;
  bool transfer_ended = false;
  Nanoseconds interrupted_for;
  bool holds_off_interrupts = false;  // while it has the processor
};

struct Request {
  Frame frame;
  std::vector<Piece> source;
  std::vector<Piece> destination;
  bool begins_buffer = false;
  bool done = false;
  Nanoseconds input_ended, filled, engine_ends, output_begins;  // on the card
  Bytes output_at_end;
};

struct Mbuf {
  BufferIndex buffer;
  Bytes size;
  bool begins_buffer;
};

struct Packet {
  Bytes payload;
  Bytes size;
  std::int64_t buffers_begun = 0;
  bool last = false;
  std::size_t first_mbuf = 0;  // counted from the connection's first
  std::size_t mbufs = 0;
  Bytes first_offset = {};  // in it
};

/// A card's segment and what a transfer wastes of it.
struct Segment {
  Buses::Route alone = 0;
  BusAccount account;
  Bytes burst;
  double wasted_per_transaction = 0;
  double wasted_per_byte = 0;
};

/// What a DMA moves.
struct Load {
  Bytes size;
  std::int64_t descriptors = 0;
  Bytes descriptor_bytes;
  bool goes_on = false;  // the rest of data whose transfer is counted already
  Bytes moved() const { return size + descriptor_bytes; }
};

/// The DMA that a master is doing: what it wastes of its segment, then the data.
struct Dma {
  enum class At : std::uint8_t { waste, data };
  bool from_host = false;
  Buses::Route route = 0;
  Segment segment;
  Bytes dirty;        // in the cache, of what is to be read
  Bytes writes_back;  // beside the DMA
  Load load;
  Nanoseconds began;
  At at{};  // what is under way
};

/// A card's registers, on the processor's way to them.
struct Registers {
  BusAccount account;
  Buses::Route alone = 0;
  Bytes read_load;
};

}  // namespace cryptopath::heap_loop
