// aes128-gcm@openssh.com and aes256-gcm@openssh.com: RFC 5647, with packet_length in clear as additional data.
#include <openssl/crypto.h>

#include "record/ciphers/aead.hpp"
#include "ssh_packet.hpp"

namespace cryptopath::ssh_2 {

namespace {

class GcmCodec final : public PacketCodec {
 public:
  GcmCodec(const SuiteFormat& suite, const TrafficKeys& keys)
      : PacketCodec(suite, keys, length_size, to_size(suite.cipher.tag)),
        sealing_(suite.cipher, keys.cipher_key, nonce_size, Aead::Direction::seal),
        opening_(suite.cipher, keys.cipher_key, nonce_size, Aead::Direction::open),
        first_sequence_(keys.sequence) {
    std::ranges::copy(keys.implicit_iv, first_nonce_.begin());
  }

  void seal_in_place(const Frame& frame, std::span<std::byte> record) override {
    sealing_.seal(nonce(frame.sequence), record.first(length_size), enciphered(record), tag(record));
  }

  std::optional<Bytes> size_of_record(std::uint64_t, std::span<const std::byte> start) override {
    if (start.size() < length_size) return std::nullopt;
    return size_from_length(start);
  }

  Opened open_in_place(std::uint64_t sequence, std::span<std::byte> record) override {
    Rejection why = check_size(record);
    if (why == Rejection::none) why = check_length(record);
    if (why != Rejection::none) return rejected(why);
    if (!opening_.open(nonce(sequence), record.first(length_size), enciphered(record), tag(record))) {
      return rejected(Rejection::not_authentic);
    }
    return unpack(record);
  }

 private:
  static constexpr std::size_t nonce_size = 12;
  static constexpr std::size_t fixed_size = 4;

  /// The invocation counter goes up by one a packet, modulo 2^64 (RFC 5647, 7.1). As a function of the sequence number
  /// it is the same in whatever order packets are sealed.
  SecretBytes<nonce_size> nonce(std::uint64_t sequence) const {
    auto bytes = first_nonce_;
    std::uint64_t carry = sequence - first_sequence_;
    for (std::size_t place = nonce_size; place > fixed_size; carry >>= 8) {
      --place;
      carry += std::to_integer<std::uint64_t>(bytes[place]);
      bytes[place] = std::byte(carry & 0xff);
    }
    return bytes;
  }

  Aead sealing_;
  Aead opening_;
  std::uint64_t first_sequence_;
  SecretBytes<nonce_size> first_nonce_;
};

}  // namespace

std::unique_ptr<RecordCodec> make_gcm_codec(const SuiteFormat& suite, const TrafficKeys& keys) {
  return std::make_unique<GcmCodec>(suite, keys);
}

}  // namespace cryptopath::ssh_2
