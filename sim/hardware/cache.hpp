// The processor's last-level cache: which parts of which buffers were touched lately enough to be still in it.
//
// It is set-associative and looks memory up by its physical address: pages whose addresses end alike, of one colour,
// share a part of it that holds as many of them as it has ways, and the least recently used leaves. Which physical page
// a kernel gives to a page of a buffer is chance, of the run's seed. So what does not fit as a whole is still there in
// part, more or less of it as its pages fell.
//
// A copy between cached buffers costs processor time only; what misses crosses the memory bus, and what is pushed out
// dirty crosses it too. DMA does not allocate in the cache: a device's write throws what it writes out of it, and its
// read of what is dirty writes that back first (Keromytis et al. 2006, 5.4: what a card wrote is never in the cache).
#pragma once

#include <cstdint>
#include <list>
#include <unordered_map>
#include <vector>

#include "cryptopath/units.hpp"

namespace cryptopath::sim {

/// Names a buffer for the cache. Buffers that are used again keep theirs.
using BufferIdentity = std::uint64_t;

class Cache {
 public:
  /// Where a way holds less than two pages, all pages have the same colour.
  explicit Cache(Bytes capacity, std::int64_t ways = 1, Bytes page = Bytes(4096), std::uint64_t seed = 0);

  struct Traffic {
    Bytes read;     // from memory: what was not there
    Bytes written;  // to memory: what was pushed out dirty
  };
  /// The processor reads `size` bytes of the buffer.
  Traffic read(BufferIdentity buffer, Bytes offset, Bytes size) { return touch(buffer, offset, size, Access::read); }
  /// The processor writes `size` bytes of the buffer; a line that is not there is read first.
  Traffic write(BufferIdentity buffer, Bytes offset, Bytes size) { return touch(buffer, offset, size, Access::write); }
  /// The processor writes whole lines, as rep movs and rep stos do from the P6 on, which invalidate a line and do not
  /// read it (Intel 64 and IA-32 Software Developer's Manual 3A, 253668-032, 8.2.4).
  Traffic overwrite(BufferIdentity buffer, Bytes offset, Bytes size) {
    return touch(buffer, offset, size, Access::overwrite);
  }
  /// A device reads of the buffer: returns what had to be written back for it, with what lies apart from the longest
  /// rest.
  Bytes device_read(BufferIdentity buffer, Bytes offset, Bytes size);
  /// A device writes into the buffer: that part leaves the cache. Returns what had to be written back of the rest,
  /// where it lies on both sides of it and only one can stay.
  Bytes device_write(BufferIdentity buffer, Bytes offset, Bytes size);

 private:
  /// Bytes of a page, from one up to another.
  struct Range {
    std::int64_t from = 0;
    std::int64_t to = 0;
    std::int64_t size() const { return to - from; }
  };
  static Range overlap(Range a, Range b);
  /// What is left of `range`; the longer side where the hole parts it.
  static Range without(Range range, Range hole);

  using PageKey = std::uint64_t;
  struct Resident {
    PageKey page;
    Range present;
    Range dirty;  // within it
  };
  struct Colour {
    std::int64_t used = 0;
    std::list<Resident> by_use = {};  // latest first
  };
  enum class Access : std::uint8_t { read, write, overwrite };

  Colour& colour_of(PageKey page);
  Traffic touch(BufferIdentity buffer, Bytes offset, Bytes size, Access access);
  void touch_page(PageKey page, Range range, Access access, Traffic& traffic);
  void evict(Colour& colour, std::list<Resident>::iterator victim);
  /// Calls `act(page, range)` for each page that a part of a buffer lies in.
  template <class Act>
  void for_each_page(BufferIdentity buffer, Bytes offset, Bytes size, Act act) const;

  std::int64_t page_;
  std::uint64_t seed_;
  std::vector<Colour> colours_;
  std::int64_t capacity_;  // of each colour
  std::unordered_map<PageKey, std::list<Resident>::iterator> residents_;
};

}  // namespace cryptopath::sim
