#include "ed25519.hpp"

#include <sstream>

#include "cryptopath/errors.hpp"
#include "record/bytes.hpp"

namespace cryptopath::test {

namespace {

constexpr std::string_view name = "ssh-ed25519";

}  // namespace

Key new_key(const char* algorithm) {
  Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, algorithm));
  ensure_openssl(key != nullptr, algorithm);
  return key;
}

ByteVector raw_public_key(EVP_PKEY* key) {
  ByteVector bytes(32);
  std::size_t size = bytes.size();
  ensure_openssl(EVP_PKEY_get_raw_public_key(key, octets(bytes.data()), &size) == 1 && size == bytes.size(),
                 "public key");
  return bytes;
}

ByteVector public_key_blob(EVP_PKEY* key) { return MessageWriter().string(name).string(raw_public_key(key)).bytes(); }

ByteVector signature_blob(EVP_PKEY* key, std::span<const std::byte> text) {
  const DigestContext context = new_digest_context();
  ByteVector signature(64);
  std::size_t size = signature.size();
  ensure_openssl(
      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key) == 1 &&
          EVP_DigestSign(context.get(), octets(signature.data()), &size, octets(text.data()), text.size()) == 1 &&
          size == signature.size(),
      "sign");
  return MessageWriter().string(name).string(signature).bytes();
}

bool verifies(std::span<const std::byte> blob, std::span<const std::byte> signature, std::span<const std::byte> text) {
  MessageReader key_fields(blob);
  MessageReader signature_fields(signature);
  if (key_fields.text() != name || signature_fields.text() != name) return false;
  const auto raw_key = key_fields.string();
  const auto raw_signature = signature_fields.string();
  const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, octets(raw_key.data()), raw_key.size()));
  ensure_openssl(key != nullptr, "a public key for Ed25519");
  const DigestContext context = new_digest_context();
  ensure_openssl(EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1, "verify");
  return EVP_DigestVerify(context.get(), octets(raw_signature.data()), raw_signature.size(), octets(text.data()),
                          text.size()) == 1;
}

std::string public_key_line(std::span<const std::byte> blob) {
  std::string base64(4 * ((blob.size() + 2) / 3) + 1, '\0');  // and the zero that OpenSSL ends it with
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(base64.data()), octets(blob.data()),
                                   static_cast<int>(blob.size()));
  base64.resize(static_cast<std::size_t>(size));
  return std::string(name) + " " + base64;
}

ByteVector blob_of_line(const std::string& line) {
  std::istringstream words(line);
  std::string algorithm;
  std::string base64;
  words >> algorithm >> base64;
  ensure(algorithm == name && base64.size() % 4 == 0 && !base64.ends_with("="), "a line with an Ed25519 key");
  ByteVector blob(base64.size() / 4 * 3);
  const int size = EVP_DecodeBlock(octets(blob.data()), reinterpret_cast<const unsigned char*>(base64.data()),
                                   static_cast<int>(base64.size()));
  ensure_openssl(size == static_cast<int>(blob.size()), "base64");
  return blob;
}

}  // namespace cryptopath::test
