#include "cbc.hpp"

#include <openssl/crypto.h>

#include <algorithm>

#include "cryptopath/errors.hpp"

namespace cryptopath {

CbcKey::CbcKey(std::span<const std::byte> key) {
  constexpr std::size_t des_key = 8;
  ensure(key.size() <= bytes_.size(), "a CBC key has at most 32 bytes");
  auto end = bytes_.begin();
  for (int copies = key.size() == des_key ? 3 : 1; copies > 0; --copies) {
    end = std::ranges::copy(key, end).out;
  }
}

Cbc::Cbc(const Cipher& cipher, std::span<const std::byte> key, Direction direction)
    : block_size_(to_size(cipher.block)), context_(new_cipher_context()) {
  ensure(cipher.kind == CipherKind::cbc && size_of(key) == cipher.key, "a key of the cipher's size");
  const auto algorithm = fetch_cipher(cipher.name);
  const CbcKey whole(key);
  ensure_openssl(EVP_CipherInit_ex2(context_.get(), algorithm.get(), whole.data(), nullptr,
                                    direction == Direction::encrypt ? 1 : 0, nullptr) == 1 &&
                     EVP_CIPHER_CTX_set_padding(context_.get(), 0) == 1,
                 "CBC key");
}

void Cbc::run(std::span<const std::byte> iv, std::span<std::byte> text) {
  ensure(iv.size() == block_size_ && text.size() % block_size_ == 0, "CBC runs over whole blocks");
  int written = 0;
  ensure_openssl(EVP_CipherInit_ex2(context_.get(), nullptr, nullptr, octets(iv.data()), -1, nullptr) == 1 &&
                     EVP_CipherUpdate(context_.get(), octets(text.data()), &written, octets(text.data()),
                                      static_cast<int>(text.size())) == 1,
                 "CBC");
}

IvGenerator::IvGenerator(const std::array<std::byte, 32>& seed) : context_(new_cipher_context()) {
  const auto generator = fetch_cipher("AES-256-ECB");
  ensure_openssl(EVP_EncryptInit_ex2(context_.get(), generator.get(), octets(seed.data()), nullptr, nullptr) == 1,
                 "IV seed");
}

void IvGenerator::fill(std::uint64_t sequence, std::span<std::byte> bytes) {
  constexpr std::size_t block_size = 16;
  ensure(bytes.size() <= 256, "a record draws at most 256 bytes");
  for (std::uint64_t which = 0; !bytes.empty(); ++which) {
    std::array<std::byte, block_size> block;
    const auto rest = std::ranges::copy(big_endian(sequence), block.begin()).out;
    std::ranges::copy(big_endian(which), rest);
    int written = 0;
    ensure_openssl(EVP_EncryptUpdate(context_.get(), octets(block.data()), &written, octets(block.data()),
                                     static_cast<int>(block_size)) == 1,
                   "random bytes of a record");
    const auto now = std::min(bytes.size(), block_size);
    std::copy_n(block.begin(), now, bytes.begin());
    bytes = bytes.subspan(now);
  }
}

}  // namespace cryptopath
