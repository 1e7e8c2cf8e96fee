#include "hardware/cache.hpp"

#include <algorithm>

namespace cryptopath::sim {

Cache::Traffic Cache::touch(BufferIdentity buffer, Bytes size, Access access) {
  const bool write = access != Access::read;
  Traffic traffic;
  Bytes present;
  bool dirty = write;
  if (const auto found = residents_.find(buffer); found != residents_.end()) {
    present = found->second->size;
    dirty = dirty || found->second->dirty;
    evict(found->second);
  }
  if (access != Access::overwrite) traffic.read = std::max(Bytes(0), size - present);
  // Of a buffer larger than the cache only its end stays.
  const Bytes stays = std::min(std::max(size, present), capacity_);
  if (write) traffic.written += size - std::min(size, stays);
  while (used_ + stays > capacity_) {
    const auto oldest = std::prev(by_use_.end());
    if (oldest->dirty) traffic.written += oldest->size;
    evict(oldest);
  }
  by_use_.push_front({buffer, stays, dirty});
  residents_[buffer] = by_use_.begin();
  used_ += stays;
  return traffic;
}

void Cache::evict(std::list<Resident>::iterator victim) {
  used_ -= victim->size;
  residents_.erase(victim->buffer);
  by_use_.erase(victim);
}

Bytes Cache::device_read(BufferIdentity buffer) {
  const auto found = residents_.find(buffer);
  if (found == residents_.end() || !found->second->dirty) return Bytes(0);
  found->second->dirty = false;
  return found->second->size;
}

void Cache::device_write(BufferIdentity buffer) {
  if (const auto found = residents_.find(buffer); found != residents_.end()) evict(found->second);
}

}  // namespace cryptopath::sim
