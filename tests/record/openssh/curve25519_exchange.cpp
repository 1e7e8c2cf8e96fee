#include "curve25519_exchange.hpp"

#include "algorithm_names.hpp"
#include "record/bytes.hpp"

namespace cryptopath::test {

namespace {

ByteVector sha256(std::span<const std::byte> text) {
  ByteVector digest(32);
  ensure_openssl(EVP_Digest(text.data(), text.size(), octets(digest.data()), nullptr, EVP_sha256(), nullptr) == 1,
                 "SHA-256");
  return digest;
}

}  // namespace

MessageWriter kexinit(const RecordFormat& format, std::span<const std::byte> cookie) {
  const AlgorithmNames names = algorithm_names(format);
  MessageWriter message(MessageNumber::kexinit);
  message.raw(cookie);
  // Strict key exchange is not offered: with it sequence numbers would start again.
  message.string("curve25519-sha256").string("ssh-ed25519");
  message.string(names.cipher).string(names.cipher).string(names.mac).string(names.mac);
  message.string("none").string("none").string("").string("");
  return message.boolean(false).uint32(0);
}

ByteVector shared_secret(EVP_PKEY* own, std::span<const std::byte> public_key_of_other) {
  const Key other(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, octets(public_key_of_other.data()),
                                              public_key_of_other.size()));
  ensure_openssl(other != nullptr, "a public key for X25519");
  const Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(EVP_PKEY_CTX_new(own, nullptr));
  ByteVector secret(32);
  std::size_t size = secret.size();
  ensure_openssl(context != nullptr && EVP_PKEY_derive_init(context.get()) == 1 &&
                     EVP_PKEY_derive_set_peer(context.get(), other.get()) == 1 &&
                     EVP_PKEY_derive(context.get(), octets(secret.data()), &size) == 1 && size == secret.size(),
                 "X25519");
  return MessageWriter().mpint(secret).bytes();
}

ByteVector Exchange::hash() const {
  return sha256(MessageWriter()
                    .string(client_version)
                    .string(server_version)
                    .string(client_kexinit)
                    .string(server_kexinit)
                    .string(host_key)
                    .string(client_public)
                    .string(server_public)
                    .raw(secret)
                    .bytes());
}

KeyDerivation::KeyDerivation(std::span<const std::byte> secret, std::span<const std::byte> hash,
                             std::span<const std::byte> session_id)
    : secret_and_hash_(MessageWriter().raw(secret).raw(hash).bytes()),
      session_id_(session_id.begin(), session_id.end()) {}

ByteVector KeyDerivation::derive(char letter, Bytes size) const {
  ByteVector key =
      sha256(MessageWriter().raw(secret_and_hash_).byte(static_cast<std::uint8_t>(letter)).raw(session_id_).bytes());
  while (size_of(key) < size) {
    const ByteVector more = sha256(MessageWriter().raw(secret_and_hash_).raw(key).bytes());
    key.insert(key.end(), more.begin(), more.end());
  }
  key.resize(to_size(size));
  return key;
}

TrafficKeys KeyDerivation::keys(const RecordFormat& format, std::string_view letters) const {
  const KeySizes sizes = key_sizes(format);
  TrafficKeys keys;
  keys.implicit_iv = derive(letters[0], sizes.implicit_iv);
  keys.cipher_key = derive(letters[1], sizes.cipher_key);
  keys.mac_key = derive(letters[2], sizes.mac_key);
  return keys;
}

}  // namespace cryptopath::test
