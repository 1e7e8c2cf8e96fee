// One connection's record protection in a run: the layout of records always, cipher and keys with a real payload.
#pragma once

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
  /// Their size on the wire.
  Bytes size_on_wire(Bytes plaintext) const;
};

}  // namespace cryptopath::sim
