// Pieces of simulated memory. With a real payload they hold bytes, and every copy and DMA moves them; with a modelled
// payload they have a size and an identity only.
#pragma once

#include <array>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <cstddef>
#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "cryptopath/units.hpp"
#include "hardware/cache.hpp"

namespace cryptopath::sim {

struct BufferStorage;

/// Which of the free buffers an allocator hands out next, which decides what of it is still in the cache.
enum class Reuse : std::uint8_t {
  last_freed,   // a stack, as pool(9) and with it mbufs have it
  first_freed,  // a queue, as malloc(9) has it: free() appends to its bucket's list (sys/kern/kern_malloc.c)
};

class Buffer {
 public:
  /// Of two to the `power`.
  Buffer(BufferIdentity identity, unsigned power, Reuse reuse, bool holds_bytes);

  BufferIdentity identity() const { return identity_; }
  Bytes capacity() const { return Bytes(std::int64_t{1} << power_); }
  bool holds_bytes() const { return bytes_ != nullptr; }
  /// Only of a buffer that holds bytes.
  std::span<std::byte> bytes(Bytes offset, Bytes size) {
    ensure(holds_bytes() && offset.count >= 0 && size.count >= 0 && offset + size <= capacity(),
           "a buffer was overrun");
    return std::span(*bytes_).subspan(static_cast<std::size_t>(offset.count), static_cast<std::size_t>(size.count));
  }
  /// The storage now stands for other memory: the cache knows nothing of it.
  void rename(BufferIdentity identity) { identity_ = identity; }

 private:
  friend class BufferPool;
  friend void intrusive_ptr_add_ref(Buffer* buffer) { ++buffer->pointers_; }
  /// The last one gives it back to its pool.
  friend void intrusive_ptr_release(Buffer* buffer);
  BufferIdentity identity_;
  std::unique_ptr<std::vector<std::byte>> bytes_;  // null with a modelled payload
  boost::intrusive_ptr<BufferStorage> storage_;    // of its pool, while it is out
  unsigned power_;
  Reuse reuse_;
  int pointers_ = 0;  // to it; a simulation is one thread
};

using BufferPointer = boost::intrusive_ptr<Buffer>;

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
/// The same memory in pieces that lie in one page each: devices address physical memory, which is contiguous within a
/// page only.
Segments paged(const Segments& segments, Bytes page);
/// Moves bytes, where there are any, between two lists of the same size.
void move_bytes(const Segments& from, const Segments& to);
void gather(const Segments& from, std::span<std::byte> to);
void scatter(std::span<const std::byte> from, const Segments& to);

/// A device reads the segments: returns what the cache must write back to memory for it.
Bytes device_read(Cache& cache, const Segments& segments);
/// A device writes them: they leave the cache. Returns what the cache must write back beside them.
Bytes device_write(Cache& cache, const Segments& segments);

/// The buffers of a pool: there as long as the pool, or one of them is out.
struct BufferStorage : boost::intrusive_ref_counter<BufferStorage, boost::thread_unsafe_counter> {
  bool holds_bytes = false;
  BufferIdentity identities = 0;
  std::deque<Buffer> all;
  /// In the order in which they were freed.
  using Free = std::deque<Buffer*>;
  std::array<std::array<Free, 63>, 2> free;  // by who hands them out and their power of two
  Free& free_of(Reuse reuse, unsigned power) { return free.at(static_cast<std::size_t>(reuse)).at(power); }
};

/// Hands out buffers and takes them back. Those of the two kinds of reuse are apart.
class BufferPool {
 public:
  explicit BufferPool(bool holds_bytes) : storage_(new BufferStorage) { storage_->holds_bytes = holds_bytes; }

  /// A buffer of at least `capacity`, rounded up to a power of two.
  BufferPointer allocate(Bytes capacity, Reuse reuse = Reuse::last_freed);
  bool holds_bytes() const { return storage_->holds_bytes; }
  /// A name that no buffer had before.
  BufferIdentity fresh_identity() { return ++storage_->identities; }

 private:
  boost::intrusive_ptr<BufferStorage> storage_;  // shared with the buffers that are out
};

}  // namespace cryptopath::sim
