#include "ssh_ed25519.hpp"

#include "record/bytes.hpp"
#include "ssh_message.hpp"

namespace cryptopath::ssh_2 {

std::vector<std::byte> raw_public_key(EVP_PKEY* key) {
  std::vector<std::byte> bytes(32);
  std::size_t size = bytes.size();
  ensure_openssl(EVP_PKEY_get_raw_public_key(key, octets(bytes.data()), &size) == 1 && size == bytes.size(),
                 "public key");
  return bytes;
}

std::vector<std::byte> public_key_blob(EVP_PKEY* key) {
  return MessageWriter().string(ssh_ed25519).string(raw_public_key(key)).bytes();
}

std::vector<std::byte> signature_blob(EVP_PKEY* key, std::span<const std::byte> text) {
  const DigestContext context = new_digest_context();
  std::vector<std::byte> signature(64);
  std::size_t size = signature.size();
  ensure_openssl(
      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key) == 1 &&
          EVP_DigestSign(context.get(), octets(signature.data()), &size, octets(text.data()), text.size()) == 1 &&
          size == signature.size(),
      "sign");
  return MessageWriter().string(ssh_ed25519).string(signature).bytes();
}

bool verifies(std::span<const std::byte> blob, std::span<const std::byte> signature, std::span<const std::byte> text) {
  MessageReader key_fields(blob);
  MessageReader signature_fields(signature);
  if (key_fields.text() != ssh_ed25519 || signature_fields.text() != ssh_ed25519) return false;
  const auto raw_key = key_fields.string();
  const auto raw_signature = signature_fields.string();
  const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, octets(raw_key.data()), raw_key.size()));
  ensure_openssl(key != nullptr, "a public key for Ed25519");
  const DigestContext context = new_digest_context();
  ensure_openssl(EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1, "verify");
  return EVP_DigestVerify(context.get(), octets(raw_signature.data()), raw_signature.size(), octets(text.data()),
                          text.size()) == 1;
}

}  // namespace cryptopath::ssh_2
