// malloc(9): whose memory it hands out next, which decides what of it is in the cache.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>

#include "example_host.hpp"
#include "in_child.hpp"

using namespace cryptopath;
using namespace cryptopath::sim;
using namespace cryptopath::test;
using namespace cryptopath::literals;

namespace {

HostModels with_free_lists_to_8_kib() {
  HostModels models;
  models.kernel.kernel_malloc = 700_ns;
  models.kernel.malloc_free_lists = 8_KiB;
  models.kernel.malloc_page = 900_ns;
  return models;
}

/// Takes two buffers of so much, frees them in that order and takes two more. Tells the four by the order in which they
/// were first seen, and how long each took.
Numbers taken(Bytes size) {
  return in_child([size] {
    ExampleHost host(with_free_lists_to_8_kib());
    Numbers found;
    const auto take_four = [&]() -> Task<> {
      const Context context(host.processor, host.process.user_context().thread(), ProcessorClass::kernel);
      std::vector<BufferIdentity> seen;
      std::array<BufferPointer, 2> held;
      for (int round = 0; round < 2; ++round) {
        for (BufferPointer& each : held) {
          const Nanoseconds began = host.clock.now();
          each = co_await kernel_malloc(host.kernel, context, size);
          if (std::ranges::find(seen, each->identity()) == seen.end()) seen.push_back(each->identity());
          found.push_back(std::ranges::find(seen, each->identity()) - seen.begin());
          found.push_back((host.clock.now() - began).count);
        }
        for (BufferPointer& each : held) each.reset();
      }
    };
    host.run(take_four());
    return found;
  });
}

}  // namespace

TEST_CASE("malloc hands out what has been free for longest as far as its free lists keep it") {
  for (const Bytes size : {1_KiB, 8_KiB}) {
    INFO(size.count << " B");
    CHECK(taken(size) == Numbers{0, 700, 1, 700, 0, 700, 1, 700});
  }
}

TEST_CASE("malloc of more than its free lists keep maps other pages each time") {
  CHECK(taken(16_KiB) == Numbers{0, 700 + 4 * 900, 1, 700 + 4 * 900, 2, 700 + 4 * 900, 3, 700 + 4 * 900});
}

TEST_CASE("malloc and those that use again what was freed last have nothing in common") {
  BufferPool pool(false);
  BufferPointer of_malloc = pool.allocate(2_KiB, Reuse::first_freed);
  const BufferIdentity freed = of_malloc->identity();
  of_malloc.reset();
  CHECK(pool.allocate(2_KiB)->identity() != freed);
  CHECK(pool.allocate(2_KiB, Reuse::first_freed)->identity() == freed);
}
