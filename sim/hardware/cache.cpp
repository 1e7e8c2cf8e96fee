#include "hardware/cache.hpp"

#include <algorithm>

namespace cryptopath::sim {

namespace {

constexpr unsigned page_bits = 24;  // of a page's name: which of its buffer's pages it is

/// Spreads neighbours evenly: the finalizer of SplitMix64 (Steele, Lea, Flood 2014).
std::uint64_t scattered(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
  value = (value ^ value >> 27) * 0x94d049bb133111eb;
  return value ^ value >> 31;
}

std::size_t colours_of(Bytes capacity, std::int64_t ways, Bytes page) {
  return static_cast<std::size_t>(std::max<std::int64_t>(1, capacity.count / ways / page.count));
}

}  // namespace

Cache::Cache(Bytes capacity, std::int64_t ways, Bytes page, std::uint64_t seed)
    : page_(page.count),
      seed_(scattered(seed)),
      colours_(colours_of(capacity, ways, page)),
      capacity_(capacity.count / std::ssize(colours_)) {}

Cache::Range Cache::overlap(Range a, Range b) {
  const Range both{std::max(a.from, b.from), std::min(a.to, b.to)};
  return both.from < both.to ? both : Range{};
}

Cache::Range Cache::without(Range range, Range hole) {
  if (overlap(range, hole).size() == 0) return range;
  const Range before{range.from, std::max(range.from, hole.from)};
  const Range after{std::min(range.to, hole.to), range.to};
  return before.size() > after.size() ? before : after;
}

template <class Act>
void Cache::for_each_page(BufferIdentity buffer, Bytes offset, Bytes size, Act act) const {
  const std::int64_t end = offset.count + size.count;
  ensure(end <= page_ << page_bits, "a buffer has more pages than the cache can name");
  for (std::int64_t at = offset.count; at < end;) {
    const std::int64_t page = at / page_;
    const std::int64_t page_end = std::min(end, (page + 1) * page_);
    act(buffer << page_bits | static_cast<PageKey>(page), Range{at - page * page_, page_end - page * page_});
    at = page_end;
  }
}

Cache::Colour& Cache::colour_of(PageKey page) { return colours_[scattered(page ^ seed_) % colours_.size()]; }

Cache::Traffic Cache::touch(BufferIdentity buffer, Bytes offset, Bytes size, Access access) {
  Traffic traffic;
  for_each_page(buffer, offset, size, [&](PageKey page, Range range) { touch_page(page, range, access, traffic); });
  return traffic;
}

void Cache::touch_page(PageKey page, Range range, Access access, Traffic& traffic) {
  Colour& colour = colour_of(page);
  std::list<Resident> apart;  // it stands outside of its colour until that has made room
  if (const auto found = residents_.find(page); found != residents_.end()) {
    colour.used -= found->second->present.size();
    apart.splice(apart.begin(), colour.by_use, found->second);
  } else {
    residents_[page] = apart.insert(apart.begin(), {page, {}, {}});
  }
  Resident& resident = apart.front();
  const auto write_back = [&traffic](Range dirty) { traffic.written += Bytes(dirty.size()); };
  if (access != Access::overwrite) traffic.read += Bytes(range.size() - overlap(resident.present, range).size());
  const auto joined = [&range](Range part) {
    return part.size() == 0 ? range : Range{std::min(part.from, range.from), std::max(part.to, range.to)};
  };
  if (range.from > resident.present.to || range.to < resident.present.from) {
    // One range a page is enough for who goes through it in order; what lies apart from this one leaves.
    write_back(resident.dirty);
    resident.present = resident.dirty = {};
  }
  resident.present = joined(resident.present);
  if (access != Access::read) resident.dirty = joined(resident.dirty);
  // Of what is larger than its colour only the end stays.
  const Range passed_on{resident.present.from, std::max(resident.present.from, resident.present.to - capacity_)};
  write_back(overlap(resident.dirty, passed_on));
  resident.present.from = passed_on.to;
  resident.dirty = overlap(resident.dirty, resident.present);
  if (resident.present.size() == 0) {
    residents_.erase(page);
    return;
  }
  while (colour.used + resident.present.size() > capacity_) {
    const auto oldest = std::prev(colour.by_use.end());
    write_back(oldest->dirty);
    evict(colour, oldest);
  }
  colour.used += resident.present.size();
  colour.by_use.splice(colour.by_use.begin(), apart);
}

void Cache::evict(Colour& colour, std::list<Resident>::iterator victim) {
  colour.used -= victim->present.size();
  residents_.erase(victim->page);
  colour.by_use.erase(victim);
}

Bytes Cache::device_read(BufferIdentity buffer, Bytes offset, Bytes size) {
  std::int64_t written_back = 0;
  for_each_page(buffer, offset, size, [&](PageKey page, Range range) {
    const auto found = residents_.find(page);
    if (found == residents_.end()) return;
    Range& dirty = found->second->dirty;
    const Range left = without(dirty, range);
    written_back += dirty.size() - left.size();
    dirty = left;
  });
  return Bytes(written_back);
}

Bytes Cache::device_write(BufferIdentity buffer, Bytes offset, Bytes size) {
  std::int64_t written_back = 0;
  for_each_page(buffer, offset, size, [&](PageKey page, Range range) {
    const auto found = residents_.find(page);
    if (found == residents_.end()) return;
    Resident& resident = *found->second;
    Colour& colour = colour_of(page);
    const Range left = without(resident.present, range);
    if (left.size() == 0) {
      evict(colour, found->second);
      return;
    }
    colour.used -= resident.present.size() - left.size();
    resident.present = left;
    const Range dirty = overlap(resident.dirty, left);
    written_back += resident.dirty.size() - overlap(resident.dirty, range).size() - dirty.size();
    resident.dirty = dirty;
  });
  return Bytes(written_back);
}

}  // namespace cryptopath::sim
