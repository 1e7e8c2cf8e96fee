#include "rc4.hpp"

#include <openssl/provider.h>

#include <algorithm>
#include <functional>

#include "record/bytes.hpp"

namespace cryptopath {

namespace {

/// A library context of its own: loading the legacy provider into the default one would keep libcrypto from loading its
/// default provider by itself.
class LegacyLibrary {
 public:
  LegacyLibrary() : context_(OSSL_LIB_CTX_new()) {
    ensure_openssl(context_ != nullptr, "new library context");
    provider_.reset(OSSL_PROVIDER_load(context_.get(), "legacy"));
    ensure_openssl(provider_ != nullptr, "the legacy provider, which has RC4");
  }
  OSSL_LIB_CTX* get() const { return context_.get(); }

 private:
  Owned<OSSL_LIB_CTX, OSSL_LIB_CTX_free> context_;
  Owned<OSSL_PROVIDER, OSSL_PROVIDER_unload> provider_;
};

/// `keystream` is at least as long.
void exclusive_or(std::span<std::byte> text, std::span<const std::byte> keystream) {
  std::ranges::transform(text, keystream, text.begin(), std::bit_xor<>());
}

}  // namespace

Rc4::Rc4(std::span<const std::byte> key, std::uint64_t first_sequence, std::uint64_t keystream_used)
    : order_(first_sequence), context_(new_cipher_context()) {
  static const LegacyLibrary library;
  const Owned<EVP_CIPHER, EVP_CIPHER_free> cipher(EVP_CIPHER_fetch(library.get(), "RC4", nullptr));
  ensure_openssl(cipher != nullptr && key.size() == static_cast<std::size_t>(EVP_CIPHER_get_key_length(cipher.get())) &&
                     EVP_EncryptInit_ex2(context_.get(), cipher.get(), octets(key.data()), nullptr, nullptr) == 1,
                 "RC4 key");
  std::array<std::byte, 1024> skipped{};
  while (keystream_used > 0) {
    const auto now = std::min<std::uint64_t>(keystream_used, skipped.size());
    run_next(std::span(skipped).first(now));
    keystream_used -= now;
  }
}

void Rc4::run(std::uint64_t sequence, std::span<std::byte> text) {
  order_.take(sequence);
  run_next(text);
}

void Rc4::run_next(std::span<std::byte> text) {
  const std::size_t drawn = std::min(text.size(), ahead_size_);
  exclusive_or(text.first(drawn), ahead_);
  std::shift_left(ahead_.begin(), ahead_.end(), static_cast<std::ptrdiff_t>(drawn));
  ahead_size_ -= drawn;
  draw(text.subspan(drawn));
}

void Rc4::peek(std::span<std::byte> text) {
  ensure(text.size() <= largest_peek, "RC4 looks ahead that far");
  if (text.size() > ahead_size_) {
    const auto missing = std::span(ahead_).subspan(ahead_size_, text.size() - ahead_size_);
    wipe(missing);  // zeros, enciphered, are the keystream
    draw(missing);
    ahead_size_ = text.size();
  }
  exclusive_or(text, ahead_);
}

void Rc4::draw(std::span<std::byte> text) {
  if (text.empty()) return;
  int written = 0;
  ensure_openssl(EVP_EncryptUpdate(context_.get(), octets(text.data()), &written, octets(text.data()),
                                   static_cast<int>(text.size())) == 1,
                 "RC4");
}

}  // namespace cryptopath
