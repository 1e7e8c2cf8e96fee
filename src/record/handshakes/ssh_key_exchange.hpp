// The key exchange curve25519-sha256 (RFC 8731) with a host key of Ed25519: what either end says, computes and checks.
#pragma once

#include <array>
#include <string>

#include "cryptopath/record.hpp"
#include "record/bytes.hpp"
#include "ssh_ed25519.hpp"
#include "ssh_message.hpp"

namespace cryptopath::ssh_2 {

using Digest = std::array<std::byte, 32>;  // of SHA-256

/// What both ends have said before the exchange, which is over it too: their versions, without the ends of the lines,
/// and their proposals.
struct Greetings {
  std::string client_version;
  std::string server_version;
  std::vector<std::byte> client_kexinit;
  std::vector<std::byte> server_kexinit;
};

/// The proposal (RFC 4253, 7.1): the format and one algorithm of each other kind, so that there is no choice. `cookie`
/// has 16 bytes.
MessageWriter kexinit(const RecordFormat& format, std::span<const std::byte> cookie);

/// The key pair of a private key of 32 bytes; `type` is EVP_PKEY_X25519 or EVP_PKEY_ED25519.
Key key_pair(int type, std::span<const std::byte> private_key);

/// What both ends know from their own key and the other's public one.
class SharedSecret {
 public:
  /// Throws Fault where X25519 gives zeros alone, as RFC 8731, 3, asks.
  SharedSecret(EVP_PKEY* own, std::span<const std::byte> public_key_of_other);

  /// Whether X25519's number is shorter as an mpint, which has no zeros in front (RFC 4251, 5).
  bool is_shortened() const { return mpint().size() < length_size + size; }
  std::span<const std::byte> mpint() const { return std::span(bytes_).subspan(begin_); }

 private:
  static constexpr std::size_t length_size = 4;
  static constexpr std::size_t size = 32;  // X25519's

  SecretBytes<length_size + 1 + size> bytes_;
  std::size_t begin_ = 0;  // of the mpint
};

/// What an exchange leaves at either end.
class KeyDerivation {
 public:
  KeyDerivation(const SharedSecret& secret, const Digest& hash) : secret_(secret), hash_(hash) {}

  /// The exchange hash. The first one of a connection is its session identifier (RFC 4253, 7.2).
  const Digest& hash() const { return hash_; }
  /// Without a sequence number and a seed for padding.
  TrafficKeys from_client(const RecordFormat& format, const Digest& session_id) const {
    return keys(format, session_id, "ACE");
  }
  TrafficKeys from_server(const RecordFormat& format, const Digest& session_id) const {
    return keys(format, session_id, "BDF");
  }

 private:
  /// The letters of initial IV, cipher's key and MAC's key.
  TrafficKeys keys(const RecordFormat& format, const Digest& session_id, std::string_view letters) const;
  std::vector<std::byte> derive(char letter, const Digest& session_id, Bytes size) const;

  SharedSecret secret_;
  Digest hash_;
};

/// The client's first message of the exchange, and what it concludes from the server's reply. Throws Fault unless the
/// server shows, by a signature, that it has the key `host_key` and has seen the same exchange.
MessageWriter ecdh_init(EVP_PKEY* client_key);
KeyDerivation conclude(const Greetings& greetings, EVP_PKEY* client_key, std::span<const std::byte> reply,
                       std::span<const std::byte> host_key);

/// The client's public key in its message.
std::span<const std::byte> client_public_key(std::span<const std::byte> init);
struct Answer {
  MessageWriter reply;
  KeyDerivation keys;
};
/// The server's part.
Answer answer(const Greetings& greetings, std::span<const std::byte> init, EVP_PKEY* server_key, EVP_PKEY* host_key);

}  // namespace cryptopath::ssh_2
