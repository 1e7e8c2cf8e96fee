#include <openssl/crypto.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <new>

#include "sealed_stream.hpp"

// NOLINTBEGIN(cppcoreguidelines-no-malloc): this replaces the allocators themselves.
namespace {

std::atomic<std::size_t> our_allocations = 0;
std::atomic<std::size_t> libcrypto_allocations = 0;

void* counted_malloc(std::size_t size, const char*, int) {
  ++libcrypto_allocations;
  return std::malloc(size);
}
void* counted_realloc(void* old, std::size_t size, const char*, int) {
  ++libcrypto_allocations;
  return std::realloc(old, size);
}
void plain_free(void* memory, const char*, int) { std::free(memory); }

// libcrypto takes another allocator only before it first allocates, so before main().
const bool libcrypto_counts = CRYPTO_set_mem_functions(counted_malloc, counted_realloc, plain_free) == 1;

}  // namespace

void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++our_allocations;
  return std::malloc(size);
}
void* operator new(std::size_t size) {
  if (void* memory = operator new(size, std::nothrow)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
// NOLINTEND(cppcoreguidelines-no-malloc)

using namespace cryptopath;
using namespace cryptopath::test;

namespace {

struct Allocations {
  std::size_t ours;
  std::size_t libcrypto;
};

/// Allocations of `records` records, framed and sealed, of sizes that vary.
Allocations while_sealing(const RecordFormat& format, std::size_t records) {
  const TrafficKeys keys = example_keys(format);
  RecordTransform transform(format, keys);
  RecordFraming framing(format, keys.sequence);
  const ByteVector plaintext = pattern(16384);
  ByteVector record(17000);
  const auto seal = [&](std::size_t size) {
    const Frame frame = framing.next(Bytes(static_cast<std::int64_t>(size)));
    transform.seal(frame, std::span(plaintext).first(size),
                   std::span(record).first(static_cast<std::size_t>(frame.size().count)));
  };
  seal(16384);
  const Allocations before = {our_allocations, libcrypto_allocations};
  for (std::size_t i = 0; i < records; ++i) seal(i * 97 % 16385);
  return {our_allocations - before.ours, libcrypto_allocations - before.libcrypto};
}

}  // namespace

TEST_CASE("both allocators are counted") {
  REQUIRE(libcrypto_counts);
  const std::size_t ours = our_allocations;
  const std::size_t libcrypto = libcrypto_allocations;
  const RecordFormat format{Protocol::tls_1_2, Suite::aes_128_gcm};
  const RecordTransform transform(format, example_keys(format));
  CHECK(our_allocations > ours);
  CHECK(libcrypto_allocations > libcrypto);
}

TEST_CASE("sealing a record allocates nothing whatever the format") {
  for (const RecordFormat& format : protected_formats()) {
    const Allocations allocations = while_sealing(format, 200);
    INFO(name_of(format) << ": " << allocations.ours << " ours, " << allocations.libcrypto << " of libcrypto");
    CHECK(allocations.ours == 0);
    CHECK(allocations.libcrypto == 0);
  }
}
