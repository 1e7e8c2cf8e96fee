// SSH's handshake between two ends that are played here, over a wire that keeps what they say: versions, proposals,
// curve25519-sha256 with a host key of Ed25519 that the client knows, NEWKEYS. Each end computes its keys from what it
// has heard and its own private key. The user's authentication and the channel's opening are left out.
#include <algorithm>
#include <array>
#include <string_view>

#include "cryptopath/errors.hpp"
#include "handshake.hpp"
#include "own_reader.hpp"
#include "record/seeded_bytes.hpp"
#include "ssh_key_exchange.hpp"

namespace cryptopath {

namespace {

using ssh_2::Key;
using ssh_2::MessageNumber;
using ssh_2::MessageWriter;

using PrivateKey = SecretBytes<32>;

/// Carries packets in clear to the other end, and counts them: sequence numbers do not start again with the keys
/// (RFC 4253, 6.4).
class Wire {
 public:
  void carry_line(bool from_sender, std::string_view version) {
    const std::string line = std::string(version) + "\r\n";
    const auto bytes = ssh_2::bytes_of(line);
    transcript_.push_back({from_sender, {bytes.begin(), bytes.end()}});
  }
  /// Returns what the other end takes out of the packet.
  std::vector<std::byte> carry(bool from_sender, const MessageWriter& message) {
    ++packets_.at(from_sender ? 1 : 0);
    std::vector<std::byte> packet = ssh_2::packet_in_clear(message.bytes());
    transcript_.push_back({from_sender, packet});
    const auto payload = ssh_2::payload_in_clear(packet);
    return {payload.begin(), payload.end()};
  }

  std::uint64_t packets_of_sender() const { return packets_[1]; }
  std::vector<Flight> take_transcript() { return std::move(transcript_); }

 private:
  std::vector<Flight> transcript_;
  std::array<std::uint64_t, 2> packets_{};
};

PrivateKey draw_key(std::string_view label, std::uint64_t seed, std::size_t draw = 0) {
  PrivateKey key;
  auto drawn = seeded_bytes(label, seed, (draw + 1) * key.size());
  std::ranges::copy(std::span(drawn).last<std::tuple_size_v<PrivateKey::array>>(), key.begin());
  wipe(drawn);
  return key;
}

/// Wireshark 4.0 takes the shared secret with the zeros in front that an mpint has not, and would find other keys for
/// one in 512. So the server draws until it has a key with which that makes no difference.
PrivateKey draw_server_key(std::uint64_t seed, std::span<const std::byte> client_public) {
  for (std::size_t draw = 0;; ++draw) {
    PrivateKey key = draw_key("cryptopath SSH server key", seed, draw);
    const Key pair = ssh_2::key_pair(EVP_PKEY_X25519, key);
    if (!ssh_2::SharedSecret(pair.get(), client_public).is_shortened()) return key;
  }
}

ssh_2::Greetings greet(Wire& wire, const RecordFormat& format, std::uint64_t seed,
                       std::span<const std::byte> server_cookie) {
  ssh_2::Greetings greetings{"SSH-2.0-cryptopath_client", "SSH-2.0-cryptopath_server", {}, {}};
  const auto client_cookie = seeded_bytes("cryptopath SSH client cookie", seed, server_cookie.size());
  wire.carry_line(false, greetings.client_version);
  wire.carry_line(true, greetings.server_version);
  greetings.client_kexinit = wire.carry(false, ssh_2::kexinit(format, client_cookie));
  greetings.server_kexinit = wire.carry(true, ssh_2::kexinit(format, server_cookie));
  return greetings;
}

}  // namespace

Session ssh_handshake(const RecordFormat& format, std::uint64_t seed) {
  const auto server_cookie = seeded_bytes("cryptopath SSH server cookie", seed, 16);
  const Key client_key = ssh_2::key_pair(EVP_PKEY_X25519, draw_key("cryptopath SSH client key", seed));
  const Key host_key = ssh_2::key_pair(EVP_PKEY_ED25519, draw_key("cryptopath SSH host key", seed));
  const MessageWriter newkeys(MessageNumber::newkeys);

  Wire wire;
  const ssh_2::Greetings greetings = greet(wire, format, seed, server_cookie);
  const auto init = wire.carry(false, ssh_2::ecdh_init(client_key.get()));
  const PrivateKey server_private = draw_server_key(seed, ssh_2::client_public_key(init));
  const Key server_key = ssh_2::key_pair(EVP_PKEY_X25519, server_private);
  const ssh_2::Answer answer = ssh_2::answer(greetings, init, server_key.get(), host_key.get());
  const auto reply = wire.carry(true, answer.reply);
  wire.carry(true, newkeys);
  const ssh_2::KeyDerivation concluded =
      ssh_2::conclude(greetings, client_key.get(), reply, ssh_2::public_key_blob(host_key.get()));
  wire.carry(false, newkeys);

  Session session;
  session.sender = answer.keys.from_server(format, answer.keys.hash());
  session.sender.sequence = wire.packets_of_sender();
  TrafficKeys expected = concluded.from_server(format, concluded.hash());
  expected.sequence = session.sender.sequence;
  session.peer = std::make_unique<OwnReader>(format, expected);
  session.handshake = wire.take_transcript();
  session.key_log.reserve(key_log_room);
  append_hexadecimal(session.key_log, server_cookie);
  session.key_log += ' ';
  append_hexadecimal(session.key_log, server_private);
  session.key_log += '\n';
  return session;
}

}  // namespace cryptopath
