#include "key_exchange.hpp"

#include <openssl/rand.h>

#include <array>
#include <string_view>

#include "cryptopath/errors.hpp"
#include "record/bytes.hpp"

namespace cryptopath::test {

namespace {

ByteVector random_bytes(std::size_t size) {
  ByteVector bytes(size);
  ensure_openssl(RAND_bytes(octets(bytes.data()), static_cast<int>(size)) == 1, "random bytes");
  return bytes;
}

ByteVector sha256(std::span<const std::byte> text) {
  ByteVector digest(32);
  ensure_openssl(EVP_Digest(text.data(), text.size(), octets(digest.data()), nullptr, EVP_sha256(), nullptr) == 1,
                 "SHA-256");
  return digest;
}

/// RFC 4253, 7.1: one algorithm of each kind, so that the server has no choice. Strict key exchange is not offered:
/// with it sequence numbers would start again.
MessageWriter kexinit(const AlgorithmNames& names) {
  MessageWriter message(MessageNumber::kexinit);
  message.raw(random_bytes(16));
  message.string("curve25519-sha256").string("ssh-ed25519");
  message.string(names.cipher).string(names.cipher).string(names.mac).string(names.mac);
  message.string("none").string("none").string("").string("");
  return message.boolean(false).uint32(0);
}

ByteVector shared_secret(EVP_PKEY* own, std::span<const std::byte> public_key_of_server) {
  const Key server(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, octets(public_key_of_server.data()),
                                               public_key_of_server.size()));
  ensure_openssl(server != nullptr, "a public key for X25519");
  const Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(EVP_PKEY_CTX_new(own, nullptr));
  ByteVector secret(32);
  std::size_t size = secret.size();
  ensure_openssl(context != nullptr && EVP_PKEY_derive_init(context.get()) == 1 &&
                     EVP_PKEY_derive_set_peer(context.get(), server.get()) == 1 &&
                     EVP_PKEY_derive(context.get(), octets(secret.data()), &size) == 1 && size == secret.size(),
                 "X25519");
  return secret;
}

/// RFC 4253, 7.2: keys are as many bytes as they need of K1, K2, ...
struct KeyDerivation {
  ByteVector secret_and_hash;  // K as mpint, H
  ByteVector session_id;

  ByteVector derive(char letter, Bytes size) const {
    ByteVector key =
        sha256(MessageWriter().raw(secret_and_hash).byte(static_cast<std::uint8_t>(letter)).raw(session_id).bytes());
    while (size_of(key) < size) {
      const ByteVector more = sha256(MessageWriter().raw(secret_and_hash).raw(key).bytes());
      key.insert(key.end(), more.begin(), more.end());
    }
    key.resize(to_size(size));
    return key;
  }

  /// The letters of initial IV, cipher's key and MAC's key.
  TrafficKeys keys(const RecordFormat& format, std::string_view letters) const {
    const KeySizes sizes = key_sizes(format);
    TrafficKeys keys;
    keys.implicit_iv = derive(letters[0], sizes.implicit_iv);
    keys.cipher_key = derive(letters[1], sizes.cipher_key);
    keys.mac_key = derive(letters[2], sizes.mac_key);
    std::ranges::copy(random_bytes(keys.iv_seed.size()), keys.iv_seed.begin());  // padding
    return keys;
  }
};

}  // namespace

AlgorithmNames algorithm_names(const RecordFormat& format) {
  if (format.suite == Suite::aes_128_gcm) return {"aes128-gcm@openssh.com", ""};
  if (format.suite == Suite::aes_256_gcm) return {"aes256-gcm@openssh.com", ""};
  if (format.suite == Suite::chacha20_poly1305) return {"chacha20-poly1305@openssh.com", ""};
  constexpr std::array<std::array<const char*, 2>, 6> ciphers = {{{"null-", "none"},
                                                                  {"rc4-", "arcfour"},
                                                                  {"3des-ede-cbc-", "3des-cbc"},
                                                                  {"aes-128-cbc-", "aes128-cbc"},
                                                                  {"aes-192-cbc-", "aes192-cbc"},
                                                                  {"aes-256-cbc-", "aes256-cbc"}}};
  constexpr std::array<std::array<const char*, 2>, 3> macs = {
      {{"hmac-md5", "hmac-md5"}, {"hmac-sha1", "hmac-sha1"}, {"hmac-sha256", "hmac-sha2-256"}}};
  const std::string_view suite = name_of(format.suite);
  AlgorithmNames names;
  for (const auto& [ours, theirs] : ciphers) {
    if (suite.starts_with(ours)) names.cipher = theirs;
  }
  for (const auto& [ours, theirs] : macs) {
    if (suite.ends_with(ours)) names.mac = theirs;
  }
  ensure(!names.cipher.empty() && !names.mac.empty(), "SSH has a name for cipher and MAC");
  if (format.encrypt_then_mac) names.mac += "-etm@openssh.com";
  return names;
}

ByteVector exchange_keys(Transport& transport, const RecordFormat& format, std::span<const std::byte> host_key,
                         std::span<const std::byte> session_id) {
  const MessageWriter client_kexinit = kexinit(algorithm_names(format));
  transport.send(client_kexinit);
  const ByteVector server_kexinit = transport.expect(MessageNumber::kexinit);

  const Key own = new_key("X25519");
  const ByteVector own_public = raw_public_key(own.get());
  transport.send(MessageWriter(MessageNumber::kex_ecdh_init).string(own_public));
  const ByteVector reply = transport.expect(MessageNumber::kex_ecdh_reply);
  MessageReader fields(reply);
  fields.byte();
  const auto shown_host_key = fields.string();
  const auto server_public = fields.string();
  const auto signature = fields.string();
  ensure(std::ranges::equal(shown_host_key, host_key), "the server has the host key that was made for it");
  const ByteVector secret = MessageWriter().mpint(shared_secret(own.get(), server_public)).bytes();

  // The exchange hash of RFC 5656, 4, which RFC 8731 takes over.
  const ByteVector hash = sha256(MessageWriter()
                                     .string(transport.client_version())
                                     .string(transport.server_version())
                                     .string(client_kexinit.bytes())
                                     .string(server_kexinit)
                                     .string(host_key)
                                     .string(own_public)
                                     .string(server_public)
                                     .raw(secret)
                                     .bytes());
  ensure(verifies(host_key, signature, hash), "the host key's signature of the exchange verifies");

  const std::span<const std::byte> session = session_id.empty() ? std::span<const std::byte>(hash) : session_id;
  const KeyDerivation derivation{MessageWriter().raw(secret).raw(hash).bytes(), {session.begin(), session.end()}};
  transport.send(MessageWriter(MessageNumber::newkeys));
  transport.protect_sending(format, derivation.keys(format, "ACE"));
  transport.expect(MessageNumber::newkeys);
  transport.protect_receiving(format, derivation.keys(format, "BDF"));
  return hash;
}

}  // namespace cryptopath::test
