// One protocol with a suite and the keys of one direction. Made in protocols/.
#pragma once

#include <optional>
#include <span>

#include "cryptopath/errors.hpp"
#include "cryptopath/record.hpp"
#include "formats.hpp"

namespace cryptopath {

/// RecordTransform and RecordReader call it after their checks have passed: frames are of this format, and spans have
/// their sizes. A codec either seals or opens, not both: contexts may chain from record to record.
class RecordCodec {
 public:
  virtual ~RecordCodec() = default;
  /// As RecordTransform.
  virtual void write_framing(const Frame& frame, std::span<std::byte> record) = 0;
  virtual void seal_in_place(const Frame& frame, std::span<std::byte> record) = 0;

  /// Datagrams only: the sequence number that the record's header claims, or why the record can be no record of this
  /// direction. Reads clear parts only. `record` is any bytes.
  virtual Opened locate(std::span<const std::byte>) const { throw Fault("records of a stream carry no number"); }
  /// Streams only: the size of the record with `sequence`, the next one, as RecordReader::next_size().
  virtual std::optional<Bytes> size_of_record(std::uint64_t sequence, std::span<const std::byte> start) {
    static_cast<void>(sequence);
    static_cast<void>(start);
    throw Fault("this protocol's records do not tell their size");
  }
  /// Opens `record`, any bytes, as the one with `sequence`. Leaves no plaintext where it rejects. Sets content and
  /// plaintext where it accepts; the caller knows the sequence.
  virtual Opened open_in_place(std::uint64_t sequence, std::span<std::byte> record) = 0;
};

/// The codec of a format. Throws Fault unless the format is supported and the keys have its sizes.
std::unique_ptr<RecordCodec> make_codec(const RecordFormat& format, const TrafficKeys& keys);

inline Opened rejected(Rejection why) { return {.rejection = why, .content = {}, .sequence = 0, .plaintext = {}}; }
inline Opened accepted(ContentType content, std::span<std::byte> plaintext) {
  return {.rejection = Rejection::none, .content = content, .sequence = 0, .plaintext = plaintext};
}

}  // namespace cryptopath
