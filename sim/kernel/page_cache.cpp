#include "kernel/page_cache.hpp"

#include <algorithm>

namespace cryptopath::sim {

PageCache::PageCache(Kernel& kernel, const FileSource& source, Bytes file_size, bool hot, Disk* disk)
    : kernel_(kernel), source_(source), file_size_(file_size), disk_(disk) {
  if (hot) return;
  ensure(disk != nullptr, "a cold file needs a disk");
  chunk_size_ = disk->model().read_ahead;
  chunks_.assign(static_cast<std::size_t>(pieces(file_size, chunk_size_)), State::absent);
}

Task<> PageCache::read_ahead(const Context& context, std::size_t chunk) {
  if (chunk >= chunks_.size() || chunks_[chunk] != State::absent) co_return;
  chunks_[chunk] = State::reading;
  co_await write_register(kernel_, context, disk_->vertex());
  const Bytes offset = chunk_size_ * static_cast<std::int64_t>(chunk);
  disk_->submit(offset, std::min(chunk_size_, file_size_ - offset));
}

Task<Segments> PageCache::pages(const Context& context, Bytes offset, Bytes size) {
  if (!chunks_.empty()) {
    const auto last = static_cast<std::size_t>((offset + size - Bytes(1)).count / chunk_size_.count);
    for (auto chunk = static_cast<std::size_t>(offset.count / chunk_size_.count); chunk <= last; ++chunk) {
      co_await read_ahead(context, chunk);
      co_await read_ahead(context, chunk + 1);
      while (chunks_[chunk] != State::resident) co_await kernel_.processor.sleep(context.thread(), biowait_);
    }
  }
  // Pages of a file that is read once are new to the processor's cache each time.
  Segments pages;
  while (size.count > 0) {
    const Bytes in_page = std::min(size, kernel_.costs.page - Bytes(offset.count % kernel_.costs.page.count));
    BufferPointer page = kernel_.memory.allocate(kernel_.costs.page);
    page->rename(kernel_.memory.fresh_identity());
    if (page->holds_bytes()) source_.read(static_cast<std::uint64_t>(offset.count), page->bytes(Bytes(0), in_page));
    pages.push_back({std::move(page), Bytes(0), in_page});
    offset += in_page;
    size -= in_page;
  }
  co_return pages;
}

Task<> PageCache::on_disk_interrupt() {
  const Context context(kernel_.processor);
  co_await read_register(kernel_, context, disk_->vertex());
  for (const Bytes offset : disk_->reap()) {
    ++chunks_read_;
    chunks_.at(static_cast<std::size_t>(offset.count / chunk_size_.count)) = State::resident;
  }
  co_await wakeup(kernel_, context, biowait_);
}

}  // namespace cryptopath::sim
