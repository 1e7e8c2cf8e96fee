// Buffers as the cache model needs them: a name each, and lists of free ones, last freed first.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
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
    const auto power = static_cast<std::size_t>(
        std::bit_width(std::bit_ceil(static_cast<std::uint64_t>(std::max<std::int64_t>(capacity.count, 1)))));
    auto& free = free_[power];
    if (free.empty()) {
      buffers_.push_back({++identities_, power});
      return buffers_.size() - 1;
    }
    const BufferIndex index = free.back();
    free.pop_back();
    return index;
  }
  void free(BufferIndex index) { free_[buffers_[index].power].push_back(index); }
  /// The buffer now stands for memory that the cache does not know.
  void rename(BufferIndex index) { buffers_[index].identity = ++identities_; }
  sim::BufferIdentity identity(BufferIndex index) const { return buffers_[index].identity; }

 private:
  struct Buffer {
    sim::BufferIdentity identity;
    std::size_t power;  // of two
  };
  std::vector<Buffer> buffers_;
  std::array<std::vector<BufferIndex>, 65> free_;
  sim::BufferIdentity identities_ = 0;
};

}  // namespace cryptopath::heap_loop
