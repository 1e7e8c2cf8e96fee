// What suites that carry state from one record to the next need.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "cryptopath/errors.hpp"
#include "record/bytes.hpp"
#include "record/formats.hpp"

namespace cryptopath {

/// Holds whoever seals to the order of the records.
class RecordOrder {
 public:
  explicit RecordOrder(std::uint64_t first) : next_(first) {}
  /// Throws Fault unless `sequence` follows on the last one.
  void take(std::uint64_t sequence) {
    ensure(sequence == next_, "records of a suite that chains are sealed in their order");
    ++next_;
  }

 private:
  std::uint64_t next_;
};

/// CBC without explicit IVs: the last block of a record's ciphertext is the IV of the next.
class ChainedIv {
 public:
  ChainedIv(const Cipher& cipher, const TrafficKeys& keys) : order(keys.sequence), size_(to_size(cipher.block)) {
    ensure(keys.implicit_iv.size() == size_, "the first IV is a block");
    std::ranges::copy(keys.implicit_iv, iv_.begin());
  }

  std::span<const std::byte> iv() const { return std::span(iv_).first(size_); }
  /// A copy, to decipher with once follow() has read the ciphertext.
  SecretBytes<16> saved_iv() const { return iv_; }
  /// `ciphertext` is at least a block.
  void follow(std::span<const std::byte> ciphertext) { std::ranges::copy(ciphertext.last(size_), iv_.begin()); }

  RecordOrder order;

 private:
  SecretBytes<16> iv_;
  std::size_t size_;
};

}  // namespace cryptopath
