#include "handshake.hpp"

#include <algorithm>

#include "cryptopath/errors.hpp"
#include "record/bytes.hpp"
#include "record/formats.hpp"
#include "record/seeded_bytes.hpp"

namespace cryptopath {

namespace {

/// Protocol::none has no receiving implementation: what arrives is the plaintext, and who reads it compares it.
class PlainPeer final : public Peer {
 public:
  void receive(std::span<const std::byte> wire, std::vector<std::byte>& plaintext) override {
    plaintext.insert(plaintext.end(), wire.begin(), wire.end());
  }
  std::string name() const override { return "byte comparison"; }
};

/// As far as SSH is concerned: AES in CBC mode, GCM and ChaCha20, and of MACs none over the ciphertext. It deciphers
/// what has a MAC that it does not know, too.
bool wireshark_deciphers_ssh(const RecordFormat& format) {
  const Cipher& cipher = format_of(format.suite).cipher;
  return cipher.is_aead() || (cipher.kind == CipherKind::cbc && cipher.block == Bytes(16) && !format.encrypt_then_mac);
}

Session shake_hands_for_ssh(const RecordFormat& format, std::uint64_t seed) {
  Session session = ssh_handshake(format, seed);
  if (!wireshark_deciphers_ssh(format)) {
    wipe(std::as_writable_bytes(std::span(session.key_log)));
    session.key_log.clear();
  }
  return session;
}

Session shake_hands(const RecordFormat& format, std::uint64_t seed) {
  switch (format.protocol) {
    case Protocol::none: {
      Session session;
      session.peer = std::make_unique<PlainPeer>();
      return session;
    }
    case Protocol::tls_1_0:
    case Protocol::tls_1_1:
    case Protocol::tls_1_2:
    case Protocol::tls_1_3:
    case Protocol::dtls_1_2:
      break;
    case Protocol::esp_transport:
    case Protocol::esp_tunnel:
      return seeded_session(format, seed);
    case Protocol::ssh_2:
      return shake_hands_for_ssh(format, seed);
  }
  switch (format.suite) {
    case Suite::triple_des_cbc_hmac_sha1:
    case Suite::rc4_hmac_sha1:
      return gnutls_handshake(format, seed);
    case Suite::des_cbc_hmac_sha1:
      return seeded_session(format, seed);
    default:
      return openssl_handshake(format, seed);
  }
}

}  // namespace

Session::~Session() { wipe(std::as_writable_bytes(std::span(key_log))); }

Session& Session::operator=(Session&& other) noexcept {
  sender = std::move(other.sender);
  receiver = std::move(other.receiver);
  peer = std::move(other.peer);
  handshake = std::move(other.handshake);
  key_log.swap(other.key_log);  // for `other` to wipe
  return *this;
}

std::string Peer::decline() const { return name() + " only receives"; }
void Peer::send(std::span<const std::byte>, std::vector<std::byte>&) { throw Fault(decline()); }
void Peer::close(std::vector<std::byte>&) { throw Fault(decline()); }

Session handshake(const RecordFormat& format, std::uint64_t seed) {
  ensure(supports(format), "the protocol has the suite");
  Session session = shake_hands(format, seed);
  // An AEAD of TLS and DTLS draws nothing.
  if (!has_alerts(format.protocol) || !format_of(format.suite).cipher.is_aead()) {
    auto iv_seed = seeded_bytes("cryptopath explicit IVs", seed, session.sender.iv_seed.size());
    std::ranges::copy(iv_seed, session.sender.iv_seed.begin());
    wipe(iv_seed);
  }
  return session;
}

}  // namespace cryptopath
