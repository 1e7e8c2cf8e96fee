#include "kernel/protection.hpp"

#include <algorithm>

namespace cryptopath::sim {

std::vector<Frame> Protection::take_records(Bytes plaintext) {
  std::vector<Frame> frames;
  while (plaintext.count > 0) {
    const Bytes size = std::min(plaintext, framing.largest_plaintext());
    frames.push_back(framing.next(size));
    taken += frames.back().size();
    plaintext -= size;
  }
  return frames;
}

Bytes Protection::size_on_wire(Bytes plaintext) const {
  Bytes total;
  while (plaintext.count > 0) {
    const Bytes size = std::min(plaintext, framing.largest_plaintext());
    total += framing.layout(size).size();
    plaintext -= size;
  }
  return total;
}

}  // namespace cryptopath::sim
