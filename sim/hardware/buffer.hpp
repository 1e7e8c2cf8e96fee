// Pieces of simulated memory. With a real payload they hold bytes, and every copy and DMA moves them; with a modelled
// payload they have a size and an identity only.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "cryptopath/units.hpp"
#include "hardware/cache.hpp"

namespace cryptopath::sim {

class Buffer {
 public:
  Buffer(BufferIdentity identity, Bytes capacity, bool holds_bytes)
      : identity_(identity), capacity_(capacity), holds_bytes_(holds_bytes) {
    if (holds_bytes) bytes_.resize(static_cast<std::size_t>(capacity.count));
  }

  BufferIdentity identity() const { return identity_; }
  Bytes capacity() const { return capacity_; }
  bool holds_bytes() const { return holds_bytes_; }
  /// Only of a buffer that holds bytes.
  std::span<std::byte> bytes(Bytes offset, Bytes size) {
    ensure(offset.count >= 0 && size.count >= 0 && offset + size <= capacity_, "a buffer was overrun");
    return std::span(bytes_).subspan(static_cast<std::size_t>(offset.count), static_cast<std::size_t>(size.count));
  }
  /// The storage now stands for other memory: the cache knows nothing of it.
  void rename(BufferIdentity identity) { identity_ = identity; }

 private:
  BufferIdentity identity_;
  Bytes capacity_;
  bool holds_bytes_;
  std::vector<std::byte> bytes_;
};

using BufferPointer = std::shared_ptr<Buffer>;

/// A part of a buffer: what descriptors and mbufs point to.
struct Segment {
  BufferPointer buffer;
  Bytes offset;
  Bytes size;
};
using Segments = std::vector<Segment>;

Bytes total_size(const Segments& segments);
/// The part of `segments` that starts at `offset` and is `size` long. They must reach so far.
Segments slice(const Segments& segments, Bytes offset, Bytes size);
/// The first `size` bytes of a buffer by pages: devices address physical memory, which is contiguous within a page
/// only.
Segments paged(const BufferPointer& buffer, Bytes size, Bytes page);
/// Moves bytes, where there are any, between two lists of the same size.
void move_bytes(const Segments& from, const Segments& to);
void gather(const Segments& from, std::span<std::byte> to);
void scatter(std::span<const std::byte> from, const Segments& to);

/// A device reads the segments: returns what the cache must write back to memory for it.
Bytes device_read(Cache& cache, const Segments& segments);

/// Hands out buffers and takes them back, last freed first, so that memory freed while it is in the cache is used again
/// while it still is, as malloc(9) and the mbuf allocator do.
class BufferPool {
 public:
  explicit BufferPool(bool holds_bytes) : state_(std::make_shared<State>()) { state_->holds_bytes = holds_bytes; }

  /// A buffer of at least `capacity`, rounded up to a power of two.
  BufferPointer allocate(Bytes capacity);
  bool holds_bytes() const { return state_->holds_bytes; }
  /// A name that no buffer had before.
  BufferIdentity fresh_identity() { return ++state_->identities; }

 private:
  struct State {
    bool holds_bytes = false;
    BufferIdentity identities = 0;
    std::unordered_map<std::int64_t, std::vector<std::unique_ptr<Buffer>>> free;
  };
  std::shared_ptr<State> state_;  // shared with the buffers that are out
};

}  // namespace cryptopath::sim
