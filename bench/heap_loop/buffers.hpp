// Buffers as the cache model needs them: a name each, and lists of free ones, last freed first. Those of malloc(9) have
// lists of their own, first freed first.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <deque>
#include <vector>

#include "cryptopath/units.hpp"
#include "hardware/cache.hpp"

namespace cryptopath::heap_loop {

using BufferIndex = std::size_t;

/// A piece of a buffer.
struct Piece {
  BufferIndex buffer;
  Bytes offset;
  Bytes size;
};

class BufferPool {
 public:
  BufferIndex allocate(Bytes capacity) {
    const std::size_t power = power_of(capacity);
    auto& free = free_[power];
    if (free.empty()) return make(power, false);
    const BufferIndex index = free.back();
    free.pop_back();
    return index;
  }
  BufferIndex allocate_by_malloc(Bytes capacity) {
    const std::size_t power = power_of(capacity);
    auto& free = free_of_malloc_[power];
    if (free.empty()) return make(power, true);
    const BufferIndex index = free.front();
    free.pop_front();
    return index;
  }
  void free(BufferIndex index) {
    const Buffer& buffer = buffers_[index];
    (buffer.of_malloc ? free_of_malloc_ : free_)[buffer.power].push_back(index);
  }
  /// The buffer now stands for memory that the cache does not know.
  void rename(BufferIndex index) { buffers_[index].identity = ++identities_; }
  sim::BufferIdentity identity(BufferIndex index) const { return buffers_[index].identity; }

 private:
  struct Buffer {
    sim::BufferIdentity identity;
    std::size_t power;  // of two
    bool of_malloc;
  };
  static std::size_t power_of(Bytes capacity) {
    return static_cast<std::size_t>(
        std::bit_width(std::bit_ceil(static_cast<std::uint64_t>(std::max<std::int64_t>(capacity.count, 1)))));
  }
  BufferIndex make(std::size_t power, bool of_malloc) {
    buffers_.push_back({++identities_, power, of_malloc});
    return buffers_.size() - 1;
  }
  std::vector<Buffer> buffers_;
  std::array<std::deque<BufferIndex>, 65> free_;
  std::array<std::deque<BufferIndex>, 65> free_of_malloc_;
  sim::BufferIdentity identities_ = 0;
};

}  // namespace cryptopath::heap_loop
