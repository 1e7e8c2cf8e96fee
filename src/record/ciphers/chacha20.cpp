#include "chacha20.hpp"

#include <algorithm>

#include "cryptopath/errors.hpp"
#include "record/bytes.hpp"

namespace cryptopath {

ChaCha20::ChaCha20(std::span<const std::byte> key) : context_(new_cipher_context()) {
  ensure(key.size() == key_size, "a key of the cipher's size");
  const auto cipher = fetch_cipher("ChaCha20");
  ensure_openssl(EVP_EncryptInit_ex2(context_.get(), cipher.get(), octets(key.data()), nullptr, nullptr) == 1,
                 "ChaCha20 key");
}

void ChaCha20::start(std::span<const std::byte, 8> nonce) {
  std::array<std::byte, 16> counter_and_nonce{};
  std::ranges::copy(nonce, counter_and_nonce.begin() + 8);
  ensure_openssl(EVP_EncryptInit_ex2(context_.get(), nullptr, nullptr, octets(counter_and_nonce.data()), nullptr) == 1,
                 "ChaCha20 nonce");
}

void ChaCha20::run(std::span<std::byte> text) {
  int written = 0;
  ensure_openssl(EVP_EncryptUpdate(context_.get(), octets(text.data()), &written, octets(text.data()),
                                   static_cast<int>(text.size())) == 1,
                 "ChaCha20");
}

Poly1305::Poly1305() {
  const Owned<EVP_MAC, EVP_MAC_free> algorithm(EVP_MAC_fetch(nullptr, "POLY1305", nullptr));
  ensure_openssl(algorithm != nullptr, "Poly1305");
  context_.reset(EVP_MAC_CTX_new(algorithm.get()));
  ensure_openssl(context_ != nullptr, "Poly1305");
}

std::array<std::byte, Poly1305::tag_size> Poly1305::compute(std::span<const std::byte, key_size> key,
                                                            std::span<const std::byte> text) {
  std::array<std::byte, tag_size> tag;
  std::size_t written = 0;
  ensure_openssl(EVP_MAC_init(context_.get(), octets(key.data()), key.size(), nullptr) == 1 &&
                     EVP_MAC_update(context_.get(), octets(text.data()), text.size()) == 1 &&
                     EVP_MAC_final(context_.get(), octets(tag.data()), &written, tag.size()) == 1,
                 "Poly1305");
  return tag;
}

}  // namespace cryptopath
