// One connection's record protection in a run: the layout of records always, cipher and keys with a real payload.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "cryptopath/record.hpp"

namespace cryptopath::sim {

struct Protection {
  RecordFraming framing;
  RecordTransform* transform;  // null with a modelled payload
  std::string algorithm;       // as crypto drivers register it: the suite's name
  Bytes taken = {};            // the size on the wire of all records so far

  /// The records that `plaintext` bytes need, as full as may be, with their sequence numbers taken.
  std::vector<Frame> take_records(Bytes plaintext);
  /// Seals a framed record's bytes in place, wherever that is done; empty with a modelled payload.
  std::function<void(std::span<std::byte>)> seals(const Frame& frame) const;
  /// Their size on the wire.
  Bytes size_on_wire(Bytes plaintext) const;
  /// TLS's last record, the alert close_notify (RFC 5246, 7.2.1), sealed; nothing for other protocols and without keys.
  std::vector<std::byte> close_notify();
};

}  // namespace cryptopath::sim
