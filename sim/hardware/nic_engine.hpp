// The cipher engine of a NIC: takes framed records in the order of the stream, runs the transform over each as a whole
// and keeps the result until the NIC cuts TCP segments from it.
//
// As the inline TLS of Chelsio's T6 has it: the host hands the record over in clear, the card enciphers and
// authenticates it and only then cuts it (Linux, merge of chtls, 2018: "TLS record offload, TLS header, encrypt, digest
// and transmit"; FreeBSD r353330: "using a TLS work request to encrypt the record before segmenting it"). Its memory is
// taken as large enough, as the NIC's is. What a segment does not take waits here, so that each record is fetched once,
// whatever the peer's window lets through.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "cryptopath/ledger.hpp"
#include "engine/station.hpp"
#include "engine/task.hpp"
#include "hardware/buffer.hpp"

namespace cryptopath::sim {

/// A framed record on its way to the engine, as its descriptors give it.
struct RecordToEncipher {
  Segments data;       // header, IV, plaintext, room for MAC, trailer and tag
  Bytes processed;     // what the engine runs over
  BitsPerSecond rate;  // of the engine for this transform
  /// Runs the transform on the card's copy of the data; not called with a modelled payload.
  std::function<void(std::span<std::byte>)> transform;
  bool begins_buffer = false;  // carries the first byte of a data buffer, as the papers count DMA
};

class NicEngine {
 public:
  /// `setup`: per record.
  NicEngine(Clock& clock, Ledger& ledger, Nanoseconds setup, const std::string& nic);

  /// A record has arrived by DMA; `bytes` are its data, empty with a modelled payload.
  void put(RecordToEncipher record, std::vector<std::byte> bytes);
  /// Waits until the next `size` bytes of the stream are enciphered and takes them into `bytes`. One taker at a time.
  Task<> take(Bytes size, std::vector<std::byte>& bytes);

  Task<> encipher();

  const Station& station() const { return station_; }
  /// Records of which the last byte has been taken.
  std::int64_t records_taken() const { return records_taken_; }
  /// What set-up and rate need for all that was enciphered.
  Nanoseconds least_busy() const { return least_busy_; }

 private:
  struct InFlight {
    RecordToEncipher record;
    Bytes size;
    std::vector<std::byte> bytes;
    Nanoseconds entered;
  };

  Clock& clock_;
  Ledger& ledger_;
  Nanoseconds setup_;
  std::deque<InFlight> fetched_;
  Bytes enciphered_;  // of the stream, not yet taken
  Bytes taken_;
  std::deque<Bytes> ends_;  // of the records not yet taken, in the stream
  std::int64_t records_taken_ = 0;
  Nanoseconds least_busy_;
  std::deque<std::byte> enciphered_bytes_;  // the same with a real payload
  Signal fetched_signal_;
  Signal enciphered_signal_;
  Station station_;
};

}  // namespace cryptopath::sim
