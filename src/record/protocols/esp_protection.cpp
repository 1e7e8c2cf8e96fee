#include "esp_protection.hpp"

#include <algorithm>
#include <array>

#include "record/bytes.hpp"
#include "record/ciphers/aead.hpp"
#include "record/ciphers/cbc.hpp"
#include "record/ciphers/hmac.hpp"

namespace cryptopath {

using namespace literals;

namespace {

/// AES-GCM (RFC 4106), AES-CCM (RFC 4309) and ChaCha20-Poly1305 (RFC 7634): the nonce is the salt that came with the
/// key and the IV in the packet, and header is the additional data.
class EspAead final : public EspProtection {
 public:
  EspAead(const SuiteFormat& suite, const TrafficKeys& keys)
      : salt_size_(keys.implicit_iv.size()),
        icv_size_(to_size(suite.cipher.tag)),
        sealing_(suite.cipher, keys.cipher_key, salt_size_ + iv_size, Aead::Direction::seal),
        opening_(suite.cipher, keys.cipher_key, salt_size_ + iv_size, Aead::Direction::open) {
    std::ranges::copy(keys.implicit_iv, nonce_.begin());
  }

  /// Any IV that never repeats will do; RFC 4106, 3.1, names the counter.
  void write_iv(std::uint64_t sequence, std::span<std::byte> iv) override {
    std::ranges::copy(big_endian(sequence), iv.begin());
  }

  void seal(std::span<std::byte> packet) override {
    sealing_.seal(nonce(packet), packet.first(esp_header_size), text(packet), packet.last(icv_size_));
  }

  std::optional<std::span<std::byte>> open(std::span<std::byte> packet) override {
    const auto place = text(packet);
    if (opening_.open(nonce(packet), packet.first(esp_header_size), place, packet.last(icv_size_))) return place;
    return std::nullopt;
  }

 private:
  static constexpr std::size_t iv_size = 8;
  static constexpr std::size_t largest_salt = 4;

  std::span<const std::byte> nonce(std::span<const std::byte> packet) {
    std::ranges::copy(packet.subspan(esp_header_size, iv_size), std::span(nonce_).subspan(salt_size_).begin());
    return std::span(nonce_).first(salt_size_ + iv_size);
  }
  std::span<std::byte> text(std::span<std::byte> packet) const {
    constexpr std::size_t start = esp_header_size + iv_size;
    return packet.subspan(start, packet.size() - start - icv_size_);
  }

  std::size_t salt_size_;
  std::size_t icv_size_;
  Aead sealing_;
  Aead opening_;
  SecretBytes<largest_salt + iv_size> nonce_;
};

/// CBC or no cipher, then a truncated HMAC over header, IV and ciphertext (RFC 4303, 3.3.2.1).
class EspEncryptThenMac final : public EspProtection {
 public:
  EspEncryptThenMac(const SuiteFormat& suite, const TrafficKeys& keys)
      : iv_size_(to_size(esp_iv_size(suite))),
        icv_size_(to_size(esp_icv_size(suite))),
        mac_(suite.mac.digest, keys.mac_key),
        ivs_(keys.iv_seed) {
    if (suite.cipher.kind == CipherKind::none) return;
    encryption_.emplace(suite.cipher, keys.cipher_key, Cbc::Direction::encrypt);
    decryption_.emplace(suite.cipher, keys.cipher_key, Cbc::Direction::decrypt);
  }

  void write_iv(std::uint64_t sequence, std::span<std::byte> iv) override { ivs_.fill(sequence, iv); }

  void seal(std::span<std::byte> packet) override {
    const auto covered = packet.first(packet.size() - icv_size_);
    if (encryption_) encryption_->run(iv(packet), text(covered));
    mac_.compute({covered}, packet.last(icv_size_));
  }

  std::optional<std::span<std::byte>> open(std::span<std::byte> packet) override {
    const auto covered = packet.first(packet.size() - icv_size_);
    if (!mac_.verify({covered}, packet.last(icv_size_))) {
      wipe(text(covered));  // without a cipher it is in clear
      return std::nullopt;
    }
    if (decryption_) decryption_->run(iv(packet), text(covered));
    return text(covered);
  }

 private:
  std::span<const std::byte> iv(std::span<const std::byte> packet) const {
    return packet.subspan(esp_header_size, iv_size_);
  }
  std::span<std::byte> text(std::span<std::byte> covered) const { return covered.subspan(esp_header_size + iv_size_); }

  std::size_t iv_size_;
  std::size_t icv_size_;
  std::optional<Cbc> encryption_;  // neither where the suite has no cipher
  std::optional<Cbc> decryption_;
  Hmac mac_;
  IvGenerator ivs_;
};

}  // namespace

Bytes esp_iv_size(const SuiteFormat& suite) { return suite.cipher.is_aead() ? 8_B : suite.cipher.block; }

Bytes esp_icv_size(const SuiteFormat& suite) {
  if (suite.cipher.is_aead()) return suite.cipher.tag;
  // 96 bits of MD5 and SHA-1 (RFC 2403, RFC 2404), half of SHA-256 (RFC 4868, 2.6).
  return suite.mac.size == 32_B ? 16_B : 12_B;
}

KeySizes esp_key_sizes(const SuiteFormat& suite) {
  // An HMAC's key has its digest's size. Salts: RFC 4309, 4; RFC 4106, 4; RFC 7634, 2.
  const Bytes salt = suite.cipher.kind == CipherKind::ccm ? 3_B : 4_B;
  return {suite.cipher.key, suite.mac.size, suite.cipher.is_aead() ? salt : 0_B};
}

std::unique_ptr<EspProtection> make_esp_protection(const SuiteFormat& suite, const TrafficKeys& keys) {
  if (suite.cipher.is_aead()) return std::make_unique<EspAead>(suite, keys);
  return std::make_unique<EspEncryptThenMac>(suite, keys);
}

}  // namespace cryptopath
