#include "hardware/buffer.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace cryptopath::sim {

Buffer::Buffer(BufferIdentity identity, unsigned power, Reuse reuse, bool holds_bytes)
    : identity_(identity), power_(power), reuse_(reuse) {
  if (holds_bytes) bytes_ = std::make_unique<std::vector<std::byte>>(static_cast<std::size_t>(capacity().count));
}

void intrusive_ptr_release(Buffer* buffer) {
  if (--buffer->pointers_ > 0) return;
  const auto storage = std::move(buffer->storage_);  // which ends here if its pool has and no other buffer is out
  storage->free_of(buffer->reuse_, buffer->power_).push_back(buffer);
}

Bytes total_size(const Segments& segments) {
  Bytes total;
  for (const Segment& segment : segments) total += segment.size;
  return total;
}

Segments slice(const Segments& segments, Bytes offset, Bytes size) {
  Segments part;
  for (const Segment& segment : segments) {
    if (size.count == 0) break;
    if (offset >= segment.size) {
      offset -= segment.size;
      continue;
    }
    const Bytes taken = std::min(size, segment.size - offset);
    part.push_back({segment.buffer, segment.offset + offset, taken});
    offset = Bytes(0);
    size -= taken;
  }
  ensure(size.count == 0, "a scatter list is shorter than what was to be taken from it");
  return part;
}

Segments paged(const Segments& segments, Bytes page) {
  Segments pieces;
  for (const auto& [buffer, offset, size] : segments) {
    for (Bytes done; done < size;) {
      const Bytes left_of_page(page.count - (offset + done).count % page.count);
      pieces.push_back({buffer, offset + done, std::min(size - done, left_of_page)});
      done += pieces.back().size;
    }
  }
  return pieces;
}

void gather(const Segments& from, std::span<std::byte> to) {
  for (const Segment& segment : from) {
    const auto bytes = segment.buffer->bytes(segment.offset, segment.size);
    ensure(bytes.size() <= to.size(), "a scatter list is longer than its destination");
    std::copy(bytes.begin(), bytes.end(), to.begin());
    to = to.subspan(bytes.size());
  }
}

void scatter(std::span<const std::byte> from, const Segments& to) {
  for (const Segment& segment : to) {
    const auto bytes = segment.buffer->bytes(segment.offset, segment.size);
    ensure(bytes.size() <= from.size(), "a scatter list is longer than its source");
    std::copy_n(from.begin(), bytes.size(), bytes.begin());
    from = from.subspan(bytes.size());
  }
}

void move_bytes(const Segments& from, const Segments& to) {
  ensure(total_size(from) == total_size(to), "a copy must not change the size");
  auto source = from.begin();
  Bytes source_done;
  for (const Segment& target : to) {
    if (!target.buffer->holds_bytes()) return;
    for (Bytes target_done; target_done < target.size;) {
      if (source_done == source->size) {
        ++source;
        source_done = Bytes(0);
        continue;
      }
      const Bytes size = std::min(source->size - source_done, target.size - target_done);
      std::memmove(target.buffer->bytes(target.offset + target_done, size).data(),
                   source->buffer->bytes(source->offset + source_done, size).data(),
                   static_cast<std::size_t>(size.count));
      source_done += size;
      target_done += size;
    }
  }
}

Bytes device_read(Cache& cache, const Segments& segments) {
  Bytes dirty;
  for (const auto& [buffer, offset, size] : segments) dirty += cache.device_read(buffer->identity(), offset, size);
  return dirty;
}

Bytes device_write(Cache& cache, const Segments& segments) {
  Bytes dirty;
  for (const auto& [buffer, offset, size] : segments) dirty += cache.device_write(buffer->identity(), offset, size);
  return dirty;
}

BufferPointer BufferPool::allocate(Bytes capacity, Reuse reuse) {
  const auto least = static_cast<std::uint64_t>(std::max<std::int64_t>(capacity.count, 1));
  const auto power = static_cast<unsigned>(std::bit_width(least - 1));
  BufferStorage::Free& free = storage_->free_of(reuse, power);
  Buffer* buffer = nullptr;
  if (free.empty()) {
    buffer = &storage_->all.emplace_back(fresh_identity(), power, reuse, holds_bytes());
  } else if (reuse == Reuse::last_freed) {
    buffer = free.back();
    free.pop_back();
  } else {
    buffer = free.front();
    free.pop_front();
  }
  buffer->storage_ = storage_;
  return buffer;
}

}  // namespace cryptopath::sim
