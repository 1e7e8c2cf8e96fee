#include "esp.hpp"

#include <algorithm>
#include <optional>

#include "cryptopath/errors.hpp"
#include "esp_protection.hpp"
#include "record/bytes.hpp"
#include "record/codec.hpp"
#include "record/ip_headers.hpp"

namespace cryptopath::esp {

using namespace literals;

namespace {

constexpr Bytes pad_length_and_next_header = 2_B;
constexpr std::uint64_t largest_sequence = 0xffff'ffff;

bool in_tunnel(Protocol protocol) { return protocol == Protocol::esp_tunnel; }

/// The 32 bits at `place` in network byte order.
std::uint32_t word_at(std::span<const std::byte> bytes, std::size_t place) {
  return static_cast<std::uint32_t>(number_at(bytes, place) << 16 | number_at(bytes, place + 2));
}

/// What pad length, next header and text must be a multiple of (RFC 4303, 2.4).
Bytes alignment(const SuiteFormat& suite) { return std::max(4_B, suite.cipher.block); }

Ipv4Header inner_ipv4_header(std::size_t packet) {
  return {endpoints::sender.inside_tunnel, endpoints::receiver.inside_tunnel, udp_in_ip, packet};
}
UdpHeader udp_header(std::size_t datagram) { return {endpoints::sender.port, endpoints::receiver.port, datagram}; }

class EspCodec final : public RecordCodec {
 public:
  EspCodec(const RecordFormat& format, const SuiteFormat& suite, const TrafficKeys& keys)
      : tunnel_(in_tunnel(format.protocol)),
        association_(keys.association),
        alignment_(to_size(alignment(suite))),
        protection_(make_esp_protection(suite, keys)) {
    Frame empty;
    lay_out(format, suite, empty);
    smallest_ = to_size(empty.size());
  }

  void write_framing(const Frame& frame, std::span<std::byte> record) override {
    ensure_numbered(frame);
    std::ranges::copy(big_endian(std::uint64_t{association_} << 32 | frame.sequence), record.begin());
    protection_->write_iv(frame.sequence, part(record, frame.header, frame.iv));
    write_inner_headers(part(record, frame.enciphered_offset(), frame.prefix), to_size(frame.prefix + frame.plaintext));
    write_trailer(part(record, frame.plaintext_offset() + frame.plaintext, frame.trailer));
  }

  void seal_in_place(const Frame& frame, std::span<std::byte> record) override {
    ensure_numbered(frame);
    protection_->seal(record);
  }

  Opened locate(std::span<const std::byte> record) const override {
    if (record.size() < smallest_ || (record.size() - smallest_) % alignment_ != 0) {
      return rejected(Rejection::malformed);
    }
    if (word_at(record, 0) != association_) return rejected(Rejection::unknown_sender);
    Opened place;
    place.sequence = word_at(record, 4);
    // A sender starts with 1 and stops before its counter cycles (RFC 4303, 3.3.3).
    if (place.sequence == 0) return rejected(Rejection::exhausted);
    return place;
  }

  Opened open_in_place(std::uint64_t, std::span<std::byte> record) override {
    const auto text = protection_->open(record);
    if (!text) return rejected(Rejection::not_authentic);
    const auto plaintext = data_of(*text);
    if (plaintext) return accepted(ContentType::application_data, *plaintext);
    wipe(*text);
    return rejected(Rejection::malformed);
  }

 private:
  static void ensure_numbered(const Frame& frame) {
    ensure(frame.sequence > 0 && frame.sequence <= largest_sequence, "ESP numbers its packets from 1 to 2^32 - 1");
  }

  void write_inner_headers(std::span<std::byte> headers, std::size_t packet) const {
    if (tunnel_) {
      write_header(inner_ipv4_header(packet), headers.first(Ipv4Header::size));
      headers = headers.subspan(Ipv4Header::size);
      packet -= Ipv4Header::size;
    }
    write_header(udp_header(packet), headers);
  }

  /// Padding counts from 1 (RFC 4303, 2.4).
  void write_trailer(std::span<std::byte> trailer) const {
    const std::size_t padding = trailer.size() - to_size(pad_length_and_next_header);
    for (std::size_t i = 0; i < padding; ++i) trailer[i] = std::byte(i + 1);
    trailer[padding] = std::byte(padding);
    trailer[padding + 1] = next_header();
  }

  std::byte next_header() const { return std::byte(tunnel_ ? ipv4_in_ip : udp_in_ip); }

  /// The UDP datagram's data in an authentic packet's text; or nothing, where trailer or headers do not fit.
  std::optional<std::span<std::byte>> data_of(std::span<std::byte> text) const {
    const auto padding = std::to_integer<std::size_t>(text[text.size() - 2]);
    if (text.back() != next_header() || padding + to_size(pad_length_and_next_header) > text.size())
      return std::nullopt;
    text = text.first(text.size() - to_size(pad_length_and_next_header));
    for (std::size_t i = 0; i < padding; ++i) {
      if (text[text.size() - padding + i] != std::byte(i + 1)) return std::nullopt;
    }
    text = text.first(text.size() - padding);
    if (tunnel_) {
      if (text.size() < Ipv4Header::size) return std::nullopt;
      if (!is_header(inner_ipv4_header(text.size()), text.first(Ipv4Header::size))) return std::nullopt;
      text = text.subspan(Ipv4Header::size);
    }
    if (text.size() < UdpHeader::size || !is_header(udp_header(text.size()), text.first(UdpHeader::size)))
      return std::nullopt;
    return text.subspan(UdpHeader::size);
  }

  bool tunnel_;
  std::uint32_t association_;
  std::size_t alignment_;
  std::size_t smallest_;  // record
  std::unique_ptr<EspProtection> protection_;
};

}  // namespace

void lay_out(const RecordFormat& format, const SuiteFormat& suite, Frame& frame) {
  frame.header = Bytes(esp_header_size);
  frame.iv = esp_iv_size(suite);
  const std::size_t inner_headers = UdpHeader::size + (in_tunnel(format.protocol) ? Ipv4Header::size : 0);
  frame.prefix = Bytes(static_cast<std::int64_t>(inner_headers));
  const Bytes text = frame.prefix + frame.plaintext + pad_length_and_next_header;
  frame.trailer = pad_length_and_next_header + alignment(suite) * pieces(text, alignment(suite)) - text;
  frame.tag = esp_icv_size(suite);
}

KeySizes key_sizes(const RecordFormat&, const SuiteFormat& suite) { return esp_key_sizes(suite); }

std::unique_ptr<RecordCodec> make_codec(const RecordFormat& format, const SuiteFormat& suite, const TrafficKeys& keys) {
  return std::make_unique<EspCodec>(format, suite, keys);
}

}  // namespace cryptopath::esp
