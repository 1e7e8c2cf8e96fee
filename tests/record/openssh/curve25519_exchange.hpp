// The key exchange curve25519-sha256 (RFC 8731) with a host key of Ed25519 as either end computes it: what it proposes,
// the exchange hash, and the keys of both directions.
#pragma once

#include "cryptopath/record.hpp"
#include "ed25519.hpp"

namespace cryptopath::test {

/// The proposal (RFC 4253, 7.1): the format and one algorithm of each other kind, so that there is no choice. `cookie`
/// has 16 bytes.
MessageWriter kexinit(const RecordFormat& format, std::span<const std::byte> cookie);

/// What both ends know from their own key and the other's public one, as an mpint.
ByteVector shared_secret(EVP_PKEY* own, std::span<const std::byte> public_key_of_other);

/// What the exchange hash of RFC 5656, 4, which RFC 8731 takes over, is over.
struct Exchange {
  std::string_view client_version;
  std::string_view server_version;
  std::span<const std::byte> client_kexinit;
  std::span<const std::byte> server_kexinit;
  std::span<const std::byte> host_key;
  std::span<const std::byte> client_public;
  std::span<const std::byte> server_public;
  std::span<const std::byte> secret;

  ByteVector hash() const;
};

/// RFC 4253, 7.2: keys are as many bytes as they need of K1, K2, ...
class KeyDerivation {
 public:
  KeyDerivation(std::span<const std::byte> secret, std::span<const std::byte> hash,
                std::span<const std::byte> session_id);

  /// Without a seed for padding.
  TrafficKeys from_client(const RecordFormat& format) const { return keys(format, "ACE"); }
  TrafficKeys from_server(const RecordFormat& format) const { return keys(format, "BDF"); }

 private:
  /// The letters of initial IV, cipher's key and MAC's key.
  TrafficKeys keys(const RecordFormat& format, std::string_view letters) const;
  ByteVector derive(char letter, Bytes size) const;

  ByteVector secret_and_hash_;
  ByteVector session_id_;
};

}  // namespace cryptopath::test
