#include "ssh_key_exchange.hpp"

#include <algorithm>
#include <initializer_list>

#include "cryptopath/errors.hpp"
#include "record/sha256.hpp"
#include "ssh_algorithm_names.hpp"

namespace cryptopath::ssh_2 {

namespace {

/// Piece by piece, so that no secret is copied.
void sha256(std::initializer_list<std::span<const std::byte>> pieces, Digest& digest) {
  Sha256 hash;
  for (const auto piece : pieces) hash.update(piece);
  hash.finish(digest);
}

/// RFC 5656, 4, which RFC 8731 takes over.
Digest exchange_hash(const Greetings& greetings, std::span<const std::byte> host_key,
                     std::span<const std::byte> client_public, std::span<const std::byte> server_public,
                     const SharedSecret& secret) {
  MessageWriter said;
  said.string(greetings.client_version).string(greetings.server_version);
  said.string(greetings.client_kexinit).string(greetings.server_kexinit);
  said.string(host_key).string(client_public).string(server_public);
  Digest digest;
  sha256({said.bytes(), secret.mpint()}, digest);
  return digest;
}

MessageReader fields_of(std::span<const std::byte> message, MessageNumber number) {
  ensure(number_of(message) == number, "the other end sends the message that is due in the key exchange");
  return MessageReader(message.subspan(1));
}

}  // namespace

MessageWriter kexinit(const RecordFormat& format, std::span<const std::byte> cookie) {
  const AlgorithmNames names = algorithm_names(format);
  MessageWriter message(MessageNumber::kexinit);
  message.raw(cookie);
  // Strict key exchange is not offered: with it sequence numbers would start again.
  message.string("curve25519-sha256").string(ssh_ed25519);
  message.string(names.cipher).string(names.cipher).string(names.mac).string(names.mac);
  message.string("none").string("none").string("").string("");
  return message.boolean(false).uint32(0);
}

Key key_pair(int type, std::span<const std::byte> private_key) {
  Key key(EVP_PKEY_new_raw_private_key(type, nullptr, octets(private_key.data()), private_key.size()));
  ensure_openssl(key != nullptr, "a private key");
  return key;
}

SharedSecret::SharedSecret(EVP_PKEY* own, std::span<const std::byte> public_key_of_other) {
  const Key other(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, octets(public_key_of_other.data()),
                                              public_key_of_other.size()));
  ensure_openssl(other != nullptr, "a public key for X25519");
  const Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(EVP_PKEY_CTX_new(own, nullptr));
  const auto secret = std::span(bytes_).last<size>();
  std::size_t derived = size;
  ensure_openssl(context != nullptr && EVP_PKEY_derive_init(context.get()) == 1 &&
                     EVP_PKEY_derive_set_peer(context.get(), other.get()) == 1 &&
                     EVP_PKEY_derive(context.get(), octets(secret.data()), &derived) == 1 && derived == size,
                 "X25519");
  // No zeros in front, but the one that keeps a number with its highest bit set from being negative (RFC 4251, 5).
  std::size_t number = length_size + 1;
  while (bytes_[number] == std::byte{0}) ++number;
  if ((bytes_[number] & std::byte{0x80}) != std::byte{0}) --number;
  begin_ = number - length_size;
  bytes_[number - 1] = std::byte(bytes_.size() - number);
}

std::vector<std::byte> KeyDerivation::derive(char letter, const Digest& session_id, Bytes size) const {
  // RFC 4253, 7.2: as many bytes as are needed of K1, K2, ...
  const std::byte letter_byte{static_cast<unsigned char>(letter)};
  std::vector<std::byte> key(to_size(size));
  SecretBytes<std::tuple_size_v<Digest>> digest;
  for (std::size_t made = 0; made < key.size();) {
    if (made == 0) {
      sha256({secret_.mpint(), hash_, std::span(&letter_byte, 1), session_id}, digest);
    } else {
      sha256({secret_.mpint(), hash_, std::span(key).first(made)}, digest);
    }
    const std::size_t taken = std::min(digest.size(), key.size() - made);
    std::copy_n(digest.begin(), taken, std::span(key).subspan(made).begin());
    made += taken;
  }
  return key;
}

TrafficKeys KeyDerivation::keys(const RecordFormat& format, const Digest& session_id, std::string_view letters) const {
  const KeySizes sizes = key_sizes(format);
  TrafficKeys keys;
  keys.implicit_iv = derive(letters[0], session_id, sizes.implicit_iv);
  keys.cipher_key = derive(letters[1], session_id, sizes.cipher_key);
  keys.mac_key = derive(letters[2], session_id, sizes.mac_key);
  return keys;
}

MessageWriter ecdh_init(EVP_PKEY* client_key) {
  return MessageWriter(MessageNumber::kex_ecdh_init).string(raw_public_key(client_key));
}

KeyDerivation conclude(const Greetings& greetings, EVP_PKEY* client_key, std::span<const std::byte> reply,
                       std::span<const std::byte> host_key) {
  MessageReader fields = fields_of(reply, MessageNumber::kex_ecdh_reply);
  const auto shown_host_key = fields.string();
  const auto server_public = fields.string();
  const auto signature = fields.string();
  fields.end();
  ensure(shown_host_key.size() == host_key.size() &&
             CRYPTO_memcmp(shown_host_key.data(), host_key.data(), host_key.size()) == 0,
         "the server has the host key that the client knows");
  const SharedSecret secret(client_key, server_public);
  const Digest hash = exchange_hash(greetings, host_key, raw_public_key(client_key), server_public, secret);
  ensure(verifies(host_key, signature, hash), "the host key's signature of the exchange verifies");
  return {secret, hash};
}

std::span<const std::byte> client_public_key(std::span<const std::byte> init) {
  MessageReader fields = fields_of(init, MessageNumber::kex_ecdh_init);
  const auto key = fields.string();
  fields.end();
  return key;
}

Answer answer(const Greetings& greetings, std::span<const std::byte> init, EVP_PKEY* server_key, EVP_PKEY* host_key) {
  const auto client_public = client_public_key(init);
  const std::vector<std::byte> server_public = raw_public_key(server_key);
  const std::vector<std::byte> host = public_key_blob(host_key);
  const SharedSecret secret(server_key, client_public);
  const Digest hash = exchange_hash(greetings, host, client_public, server_public, secret);
  MessageWriter reply(MessageNumber::kex_ecdh_reply);
  reply.string(host).string(server_public).string(signature_blob(host_key, hash));
  return {std::move(reply), {secret, hash}};
}

}  // namespace cryptopath::ssh_2
