// chacha20-poly1305@openssh.com (OpenSSH's PROTOCOL.chacha20poly1305): the nonce is the sequence number. K_1 enciphers
// packet_length, K_2 the rest from block 1 of its keystream on; the start of block 0 is the key of Poly1305, which runs
// over all the ciphertext.
#include <openssl/crypto.h>

#include "record/ciphers/chacha20.hpp"
#include "ssh_packet.hpp"

namespace cryptopath::ssh_2 {

namespace {

class ChaCha20Poly1305Codec final : public PacketCodec {
 public:
  explicit ChaCha20Poly1305Codec(const SuiteFormat& suite, const TrafficKeys& keys)
      : PacketCodec(suite, keys, length_size, Poly1305::tag_size),
        main_(std::span(keys.cipher_key).first(ChaCha20::key_size)),
        length_(std::span(keys.cipher_key).subspan(ChaCha20::key_size)) {}

  void seal_in_place(const Frame& frame, std::span<std::byte> record) override {
    const auto one_time_key = start(frame.sequence);
    run(record);
    std::ranges::copy(poly1305_.compute(std::span(one_time_key).first<Poly1305::key_size>(), without_tag(record)),
                      tag(record).begin());
  }

  std::optional<Bytes> size_of_record(std::uint64_t sequence, std::span<const std::byte> start) override {
    if (start.size() < length_size) return std::nullopt;
    std::array<std::byte, length_size> length;
    std::copy_n(start.begin(), length_size, length.begin());
    length_.start(big_endian(sequence));
    length_.run(length);
    return size_from_length(length);
  }

  Opened open_in_place(std::uint64_t sequence, std::span<std::byte> record) override {
    if (const Rejection why = check_size(record); why != Rejection::none) return rejected(why);
    const auto one_time_key = start(sequence);
    const auto expected = poly1305_.compute(std::span(one_time_key).first<Poly1305::key_size>(), without_tag(record));
    if (CRYPTO_memcmp(expected.data(), tag(record).data(), expected.size()) != 0) {
      return rejected(Rejection::not_authentic);
    }
    run(record);
    return unpack(record);
  }

 private:
  using Block = SecretBytes<ChaCha20::block_size>;

  /// Both keystreams for a packet; K_2's first block, which Poly1305's key is the start of, is taken off.
  Block start(std::uint64_t sequence) {
    const auto nonce = big_endian(sequence);
    length_.start(nonce);
    main_.start(nonce);
    Block block;
    main_.run(block);
    return block;
  }
  void run(std::span<std::byte> record) {
    length_.run(record.first(length_size));
    main_.run(enciphered(record));
  }

  ChaCha20 main_;
  ChaCha20 length_;
  Poly1305 poly1305_;
};

}  // namespace

std::unique_ptr<RecordCodec> make_chacha20_poly1305_codec(const SuiteFormat& suite, const TrafficKeys& keys) {
  return std::make_unique<ChaCha20Poly1305Codec>(suite, keys);
}

}  // namespace cryptopath::ssh_2
