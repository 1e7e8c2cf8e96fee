#include <openssl/crypto.h>

#include <cstring>

#include "bytes.hpp"
#include "codec.hpp"

namespace cryptopath {

TrafficKeys::~TrafficKeys() {
  wipe(cipher_key);
  wipe(mac_key);
  wipe(implicit_iv);
  wipe(iv_seed);
}

TrafficKeys& TrafficKeys::operator=(const TrafficKeys& other) { return *this = TrafficKeys(other); }

TrafficKeys& TrafficKeys::operator=(TrafficKeys&& other) noexcept {
  // What stood here goes with `other`, whose destructor wipes it.
  cipher_key.swap(other.cipher_key);
  mac_key.swap(other.mac_key);
  implicit_iv.swap(other.implicit_iv);
  iv_seed.swap(other.iv_seed);
  sequence = other.sequence;
  association = other.association;
  keystream_used = other.keystream_used;
  return *this;
}

RecordTransform::RecordTransform(RecordFormat format, const TrafficKeys& keys)
    : format_(format), codec_(make_codec(format, keys)) {
  const ProtocolFormat& protocol = format_of(format.protocol);
  // A reader of a stream takes no record with the last number either. What datagrams may have, their codecs say.
  last_sequence_ = protocol.in_datagrams ? ~std::uint64_t{0} : protocol.sequence_mask - 1;
}
RecordTransform::~RecordTransform() = default;
RecordTransform::RecordTransform(RecordTransform&&) noexcept = default;
RecordTransform& RecordTransform::operator=(RecordTransform&&) noexcept = default;

void RecordTransform::ensure_fits(const Frame& frame, std::span<const std::byte> record) {
  ensure(frame.sequence <= last_sequence_, "the protocol has the sequence number");
  if (fitting_) fitting_->sequence = frame.sequence;
  if (frame != fitting_) {
    Frame expected;
    expected.content = frame.content;
    expected.sequence = frame.sequence;
    expected.plaintext = frame.plaintext;
    format_of(format_.protocol).lay_out(format_, format_of(format_.suite), expected);
    ensure(frame == expected, "the frame is of this protocol and suite");
    fitting_ = frame;
  }
  ensure(size_of(record) == frame.size(), "the record has its frame's size");
}

void RecordTransform::write_framing(const Frame& frame, std::span<std::byte> record) {
  ensure_fits(frame, record);
  codec_->write_framing(frame, record);
}

void RecordTransform::seal_in_place(const Frame& frame, std::span<std::byte> record) {
  ensure_fits(frame, record);
  codec_->seal_in_place(frame, record);
}

void RecordTransform::seal(const Frame& frame, std::span<const std::byte> plaintext, std::span<std::byte> record) {
  ensure(size_of(plaintext) == frame.plaintext, "the plaintext has its frame's size");
  ensure_fits(frame, record);
  const auto place = part(record, frame.plaintext_offset(), frame.plaintext);
  // The plaintext often stands at its place already, and memmove would write it there once more.
  if (!plaintext.empty() && place.data() != plaintext.data()) {
    std::memmove(place.data(), plaintext.data(), plaintext.size());
  }
  codec_->write_framing(frame, record);
  codec_->seal_in_place(frame, record);
}

}  // namespace cryptopath
