#include <limits>

#include "cryptopath/record.hpp"
#include "formats.hpp"

namespace cryptopath {

RecordFraming::RecordFraming(Protocol protocol, Suite suite, std::uint64_t first_sequence)
    : protocol_(protocol), suite_(suite), sequence_(first_sequence) {
  ensure(supports(protocol, suite), "the protocol has the suite");
}

Bytes RecordFraming::largest_plaintext() const { return format_of(protocol_).largest_plaintext; }

Frame RecordFraming::layout(Bytes plaintext) const {
  ensure(plaintext >= Bytes(0) && plaintext <= largest_plaintext(), "a record holds that much plaintext");
  const SuiteFormat& format = format_of(suite_);
  Frame frame;
  frame.sequence = sequence_;
  frame.header = format_of(protocol_).header;
  frame.iv = format.explicit_iv;
  frame.plaintext = plaintext;
  frame.mac = format.mac;
  // The least padding: its length byte is always there, so plaintext and MAC that fill a block get a whole one more.
  if (format.block > Bytes(0)) {
    frame.padding = format.block - Bytes((plaintext + format.mac).count % format.block.count);
  }
  frame.tag = format.tag;
  return frame;
}

Frame RecordFraming::next(Bytes plaintext) {
  const Frame frame = layout(plaintext);
  // The last number stays unused, so that the counter itself never wraps (RFC 5246, 6.1: it must not).
  ensure(sequence_ != std::numeric_limits<std::uint64_t>::max(), "sequence numbers are left");
  ++sequence_;
  return frame;
}

}  // namespace cryptopath
