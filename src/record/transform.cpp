#include <openssl/crypto.h>

#include <cstring>

#include "bytes.hpp"
#include "codec.hpp"

namespace cryptopath {

namespace {

void ensure_fits(const RecordFormat& format, const Frame& frame, std::span<const std::byte> record) {
  Frame expected;
  expected.content = frame.content;
  expected.sequence = frame.sequence;
  expected.plaintext = frame.plaintext;
  format_of(format.protocol).lay_out(format, format_of(format.suite), expected);
  ensure(frame == expected, "the frame is of this protocol and suite");
  ensure(size_of(record) == frame.size(), "the record has its frame's size");
}

}  // namespace

TrafficKeys::~TrafficKeys() {
  OPENSSL_cleanse(cipher_key.data(), cipher_key.size());
  OPENSSL_cleanse(mac_key.data(), mac_key.size());
  OPENSSL_cleanse(implicit_iv.data(), implicit_iv.size());
  OPENSSL_cleanse(iv_seed.data(), iv_seed.size());
}

RecordTransform::RecordTransform(RecordFormat format, const TrafficKeys& keys)
    : format_(format), codec_(make_codec(format, keys)) {}
RecordTransform::~RecordTransform() = default;
RecordTransform::RecordTransform(RecordTransform&&) noexcept = default;
RecordTransform& RecordTransform::operator=(RecordTransform&&) noexcept = default;

void RecordTransform::write_framing(const Frame& frame, std::span<std::byte> record) {
  ensure_fits(format_, frame, record);
  codec_->write_framing(frame, record);
}

void RecordTransform::seal_in_place(const Frame& frame, std::span<std::byte> record) {
  ensure_fits(format_, frame, record);
  codec_->seal_in_place(frame, record);
}

void RecordTransform::seal(const Frame& frame, std::span<const std::byte> plaintext, std::span<std::byte> record) {
  ensure(size_of(plaintext) == frame.plaintext, "the plaintext has its frame's size");
  ensure_fits(format_, frame, record);
  // The two may be the same bytes: the plaintext may already stand at its place.
  const auto place = part(record, frame.plaintext_offset(), frame.plaintext);
  if (!plaintext.empty()) std::memmove(place.data(), plaintext.data(), plaintext.size());
  codec_->write_framing(frame, record);
  codec_->seal_in_place(frame, record);
}

}  // namespace cryptopath
