// The processor's last-level cache, seen as whole buffers: which were touched lately enough to be still in it.
//
// A copy between cached buffers costs processor time only; what misses crosses the memory bus, and what is pushed out
// dirty crosses it too. DMA does not allocate in the cache: a device's write throws the buffer out of it, and its read
// of a dirty buffer writes that back first (Keromytis et al. 2006, 5.4: what a card wrote is never in the cache).
#pragma once

#include <cstdint>
#include <list>
#include <unordered_map>

#include "cryptopath/units.hpp"

namespace cryptopath::sim {

/// Names a buffer for the cache. Buffers that are used again keep theirs.
using BufferIdentity = std::uint64_t;

class Cache {
 public:
  explicit Cache(Bytes capacity) : capacity_(capacity) {}

  struct Traffic {
    Bytes read;     // from memory: what was not there
    Bytes written;  // to memory: what was pushed out dirty
  };
  /// The processor reads `size` bytes of the buffer.
  Traffic read(BufferIdentity buffer, Bytes size) { return touch(buffer, size, Access::read); }
  /// The processor writes `size` bytes of the buffer; a line that is not there is read first.
  Traffic write(BufferIdentity buffer, Bytes size) { return touch(buffer, size, Access::write); }
  /// The processor writes whole lines, as rep movs and rep stos do from the P6 on: none is read first.
  Traffic overwrite(BufferIdentity buffer, Bytes size) { return touch(buffer, size, Access::overwrite); }
  /// A device reads the buffer: returns what had to be written back for it.
  Bytes device_read(BufferIdentity buffer);
  /// A device writes the buffer: it leaves the cache.
  void device_write(BufferIdentity buffer);

 private:
  struct Resident {
    BufferIdentity buffer;
    Bytes size;
    bool dirty;
  };
  enum class Access : std::uint8_t { read, write, overwrite };
  Traffic touch(BufferIdentity buffer, Bytes size, Access access);
  void evict(std::list<Resident>::iterator victim);

  Bytes capacity_;
  Bytes used_;
  std::list<Resident> by_use_;  // latest first
  std::unordered_map<BufferIdentity, std::list<Resident>::iterator> residents_;
};

}  // namespace cryptopath::sim
