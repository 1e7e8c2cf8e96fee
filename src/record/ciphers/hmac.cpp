#include "hmac.hpp"

#include <openssl/crypto.h>

#include <algorithm>

#include "cryptopath/errors.hpp"
#include "record/bytes.hpp"

namespace cryptopath {

namespace {

Owned<EVP_MD, EVP_MD_free> fetch_digest(const char* name) {
  Owned<EVP_MD, EVP_MD_free> digest(EVP_MD_fetch(nullptr, name, nullptr));
  ensure_openssl(digest != nullptr, name);
  return digest;
}

}  // namespace

Hmac::Hmac(const char* digest, std::span<const std::byte> key)
    : digest_(fetch_digest(digest)),
      context_(new_digest_context()),
      size_(static_cast<std::size_t>(EVP_MD_get_size(digest_.get()))) {
  ensure(EVP_MD_get_block_size(digest_.get()) == block_size && size_ <= largest_tag, "HMAC knows the digest's sizes");
  std::array<unsigned char, block_size> padded{};
  if (key.size() > block_size) {
    ensure_openssl(EVP_Digest(key.data(), key.size(), padded.data(), nullptr, digest_.get(), nullptr) == 1, "HMAC key");
  } else {
    std::copy_n(octets(key.data()), key.size(), padded.begin());
  }
  std::ranges::transform(padded, inner_key_.begin(), [](unsigned char byte) { return byte ^ 0x36; });
  std::ranges::transform(padded, outer_key_.begin(), [](unsigned char byte) { return byte ^ 0x5c; });
  OPENSSL_cleanse(padded.data(), padded.size());
  ensure_openssl(EVP_DigestInit_ex2(context_.get(), digest_.get(), nullptr) == 1, "HMAC");
}

Hmac::~Hmac() {
  OPENSSL_cleanse(inner_key_.data(), inner_key_.size());
  OPENSSL_cleanse(outer_key_.data(), outer_key_.size());
}

void Hmac::compute(std::initializer_list<std::span<const std::byte>> pieces, std::span<std::byte> tag) {
  ensure(tag.size() <= size_, "a tag is at most the digest");
  EVP_MD_CTX* context = context_.get();
  std::array<unsigned char, largest_tag> digest;
  bool succeeded = EVP_DigestInit_ex2(context, nullptr, nullptr) == 1 &&
                   EVP_DigestUpdate(context, inner_key_.data(), inner_key_.size()) == 1;
  for (const auto piece : pieces) succeeded = succeeded && EVP_DigestUpdate(context, piece.data(), piece.size()) == 1;
  succeeded = succeeded && EVP_DigestFinal_ex(context, digest.data(), nullptr) == 1 &&
              EVP_DigestInit_ex2(context, nullptr, nullptr) == 1 &&
              EVP_DigestUpdate(context, outer_key_.data(), outer_key_.size()) == 1 &&
              EVP_DigestUpdate(context, digest.data(), size_) == 1 &&
              EVP_DigestFinal_ex(context, digest.data(), nullptr) == 1;
  ensure_openssl(succeeded, "HMAC");
  std::copy_n(digest.begin(), tag.size(), octets(tag.data()));
}

bool Hmac::verify(std::initializer_list<std::span<const std::byte>> pieces, std::span<const std::byte> tag) {
  std::array<std::byte, largest_tag> expected;
  const auto part = std::span(expected).first(tag.size());
  compute(pieces, part);
  return CRYPTO_memcmp(part.data(), tag.data(), tag.size()) == 0;
}

}  // namespace cryptopath
