// SSH packets with a MAC of their own: encrypt-and-MAC (RFC 4253, 6.3 and 6.4), and encrypt-then-MAC as OpenSSH's
// PROTOCOL, 1.5, has it. CBC chains from packet to packet, and RC4's keystream runs on.
//
// Encrypt-and-MAC with CBC has a weakness (Albrecht, Paterson and Watson 2009, CVE-2008-5161): a receiver that
// deciphers packet_length first, and rejects at once where it makes no sense, tells an attacker bits of the block that
// he put there. OpenSSH reads on to the largest packet, computes a MAC over all of it and then reports a wrong MAC,
// whatever was wrong. So here: size_of_record() takes a senseless length for the largest, and where the record ends,
// all of it is deciphered, the MAC is computed over all of it, and only in an authentic packet is packet_length looked
// at again. Whatever an attacker alters is not_authentic.
#include <openssl/crypto.h>

#include <optional>

#include "record/ciphers/chain.hpp"
#include "record/ciphers/hmac.hpp"
#include "record/ciphers/rc4.hpp"
#include "ssh_packet.hpp"

namespace cryptopath::ssh_2 {

namespace {

/// CBC whose IV is the last packet's last block.
class ChainedCbc {
 public:
  ChainedCbc(const Cipher& cipher, const TrafficKeys& keys)
      : encryption_(cipher, keys.cipher_key, Cbc::Direction::encrypt),
        decryption_(cipher, keys.cipher_key, Cbc::Direction::decrypt),
        chain_(cipher, keys) {}

  void encrypt(std::uint64_t sequence, std::span<std::byte> text) {
    chain_.order.take(sequence);
    encryption_.run(chain_.iv(), text);
    chain_.follow(text);
  }
  std::size_t block_size() const { return decryption_.block_size(); }
  /// Deciphers the next packet's first block, and leaves the chain where it is.
  void peek(std::span<std::byte> block) { decryption_.run(chain_.iv(), block); }
  void decrypt(std::span<std::byte> text) {
    const auto iv = chain_.saved_iv();
    chain_.follow(text);
    decryption_.run(std::span(iv).first(decryption_.block_size()), text);
  }

 private:
  Cbc encryption_;
  Cbc decryption_;
  ChainedIv chain_;
};

class MacCodec final : public PacketCodec {
 public:
  MacCodec(const RecordFormat& format, const SuiteFormat& suite, const TrafficKeys& keys)
      : PacketCodec(suite, keys, format.encrypt_then_mac ? length_size : 0, to_size(suite.mac.size)),
        encrypt_then_mac_(format.encrypt_then_mac),
        mac_(suite.mac.digest, keys.mac_key) {
    if (suite.cipher.kind == CipherKind::cbc) cbc_.emplace(suite.cipher, keys);
    if (suite.cipher.kind == CipherKind::stream) rc4_.emplace(keys.cipher_key, keys.sequence, keys.keystream_used);
  }

  void seal_in_place(const Frame& frame, std::span<std::byte> record) override {
    if (!encrypt_then_mac_) authenticate(frame.sequence, record);
    const auto text = enciphered(record);
    if (cbc_) cbc_->encrypt(frame.sequence, text);
    if (rc4_) rc4_->run(frame.sequence, text);
    if (encrypt_then_mac_) authenticate(frame.sequence, record);
  }

  std::optional<Bytes> size_of_record(std::uint64_t, std::span<const std::byte> start) override {
    if (encrypt_then_mac_ || (!cbc_ && !rc4_)) {
      if (start.size() < length_size) return std::nullopt;
      return size_from_length(start);
    }
    std::array<std::byte, 16> first;
    const std::size_t size = cbc_ ? cbc_->block_size() : length_size;
    if (start.size() < size) return std::nullopt;
    const auto block = std::span(first).first(size);
    std::ranges::copy(start.first(size), block.begin());
    if (cbc_) cbc_->peek(block);
    if (rc4_) rc4_->peek(block);
    return size_from_length(block);
  }

  Opened open_in_place(std::uint64_t sequence, std::span<std::byte> record) override {
    Rejection why = check_size(record);
    if (why == Rejection::none && encrypt_then_mac_) why = check_length(record);
    if (why != Rejection::none) return rejected(why);
    if (encrypt_then_mac_) {
      if (!is_authentic(sequence, record)) return rejected(Rejection::not_authentic);
      decipher(record);
    } else {
      decipher(record);
      if (!is_authentic(sequence, record)) {
        wipe(record);
        return rejected(Rejection::not_authentic);
      }
    }
    return unpack(record);
  }

 private:
  void decipher(std::span<std::byte> record) {
    if (cbc_) cbc_->decrypt(enciphered(record));
    if (rc4_) rc4_->run_next(enciphered(record));
  }
  void authenticate(std::uint64_t sequence, std::span<std::byte> record) {
    mac_.compute({four_bytes(sequence), without_tag(record)}, tag(record));
  }
  bool is_authentic(std::uint64_t sequence, std::span<std::byte> record) {
    return mac_.verify({four_bytes(sequence), without_tag(record)}, tag(record));
  }

  bool encrypt_then_mac_;
  Hmac mac_;
  std::optional<ChainedCbc> cbc_;
  std::optional<Rc4> rc4_;
};

}  // namespace

std::unique_ptr<RecordCodec> make_mac_codec(const RecordFormat& format, const SuiteFormat& suite,
                                            const TrafficKeys& keys) {
  return std::make_unique<MacCodec>(format, suite, keys);
}

}  // namespace cryptopath::ssh_2
