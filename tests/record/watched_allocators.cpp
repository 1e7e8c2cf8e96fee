#include "watched_allocators.hpp"

#include <malloc.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

namespace cryptopath::test {

namespace {

std::atomic<std::size_t> our_allocations = 0;
std::atomic<std::size_t> libcrypto_allocations = 0;
const WatchFreed::Look* watcher = nullptr;

// NOLINTBEGIN(cppcoreguidelines-no-malloc): these are the allocators themselves.
void show_and_free(void* memory, Owner owner) {
  if (watcher != nullptr && memory != nullptr) {
    const WatchFreed::Look* look = std::exchange(watcher, nullptr);  // what it frees itself is not shown
    (*look)({static_cast<const std::byte*>(memory), malloc_usable_size(memory)}, owner);
    watcher = look;
  }
  std::free(memory);
}

/// Cleared, so that what an earlier owner left there is not found again.
void* cleared(std::size_t size) {
  void* memory = std::malloc(size);
  if (memory != nullptr) std::memset(memory, 0, malloc_usable_size(memory));
  return memory;
}

void* counted_malloc(std::size_t size, const char*, int) {
  ++libcrypto_allocations;
  return cleared(size);
}
/// Moves always, so that what it leaves is shown.
void* counted_realloc(void* old, std::size_t size, const char*, int) {
  ++libcrypto_allocations;
  void* memory = cleared(size);
  if (memory == nullptr || old == nullptr) return memory;
  std::memcpy(memory, old, std::min(size, malloc_usable_size(old)));
  show_and_free(old, Owner::libcrypto);
  return memory;
}
void shown_free(void* memory, const char*, int) { show_and_free(memory, Owner::libcrypto); }

}  // namespace

// libcrypto takes another allocator only before it first allocates, so before main().
const bool allocators_are_ours = CRYPTO_set_mem_functions(counted_malloc, counted_realloc, shown_free) == 1;

Allocations allocations() { return {our_allocations, libcrypto_allocations}; }

WatchFreed::WatchFreed(const Look& look) { watcher = &look; }
WatchFreed::~WatchFreed() { watcher = nullptr; }

}  // namespace cryptopath::test

void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++cryptopath::test::our_allocations;
  return cryptopath::test::cleared(size);
}
void* operator new(std::size_t size) {
  if (void* memory = operator new(size, std::nothrow)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { cryptopath::test::show_and_free(memory, cryptopath::test::Owner::ours); }
void operator delete(void* memory, std::size_t) noexcept {
  cryptopath::test::show_and_free(memory, cryptopath::test::Owner::ours);
}
// NOLINTEND(cppcoreguidelines-no-malloc)
