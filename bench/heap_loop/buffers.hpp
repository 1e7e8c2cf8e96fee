// Buffers as the cache model needs them: a name each, and lists of free ones, last freed first. Those of malloc(9) have
// lists of their own, first freed first.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <deque>
#include <iterator>
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
  BufferIndex allocate(Bytes capacity, bool of_malloc = false) {
    const auto power = static_cast<std::size_t>(
        std::bit_width(std::bit_ceil(static_cast<std::uint64_t>(std::max<std::int64_t>(capacity.count, 1)))));
    auto& free = free_[of_malloc ? 1 : 0][power];
    if (free.empty()) {
      buffers_.push_back({++identities_, power, of_malloc});
      return buffers_.size() - 1;
    }
    const auto next = of_malloc ? free.begin() : std::prev(free.end());
    const BufferIndex index = *next;
    free.erase(next);
    return index;
  }
  void free(BufferIndex index) {
    const Buffer& buffer = buffers_[index];
    free_[buffer.of_malloc ? 1 : 0][buffer.power].push_back(index);
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
  std::vector<Buffer> buffers_;
  std::array<std::array<std::deque<BufferIndex>, 65>, 2> free_;  // malloc's own are the second
  sim::BufferIdentity identities_ = 0;
};

}  // namespace cryptopath::heap_loop
