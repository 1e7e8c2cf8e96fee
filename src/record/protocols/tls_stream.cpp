// RC4 and no cipher, with a MAC, in TLS up to 1.2 (RFC 5246, 6.2.3.1): the MAC stands behind the plaintext and is
// enciphered with it. RC4's keystream runs on from record to record.
#include <algorithm>

#include "record/ciphers/hmac.hpp"
#include "record/ciphers/rc4.hpp"
#include "tls_protection.hpp"

namespace cryptopath {

namespace {

class TlsStream final : public TlsProtection {
 public:
  TlsStream(const SuiteFormat& suite, const TrafficKeys& keys) : mac_(suite.mac.digest, keys.mac_key) {
    if (suite.cipher.kind == CipherKind::stream) rc4_.emplace(keys.cipher_key, keys.sequence, keys.keystream_used);
  }

  void write_iv(std::uint64_t, std::span<std::byte>) override {}

  void seal(PseudoHeader header, const Frame& frame, std::span<std::byte> body) override {
    const auto text = body.first(to_size(frame.plaintext));
    mac_.compute({header.with_length(text.size()), text}, body.subspan(text.size()));
    if (rc4_) rc4_->run(frame.sequence, body);
  }

  std::optional<std::span<std::byte>> open(PseudoHeader header, std::span<std::byte> body) override {
    if (body.size() < mac_.size()) return std::nullopt;
    if (rc4_) rc4_->run_next(body);
    const auto text = body.first(body.size() - mac_.size());
    if (mac_.verify({header.with_length(text.size()), text}, body.subspan(text.size()))) return text;
    wipe(body);
    return std::nullopt;
  }

 private:
  Hmac mac_;
  std::optional<Rc4> rc4_;
};

}  // namespace

std::unique_ptr<TlsProtection> make_tls_stream(const SuiteFormat& suite, const TrafficKeys& keys) {
  return std::make_unique<TlsStream>(suite, keys);
}

}  // namespace cryptopath
