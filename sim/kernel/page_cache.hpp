// The page cache of the file that is sent: hot, or filled from the disk a read-ahead at a time.
#pragma once

#include <vector>

#include "hardware/disk.hpp"
#include "kernel/file_source.hpp"
#include "kernel/kernel.hpp"

namespace cryptopath::sim {

class PageCache {
 public:
  /// `disk` may be null for a file that is hot.
  PageCache(Kernel& kernel, const FileSource& source, Bytes file_size, bool hot, Disk* disk);

  Bytes file_size() const { return file_size_; }
  /// The pages that hold [offset, offset + size) of the file. Sleeps while they come from the disk, and has the disk
  /// read ahead. The pages are the cache's: they must not be written.
  Task<Segments> pages(const Context& context, Bytes offset, Bytes size);

  /// Read-aheads that have come from the disk so far.
  std::int64_t chunks_read() const { return chunks_read_; }
  /// The disk's interrupt handler.
  Task<> on_disk_interrupt();

 private:
  enum class State : std::uint8_t { absent, reading, resident };
  Task<> read_ahead(const Context& context, std::size_t chunk);

  Kernel& kernel_;
  const FileSource& source_;
  Bytes file_size_;
  Disk* disk_;
  Bytes chunk_size_;
  std::vector<State> chunks_;  // of read-ahead size; empty for a hot file
  std::int64_t chunks_read_ = 0;
  WaitChannel biowait_{"biowait", Priority::disk};
};

}  // namespace cryptopath::sim
