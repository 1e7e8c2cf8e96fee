#include "tls_1_3.hpp"

#include "record/bytes.hpp"
#include "record/ciphers/aead.hpp"
#include "record/codec.hpp"
#include "tls_protection.hpp"

namespace cryptopath::tls_1_3 {

using namespace literals;

namespace {

constexpr std::size_t header_size = 5;
constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;
constexpr std::size_t largest_plaintext = 16 * 1024;  // without the content type
constexpr std::size_t largest_expansion = 256;        // RFC 8446, 5.2
constexpr std::byte outer_type{23};
constexpr std::uint16_t outer_version = 0x0303;

class Tls13Codec final : public RecordCodec {
 public:
  Tls13Codec(const SuiteFormat& suite, const TrafficKeys& keys)
      : sealing_(suite.cipher, keys.cipher_key, nonce_size, Aead::Direction::seal),
        opening_(suite.cipher, keys.cipher_key, nonce_size, Aead::Direction::open) {
    std::ranges::copy(keys.implicit_iv, iv_.begin());
  }

  void write_framing(const Frame& frame, std::span<std::byte> record) override {
    const std::size_t length = record.size() - header_size;
    record[0] = outer_type;
    record[1] = std::byte(outer_version >> 8);
    record[2] = std::byte(outer_version & 0xff);
    record[3] = std::byte(length >> 8);
    record[4] = std::byte(length & 0xff);
    record[header_size + to_size(frame.plaintext)] = std::byte(frame.content);
  }

  void seal_in_place(const Frame& frame, std::span<std::byte> record) override {
    sealing_.seal(nonce(frame.sequence), record.first(header_size), part(record, frame.header, frame.enciphered()),
                  record.last(tag_size));
  }

  std::optional<Bytes> size_of_record(std::uint64_t, std::span<const std::byte> start) override {
    return tls_record_size(start);
  }

  Opened open_in_place(std::uint64_t sequence, std::span<std::byte> record) override {
    if (record.size() < header_size) return rejected(Rejection::malformed);
    const auto body = record.subspan(header_size);
    // The version means nothing any more (5.1), but it is authenticated.
    if (record[0] != outer_type) return rejected(Rejection::wrong_type);
    if (number_at(record, 3) > largest_plaintext + largest_expansion) return rejected(Rejection::too_long);
    if (number_at(record, 3) != body.size()) return rejected(Rejection::malformed);
    if (body.size() < 1 + tag_size) return rejected(Rejection::not_authentic);
    auto text = body.first(body.size() - tag_size);
    if (!opening_.open(nonce(sequence), record.first(header_size), text, body.last(tag_size))) {
      return rejected(Rejection::not_authentic);
    }
    const auto opened = text;
    if (text.size() > largest_plaintext + 1) {
      wipe(opened);
      return rejected(Rejection::too_long);
    }
    while (!text.empty() && text.back() == std::byte{0}) text = text.first(text.size() - 1);
    // Of the types only application data may be empty (5.4).
    const bool typed = !text.empty() && is_content_type(text.back()) &&
                       text.back() != std::byte(ContentType::change_cipher_spec) &&
                       (text.size() > 1 || text.back() == std::byte(ContentType::application_data));
    if (!typed) {
      wipe(opened);
      return rejected(Rejection::wrong_type);
    }
    return accepted(static_cast<ContentType>(text.back()), text.first(text.size() - 1));
  }

 private:
  SecretBytes<nonce_size> nonce(std::uint64_t sequence) const {
    auto bytes = iv_;
    const auto number = big_endian(sequence);
    for (std::size_t i = 0; i < number.size(); ++i) bytes[nonce_size - number.size() + i] ^= number[i];
    return bytes;
  }

  Aead sealing_;
  Aead opening_;
  SecretBytes<nonce_size> iv_;
};

}  // namespace

void lay_out(const RecordFormat&, const SuiteFormat& suite, Frame& frame) {
  frame.header = Bytes(header_size);
  frame.trailer = 1_B;  // the content type
  frame.tag = suite.cipher.tag;
}

KeySizes key_sizes(const RecordFormat&, const SuiteFormat& suite) { return {suite.cipher.key, 0_B, Bytes(nonce_size)}; }

std::unique_ptr<RecordCodec> make_codec(const RecordFormat&, const SuiteFormat& suite, const TrafficKeys& keys) {
  return std::make_unique<Tls13Codec>(suite, keys);
}

}  // namespace cryptopath::tls_1_3
