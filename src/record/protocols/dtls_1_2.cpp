#include "dtls_1_2.hpp"

#include "record/codec.hpp"
#include "tls_protection.hpp"

namespace cryptopath::dtls_1_2 {

namespace {

constexpr std::size_t header_size = 13;  // type, version, epoch, sequence number, length
constexpr std::uint16_t version = 0xfefd;
constexpr unsigned epoch_shift = 48;

class DtlsCodec final : public RecordCodec {
 public:
  DtlsCodec(const RecordFormat& format, const SuiteFormat& suite, const TrafficKeys& keys)
      : epoch_(keys.sequence >> epoch_shift), protection_(make_tls_protection(format, suite, keys, version)) {}

  void write_framing(const Frame& frame, std::span<std::byte> record) override {
    ensure_of_epoch(frame);
    const std::size_t length = record.size() - header_size;
    record[0] = std::byte(frame.content);
    record[1] = std::byte(version >> 8);
    record[2] = std::byte(version & 0xff);
    std::ranges::copy(big_endian(frame.sequence), record.begin() + 3);
    record[11] = std::byte(length >> 8);
    record[12] = std::byte(length & 0xff);
    protection_->write_iv(frame.sequence, part(record, frame.header, frame.iv));
    write_padding(frame, record);
  }

  void seal_in_place(const Frame& frame, std::span<std::byte> record) override {
    ensure_of_epoch(frame);
    protection_->seal(PseudoHeader(frame.sequence, frame.content, version), frame, record.subspan(header_size));
  }

  Opened locate(std::span<const std::byte> record) const override {
    if (record.size() < header_size) return rejected(Rejection::malformed);
    if (number_at(record, 1) != version) return rejected(Rejection::wrong_version);
    Opened place;
    for (const std::byte byte : record.subspan(3, 8))
      place.sequence = place.sequence << 8 | std::to_integer<std::uint64_t>(byte);
    // The last number, 2^48 - 1, is a sender's to use, so long as it goes no further (4.1).
    if (place.sequence >> epoch_shift != epoch_) return rejected(Rejection::wrong_epoch);
    return place;
  }

  Opened open_in_place(std::uint64_t sequence, std::span<std::byte> record) override {
    return open_tls_record(*protection_, record.first(header_size), sequence, record.subspan(header_size));
  }

 private:
  /// An epoch is the life of its keys (RFC 6347, 4.1).
  void ensure_of_epoch(const Frame& frame) const {
    ensure(frame.sequence >> epoch_shift == epoch_, "the record is of its keys' epoch");
  }

  std::uint64_t epoch_;
  std::unique_ptr<TlsProtection> protection_;
};

}  // namespace

void lay_out(const RecordFormat& format, const SuiteFormat& suite, Frame& frame) {
  frame.header = Bytes(header_size);
  lay_out_tls_body(format, suite, false, frame);
}

KeySizes key_sizes(const RecordFormat&, const SuiteFormat& suite) { return tls_key_sizes(suite, false); }

std::unique_ptr<RecordCodec> make_codec(const RecordFormat& format, const SuiteFormat& suite, const TrafficKeys& keys) {
  return std::make_unique<DtlsCodec>(format, suite, keys);
}

}  // namespace cryptopath::dtls_1_2
