// CBC (NIST SP 800-38A) with DES, 3DES or AES, without padding: protocols pad by themselves.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "record/bytes.hpp"
#include "record/formats.hpp"
#include "record/openssl.hpp"

namespace cryptopath {

/// A cipher's key, as libcrypto wants it. DES is 3DES with one key three times over, as cards do it; libcrypto's
/// default provider has no single DES.
class CbcKey {
 public:
  explicit CbcKey(std::span<const std::byte> key);
  const unsigned char* data() const { return octets(bytes_.data()); }

 private:
  SecretBytes<32> bytes_;
};

class Cbc {
 public:
  enum class Direction { encrypt, decrypt };

  /// Throws Fault unless cipher.kind is cbc and the key has its size.
  Cbc(const Cipher& cipher, std::span<const std::byte> key, Direction direction);

  std::size_t block_size() const { return block_size_; }
  /// Runs over `text`, whole blocks, in place. `iv` is one block.
  void run(std::span<const std::byte> iv, std::span<std::byte> text);

 private:
  std::size_t block_size_;
  CipherContext context_;
};

/// Explicit IVs and random padding of CBC: the start of AES-256(seed, sequence, which), unpredictable to who lacks the
/// seed (NIST SP 800-38A, appendix C), and the same whoever seals the record and when.
class IvGenerator {
 public:
  explicit IvGenerator(const std::array<std::byte, 32>& seed);
  /// Fills `bytes`, at most 256 of them.
  void fill(std::uint64_t sequence, std::span<std::byte> bytes);

 private:
  CipherContext context_;
};

}  // namespace cryptopath
