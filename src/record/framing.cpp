#include <algorithm>

#include "cryptopath/errors.hpp"
#include "cryptopath/record.hpp"
#include "formats.hpp"

namespace cryptopath {

namespace {

Frame lay_out(const RecordFormat& format, std::uint64_t sequence, Bytes plaintext, ContentType content) {
  Frame frame;
  frame.content = content;
  frame.sequence = sequence;
  frame.plaintext = plaintext;
  format_of(format.protocol).lay_out(format, format_of(format.suite), frame);
  return frame;
}

/// The most plaintext whose record has at most `largest_record` bytes. Sizes grow with plaintext, by steps.
Bytes fitting_plaintext(const RecordFormat& format, std::uint64_t sequence, Bytes largest_record) {
  const auto size = [&](Bytes plaintext) {
    return lay_out(format, sequence, plaintext, ContentType::application_data).size();
  };
  const Bytes around = size(Bytes(0));
  ensure(around < largest_record, "a packet holds a record with some plaintext");
  Bytes plaintext = std::min(format_of(format.protocol).largest_plaintext, largest_record);
  // What surrounds the plaintext is its size for none, give or take a block of padding.
  if (plaintext + around > largest_record) plaintext = largest_record - around + Bytes(256);
  plaintext = std::min(plaintext, format_of(format.protocol).largest_plaintext);
  while (size(plaintext) > largest_record) plaintext -= Bytes(1);
  return plaintext;
}

}  // namespace

RecordFraming::RecordFraming(RecordFormat format, std::uint64_t first_sequence)
    : RecordFraming(format, first_sequence, format_of(format.protocol).largest_record) {}

RecordFraming::RecordFraming(RecordFormat format, std::uint64_t first_sequence, Bytes largest_record)
    : format_(format), sequence_(first_sequence) {
  ensure(supports(format), "the protocol has the suite");
  const std::uint64_t counts = format_of(format.protocol).sequence_mask;
  ensure(format.protocol == Protocol::dtls_1_2 || first_sequence <= counts, "the protocol has the sequence number");
  largest_plaintext_ = fitting_plaintext(format, first_sequence, largest_record);
}

Frame RecordFraming::layout(Bytes plaintext, ContentType content) const {
  ensure(plaintext >= Bytes(0) && plaintext <= largest_plaintext(), "a record holds that much plaintext");
  return lay_out(format_, sequence_, plaintext, content);
}

Frame RecordFraming::next(Bytes plaintext, ContentType content) {
  if (last_ && last_->plaintext == plaintext && last_->content == content) {
    last_->sequence = sequence_;
  } else {
    last_ = layout(plaintext, content);
  }
  // The last number stays unused, so that the counter itself never wraps (RFC 5246, 6.1; RFC 6347, 4.1; RFC
  // 4303, 3.3.3).
  const std::uint64_t counts = format_of(format_.protocol).sequence_mask;
  ensure((sequence_ & counts) != counts, "sequence numbers are left");
  ++sequence_;
  return *last_;
}

}  // namespace cryptopath
