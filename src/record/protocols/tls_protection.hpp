// How TLS up to 1.2 and DTLS protect what stands behind a record's header (RFC 5246, 6.2.3): one file a kind of suite.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "record/bytes.hpp"
#include "record/formats.hpp"

namespace cryptopath {

/// What a MAC or tag covers beside the plaintext (RFC 5246, 6.2.3.1 and 6.2.3.3): sequence number, type, version and a
/// length, the plaintext's by the RFC.
class PseudoHeader {
 public:
  PseudoHeader(std::uint64_t sequence, ContentType content, std::uint16_t version) {
    std::ranges::copy(big_endian(sequence), bytes_.begin());
    bytes_[8] = std::byte(content);
    bytes_[9] = std::byte(version >> 8);
    bytes_[10] = std::byte(version & 0xff);
  }
  std::span<const std::byte, 8> sequence() const { return std::span(bytes_).first<8>(); }
  std::span<std::byte, 13> with_length(std::size_t length) {
    bytes_[11] = std::byte(length >> 8 & 0xff);
    bytes_[12] = std::byte(length & 0xff);
    return bytes_;
  }

 private:
  std::array<std::byte, 13> bytes_{};
};

inline bool is_content_type(std::byte byte) {
  return byte >= std::byte(ContentType::change_cipher_spec) && byte <= std::byte(ContentType::application_data);
}

/// How long a record of TLS is, as its header says (RFC 5246, 6.2.1; RFC 8446, 5.2); nothing before the header is
/// there.
inline std::optional<Bytes> tls_record_size(std::span<const std::byte> start) {
  constexpr std::size_t header_size = 5;
  if (start.size() < header_size) return std::nullopt;
  return Bytes(static_cast<std::int64_t>(header_size + number_at(start, 3)));
}

/// CBC's padding: each byte is the number of those before the last. Nothing where the frame has no trailer.
inline void write_padding(const Frame& frame, std::span<std::byte> record) {
  const Bytes place = frame.plaintext_offset() + frame.plaintext + frame.mac;
  std::ranges::fill(part(record, place, frame.trailer), static_cast<std::byte>(frame.trailer.count - 1));
}

/// `body` is all that stands behind the record's header.
class TlsProtection {
 public:
  virtual ~TlsProtection() = default;
  virtual void write_iv(std::uint64_t sequence, std::span<std::byte> iv) = 0;
  virtual void seal(PseudoHeader header, const Frame& frame, std::span<std::byte> body) = 0;
  /// The plaintext's place in `body`, or nothing, without a trace of plaintext: bad_record_mac, whatever was wrong.
  virtual std::optional<std::span<std::byte>> open(PseudoHeader header, std::span<std::byte> body) = 0;
};

/// Opens a record of TLS or DTLS. `header` starts with type and version and ends with the length of `body`, as in both.
Opened open_tls_record(TlsProtection& protection, std::span<const std::byte> header, std::uint64_t sequence,
                       std::span<std::byte> body);

/// Fills in the parts behind the header. `chains`: TLS 1.0, whose CBC has no explicit IV.
void lay_out_tls_body(const RecordFormat& format, const SuiteFormat& suite, bool chains, Frame& frame);
KeySizes tls_key_sizes(const SuiteFormat& suite, bool chains);
/// `version` is the one of the record's header.
std::unique_ptr<TlsProtection> make_tls_protection(const RecordFormat& format, const SuiteFormat& suite,
                                                   const TrafficKeys& keys, std::uint16_t version);

std::unique_ptr<TlsProtection> make_tls_gcm(const SuiteFormat& suite, const TrafficKeys& keys);
std::unique_ptr<TlsProtection> make_tls_aead(const SuiteFormat& suite, const TrafficKeys& keys);
std::unique_ptr<TlsProtection> make_tls_mac_then_encrypt(const SuiteFormat& suite, const TrafficKeys& keys,
                                                         std::uint16_t version);
std::unique_ptr<TlsProtection> make_tls_encrypt_then_mac(const SuiteFormat& suite, const TrafficKeys& keys,
                                                         bool chains);
std::unique_ptr<TlsProtection> make_tls_stream(const SuiteFormat& suite, const TrafficKeys& keys);

}  // namespace cryptopath
