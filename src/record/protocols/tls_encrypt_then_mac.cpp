// CBC with the MAC over the ciphertext, in TLS up to 1.2 and DTLS 1.2 (RFC 7366).
#include <openssl/crypto.h>

#include <algorithm>

#include "record/ciphers/cbc.hpp"
#include "record/ciphers/chain.hpp"
#include "record/ciphers/hmac.hpp"
#include "tls_protection.hpp"

namespace cryptopath {

namespace {

class TlsEncryptThenMac final : public TlsProtection {
 public:
  TlsEncryptThenMac(const SuiteFormat& suite, const TrafficKeys& keys, bool chains)
      : encryption_(suite.cipher, keys.cipher_key, Cbc::Direction::encrypt),
        decryption_(suite.cipher, keys.cipher_key, Cbc::Direction::decrypt),
        mac_(suite.mac.digest, keys.mac_key),
        ivs_(keys.iv_seed) {
    if (chains) chain_.emplace(suite.cipher, keys);
  }

  void write_iv(std::uint64_t sequence, std::span<std::byte> iv) override { ivs_.fill(sequence, iv); }

  void seal(PseudoHeader header, const Frame& frame, std::span<std::byte> body) override {
    const auto ciphered = body.first(body.size() - mac_.size());
    const auto text = ciphered.subspan(to_size(frame.iv));
    if (chain_) {
      chain_->order.take(frame.sequence);
      encryption_.run(chain_->iv(), text);
      chain_->follow(text);
    } else {
      encryption_.run(body.first(to_size(frame.iv)), text);
    }
    mac_.compute({header.with_length(ciphered.size()), ciphered}, body.last(mac_.size()));
  }

  std::optional<std::span<std::byte>> open(PseudoHeader header, std::span<std::byte> body) override {
    const std::size_t block = decryption_.block_size();
    const std::size_t iv_size = chain_ ? 0 : block;
    if (body.size() < iv_size + block + mac_.size()) return std::nullopt;
    const auto ciphered = body.first(body.size() - mac_.size());
    if (ciphered.size() % block != 0) return std::nullopt;
    if (!mac_.verify({header.with_length(ciphered.size()), ciphered}, body.last(mac_.size()))) return std::nullopt;
    const auto text = ciphered.subspan(iv_size);
    if (chain_) {
      const auto iv = chain_->saved_iv();
      chain_->follow(text);
      decryption_.run(std::span(iv).first(block), text);
    } else {
      decryption_.run(ciphered.first(block), text);
    }
    // The ciphertext is the sender's own, so its padding tells nothing to anyone else.
    const auto padding = std::to_integer<std::size_t>(text.back()) + 1;
    const bool padded = padding <= text.size() && std::ranges::all_of(text.last(padding), [padding](std::byte byte) {
                          return std::to_integer<std::size_t>(byte) == padding - 1;
                        });
    if (padded) return text.first(text.size() - padding);
    wipe(text);
    return std::nullopt;
  }

 private:
  Cbc encryption_;
  Cbc decryption_;
  Hmac mac_;
  IvGenerator ivs_;
  std::optional<ChainedIv> chain_;  // TLS 1.0
};

}  // namespace

std::unique_ptr<TlsProtection> make_tls_encrypt_then_mac(const SuiteFormat& suite, const TrafficKeys& keys,
                                                         bool chains) {
  return std::make_unique<TlsEncryptThenMac>(suite, keys, chains);
}

}  // namespace cryptopath
