// AES-CCM (RFC 6655) and ChaCha20-Poly1305 (RFC 7905) in TLS 1.2 and DTLS 1.2. CCM's nonce is as GCM's: a salt, and the
// sequence number in the record. ChaCha20's is the handshake's IV with the sequence number added by exclusive or.
#include <openssl/crypto.h>

#include <algorithm>

#include "record/ciphers/aead.hpp"
#include "tls_protection.hpp"

namespace cryptopath {

namespace {

class TlsAead final : public TlsProtection {
 public:
  TlsAead(const SuiteFormat& suite, const TrafficKeys& keys)
      : sealing_(suite.cipher, keys.cipher_key, nonce_size, Aead::Direction::seal),
        opening_(suite.cipher, keys.cipher_key, nonce_size, Aead::Direction::open),
        explicit_size_(nonce_size - keys.implicit_iv.size()),
        tag_size_(to_size(suite.cipher.tag)) {
    std::ranges::copy(keys.implicit_iv, iv_.begin());
  }

  void write_iv(std::uint64_t sequence, std::span<std::byte> iv) override {
    if (!iv.empty()) std::ranges::copy(big_endian(sequence), iv.begin());
  }

  void seal(PseudoHeader header, const Frame& frame, std::span<std::byte> body) override {
    const auto text = body.subspan(explicit_size_, to_size(frame.plaintext));
    sealing_.seal(nonce(header.sequence()), header.with_length(text.size()), text, body.last(tag_size_));
  }

  std::optional<std::span<std::byte>> open(PseudoHeader header, std::span<std::byte> body) override {
    if (body.size() < explicit_size_ + tag_size_) return std::nullopt;
    const auto text = body.subspan(explicit_size_, body.size() - explicit_size_ - tag_size_);
    const auto number = explicit_size_ > 0 ? body.first<8>() : header.sequence();
    const bool authentic = opening_.open(nonce(number), header.with_length(text.size()), text, body.last(tag_size_));
    return authentic ? std::optional(text) : std::nullopt;
  }

 private:
  static constexpr std::size_t nonce_size = 12;

  /// Behind a salt of four bytes the sequence number stands alone; over an IV of twelve it is added.
  SecretBytes<nonce_size> nonce(std::span<const std::byte, 8> number) const {
    auto bytes = iv_;
    for (std::size_t i = 0; i < number.size(); ++i) bytes[nonce_size - number.size() + i] ^= number[i];
    return bytes;
  }

  Aead sealing_;
  Aead opening_;
  std::size_t explicit_size_;
  std::size_t tag_size_;
  SecretBytes<nonce_size> iv_;
};

}  // namespace

std::unique_ptr<TlsProtection> make_tls_aead(const SuiteFormat& suite, const TrafficKeys& keys) {
  return std::make_unique<TlsAead>(suite, keys);
}

}  // namespace cryptopath
