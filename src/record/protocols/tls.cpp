#include "tls.hpp"

#include "cryptopath/errors.hpp"
#include "record/codec.hpp"
#include "tls_protection.hpp"

namespace cryptopath::tls {

using namespace literals;

namespace {

constexpr std::size_t header_size = 5;

std::uint16_t version_of(Protocol protocol) {
  switch (protocol) {
    case Protocol::tls_1_0:
      return 0x0301;
    case Protocol::tls_1_1:
      return 0x0302;
    case Protocol::tls_1_2:
      return 0x0303;
    default:
      throw Fault("TLS up to 1.2");
  }
}

class TlsCodec final : public RecordCodec {
 public:
  TlsCodec(const RecordFormat& format, const SuiteFormat& suite, const TrafficKeys& keys)
      : version_(version_of(format.protocol)), protection_(make_tls_protection(format, suite, keys, version_)) {}

  void write_framing(const Frame& frame, std::span<std::byte> record) override {
    const std::size_t length = record.size() - header_size;
    record[0] = std::byte(frame.content);
    record[1] = std::byte(version_ >> 8);
    record[2] = std::byte(version_ & 0xff);
    record[3] = std::byte(length >> 8);
    record[4] = std::byte(length & 0xff);
    protection_->write_iv(frame.sequence, part(record, frame.header, frame.iv));
    write_padding(frame, record);
  }

  void seal_in_place(const Frame& frame, std::span<std::byte> record) override {
    protection_->seal(PseudoHeader(frame.sequence, frame.content, version_), frame, record.subspan(header_size));
  }

  std::optional<Bytes> size_of_record(std::uint64_t, std::span<const std::byte> start) override {
    return tls_record_size(start);
  }

  Opened open_in_place(std::uint64_t sequence, std::span<std::byte> record) override {
    if (record.size() < header_size) return rejected(Rejection::malformed);
    if (number_at(record, 1) != version_) return rejected(Rejection::wrong_version);
    return open_tls_record(*protection_, record.first(header_size), sequence, record.subspan(header_size));
  }

 private:
  std::uint16_t version_;
  std::unique_ptr<TlsProtection> protection_;
};

}  // namespace

void lay_out(const RecordFormat& format, const SuiteFormat& suite, Frame& frame) {
  frame.header = Bytes(header_size);
  lay_out_tls_body(format, suite, format.protocol == Protocol::tls_1_0, frame);
}

KeySizes key_sizes(const RecordFormat& format, const SuiteFormat& suite) {
  return tls_key_sizes(suite, format.protocol == Protocol::tls_1_0);
}

std::unique_ptr<RecordCodec> make_codec(const RecordFormat& format, const SuiteFormat& suite, const TrafficKeys& keys) {
  return std::make_unique<TlsCodec>(format, suite, keys);
}

}  // namespace cryptopath::tls
