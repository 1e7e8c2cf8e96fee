#include "aead.hpp"

#include <openssl/crypto.h>
#include <openssl/err.h>

#include "cryptopath/errors.hpp"
#include "record/bytes.hpp"

namespace cryptopath {

Aead::Aead(const Cipher& cipher, std::span<const std::byte> key, std::size_t nonce_size, Direction direction)
    : context_(new_cipher_context()),
      nonce_size_(nonce_size),
      tag_size_(to_size(cipher.tag)),
      length_first_(cipher.kind == CipherKind::ccm) {
  ensure(cipher.is_aead() && size_of(key) == cipher.key, "a key of the cipher's size");
  const auto algorithm = fetch_cipher(cipher.name);
  const int seals = direction == Direction::seal ? 1 : 0;
  EVP_CIPHER_CTX* context = context_.get();
  ensure_openssl(EVP_CipherInit_ex2(context, algorithm.get(), nullptr, nullptr, seals, nullptr) == 1 &&
                     EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, static_cast<int>(nonce_size), nullptr) == 1,
                 "AEAD nonce");
  if (length_first_) {
    ensure_openssl(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag_size_), nullptr) == 1,
                   "AEAD tag");
  }
  ensure_openssl(EVP_CipherInit_ex2(context, nullptr, octets(key.data()), nullptr, seals, nullptr) == 1, "AEAD key");
}

void Aead::start(std::span<const std::byte> nonce, std::span<const std::byte> additional, std::size_t text_size) {
  ensure(nonce.size() == nonce_size_, "the nonce has the cipher's size");
  EVP_CIPHER_CTX* context = context_.get();
  int written = 0;
  bool succeeded = EVP_CipherInit_ex2(context, nullptr, nullptr, octets(nonce.data()), -1, nullptr) == 1;
  if (length_first_) {
    succeeded = succeeded && EVP_CipherUpdate(context, nullptr, &written, nullptr, static_cast<int>(text_size)) == 1;
  }
  if (!additional.empty()) {
    succeeded = succeeded && EVP_CipherUpdate(context, nullptr, &written, octets(additional.data()),
                                              static_cast<int>(additional.size())) == 1;
  }
  ensure_openssl(succeeded, "AEAD nonce and additional data");
}

void Aead::seal(std::span<const std::byte> nonce, std::span<const std::byte> additional, std::span<std::byte> text,
                std::span<std::byte> tag) {
  ensure(tag.size() == tag_size_, "the tag has the cipher's size");
  start(nonce, additional, text.size());
  EVP_CIPHER_CTX* context = context_.get();
  unsigned char none = 0;
  unsigned char* const place = text.empty() ? &none : octets(text.data());
  int written = 0;
  bool succeeded = true;
  // CCM computes its tag in this call, also over no text.
  if (!text.empty() || length_first_) {
    succeeded = EVP_EncryptUpdate(context, place, &written, place, static_cast<int>(text.size())) == 1;
  }
  ensure_openssl(succeeded && EVP_EncryptFinal_ex(context, &none, &written) == 1 &&
                     EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, static_cast<int>(tag.size()), tag.data()) == 1,
                 "AEAD seal");
}

bool Aead::open(std::span<const std::byte> nonce, std::span<const std::byte> additional, std::span<std::byte> text,
                std::span<const std::byte> tag) {
  ensure(tag.size() == tag_size_, "the tag has the cipher's size");
  EVP_CIPHER_CTX* context = context_.get();
  // libcrypto takes a pointer to mutable bytes, and copies them.
  auto* const expected = const_cast<std::byte*>(tag.data());
  // CCM wants the tag before the nonce, the others anywhere before the end.
  ensure_openssl(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag.size()), expected) == 1,
                 "AEAD tag");
  start(nonce, additional, text.size());
  unsigned char none = 0;
  unsigned char* const place = text.empty() ? &none : octets(text.data());
  int written = 0;
  bool authentic = true;
  if (!text.empty() || length_first_) {
    authentic = EVP_DecryptUpdate(context, place, &written, place, static_cast<int>(text.size())) == 1;
  }
  if (authentic && !length_first_) authentic = EVP_DecryptFinal_ex(context, &none, &written) == 1;
  if (authentic) return true;
  ERR_clear_error();
  OPENSSL_cleanse(text.data(), text.size());
  return false;
}

}  // namespace cryptopath
