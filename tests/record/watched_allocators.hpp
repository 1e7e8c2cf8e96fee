// Allocators of this program that can be watched: operator new and delete, and libcrypto's.
#pragma once

#include <cstddef>
#include <functional>
#include <span>

namespace cryptopath::test {

/// Whether libcrypto has taken them.
extern const bool allocators_are_ours;

/// So far.
struct Allocations {
  std::size_t ours = 0;  // by operator new
  std::size_t libcrypto = 0;
};
Allocations allocations();

enum class Owner { ours, libcrypto };

/// While it lives, `look` is shown all memory that is freed, just before. One at a time.
class WatchFreed {
 public:
  using Look = std::function<void(std::span<const std::byte>, Owner)>;
  explicit WatchFreed(const Look& look);
  ~WatchFreed();
  WatchFreed(const WatchFreed&) = delete;
  WatchFreed& operator=(const WatchFreed&) = delete;
};

}  // namespace cryptopath::test
