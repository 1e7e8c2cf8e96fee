#include "handshake.hpp"

#include <algorithm>

#include "cryptopath/errors.hpp"
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

}  // namespace

Session handshake(const RecordFormat& format, std::uint64_t seed) {
  ensure(supports(format), "the protocol has the suite");
  switch (format.suite) {
    case Suite::null:
      return {TrafficKeys(), std::make_unique<PlainPeer>(), {}, {}};
    case Suite::aes_128_gcm:
      return openssl_handshake(seed);
    case Suite::triple_des_cbc_hmac_sha1: {
      Session session = gnutls_handshake_3des(seed);
      const auto iv_seed = seeded_bytes("cryptopath explicit IVs", seed, session.sender.iv_seed.size());
      std::ranges::copy(iv_seed, session.sender.iv_seed.begin());
      return session;
    }
    default:
      break;
  }
  throw Fault("every suite has a handshake");
}

}  // namespace cryptopath
