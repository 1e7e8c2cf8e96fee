#include "hardware/cache.hpp"

#include <catch2/catch.hpp>
#include <set>

using namespace cryptopath;
using namespace cryptopath::sim;
using namespace cryptopath::literals;

namespace {

/// Compares both parts at once.
void check(Cache::Traffic found, Bytes read, Bytes written) {
  CHECK(found.read == read);
  CHECK(found.written == written);
}

constexpr BufferIdentity a = 1;
constexpr BufferIdentity b = 2;
constexpr BufferIdentity c = 3;

}  // namespace

TEST_CASE("What was touched is there the second time") {
  Cache cache(1000_B);
  check(cache.read(a, 0_B, 400_B), 400_B, 0_B);
  check(cache.read(a, 0_B, 400_B), 0_B, 0_B);
  check(cache.write(b, 0_B, 600_B), 600_B, 0_B);
  check(cache.write(b, 0_B, 600_B), 0_B, 0_B);
}

TEST_CASE("The least recently used buffer leaves first") {
  Cache cache(1000_B);
  cache.read(a, 0_B, 400_B);
  cache.read(b, 0_B, 400_B);
  cache.read(a, 0_B, 400_B);
  check(cache.read(c, 0_B, 400_B), 400_B, 0_B);  // b goes
  check(cache.read(a, 0_B, 400_B), 0_B, 0_B);
  check(cache.read(b, 0_B, 400_B), 400_B, 0_B);  // c goes
  check(cache.read(a, 0_B, 400_B), 0_B, 0_B);
}

TEST_CASE("A dirty buffer is written back when it leaves and a clean one is not") {
  Cache cache(1000_B);
  cache.write(a, 0_B, 500_B);
  cache.read(b, 0_B, 500_B);
  check(cache.read(c, 0_B, 100_B), 100_B, 500_B);
  check(cache.read(a, 0_B, 900_B), 900_B, 0_B);
}

TEST_CASE("Reading a dirty buffer leaves it dirty") {
  Cache cache(1000_B);
  cache.write(a, 0_B, 500_B);
  check(cache.read(a, 0_B, 500_B), 0_B, 0_B);
  check(cache.read(b, 0_B, 1000_B), 1000_B, 500_B);
}

TEST_CASE("Of a buffer that is there in part the rest is read") {
  Cache cache(1000_B);
  cache.read(a, 0_B, 300_B);
  check(cache.read(a, 0_B, 800_B), 500_B, 0_B);
  check(cache.read(a, 0_B, 200_B), 0_B, 0_B);
  check(cache.read(a, 0_B, 800_B), 0_B, 0_B);
}

TEST_CASE("Of a buffer larger than the cache the rest passes through") {
  Cache cache(1000_B);
  cache.write(a, 0_B, 100_B);
  check(cache.read(b, 0_B, 2500_B), 2500_B, 100_B);
  check(cache.read(b, 0_B, 2500_B), 1500_B, 0_B);
  check(cache.write(c, 0_B, 2500_B), 2500_B, 1500_B);
  check(cache.read(a, 0_B, 1000_B), 1000_B, 1000_B);
}

TEST_CASE("A device that reads a dirty buffer has it written back once") {
  Cache cache(1000_B);
  cache.write(a, 0_B, 400_B);
  CHECK(cache.device_read(a, 0_B, 400_B) == 400_B);
  CHECK(cache.device_read(a, 0_B, 400_B) == 0_B);
  check(cache.read(a, 0_B, 400_B), 0_B, 0_B);  // it is still there
  cache.read(b, 0_B, 100_B);
  CHECK(cache.device_read(b, 0_B, 100_B) == 0_B);
  CHECK(cache.device_read(c, 0_B, 400_B) == 0_B);
}

TEST_CASE("What a device wrote is not in the cache") {
  Cache cache(1000_B);
  cache.read(a, 0_B, 400_B);
  cache.read(b, 0_B, 400_B);
  cache.device_write(a, 0_B, 400_B);
  check(cache.read(c, 0_B, 600_B), 600_B, 0_B);  // there is room without b
  check(cache.read(b, 0_B, 400_B), 0_B, 0_B);
  check(cache.read(a, 0_B, 400_B), 400_B, 0_B);
}

TEST_CASE("Without a cache everything is read and written") {
  Cache cache(0_B);
  check(cache.read(a, 0_B, 400_B), 400_B, 0_B);
  check(cache.read(a, 0_B, 400_B), 400_B, 0_B);
  check(cache.write(a, 0_B, 400_B), 400_B, 400_B);
}

TEST_CASE("Parts of a page that follow each other are one part") {
  Cache cache(10'000_B);
  check(cache.read(a, 0_B, 1000_B), 1000_B, 0_B);
  check(cache.read(a, 1000_B, 1000_B), 1000_B, 0_B);
  check(cache.read(a, 500_B, 1000_B), 0_B, 0_B);
  check(cache.read(a, 0_B, 4096_B), 2096_B, 0_B);
}

TEST_CASE("A part of a page that lies apart takes the place of the one that was there") {
  Cache cache(10'000_B);
  cache.write(a, 0_B, 1000_B);
  check(cache.read(a, 2000_B, 1000_B), 1000_B, 1000_B);
  check(cache.read(a, 0_B, 1000_B), 1000_B, 0_B);
}

TEST_CASE("A device that reads a part has no more than that written back") {
  Cache cache(10'000_B);
  cache.write(a, 0_B, 6000_B);
  CHECK(cache.device_read(a, 0_B, 1500_B) == 1500_B);
  CHECK(cache.device_read(a, 0_B, 6000_B) == 4500_B);
}

TEST_CASE("A device that writes a part leaves the rest in the cache") {
  Cache cache(10'000_B);
  cache.write(a, 0_B, 6000_B);
  cache.device_write(a, 3000_B, 2000_B);
  check(cache.read(a, 0_B, 6000_B), 2000_B, 0_B);
  cache.device_write(a, 0_B, 3000_B);
  CHECK(cache.device_read(a, 0_B, 6000_B) == 1000_B);  // of the first page nothing dirty is left
}

TEST_CASE("What is dirty on both sides of what a device moves is written back on the shorter one") {
  Cache cache(10'000_B);
  cache.write(a, 0_B, 4000_B);
  CHECK(cache.device_read(a, 1000_B, 500_B) == 1500_B);
  CHECK(cache.device_read(a, 0_B, 4000_B) == 2500_B);
  cache.write(b, 0_B, 4000_B);
  CHECK(cache.device_write(b, 1000_B, 500_B) == 1000_B);
  CHECK(cache.device_read(b, 0_B, 4000_B) == 2500_B);
  cache.write(c, 0_B, 4000_B);
  CHECK(cache.device_write(c, 0_B, 4000_B) == 0_B);
}

namespace {

/// Of a buffer that is read again and again: what is read from memory then, of a cache of 64 KiB.
Bytes read_again(std::int64_t ways, Bytes size, std::uint64_t seed) {
  Cache cache(64_KiB, ways, 4_KiB, seed);
  for (int i = 0; i < 3; ++i) cache.read(a, 0_B, size);
  return cache.read(a, 0_B, size).read;
}

}  // namespace

TEST_CASE("A cache of one colour keeps all or nothing of what is read in turn") {
  CHECK(read_again(16, 64_KiB, 1) == 0_B);
  CHECK(read_again(16, 68_KiB, 1) == 68_KiB);
}

TEST_CASE("Of several colours those that are not crowded keep theirs") {
  std::int64_t fits = 0;
  std::int64_t crowded = 0;
  std::set<std::int64_t> found;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    fits += read_again(4, 32_KiB, seed).count;
    const std::int64_t read = read_again(4, 80_KiB, seed).count;
    crowded += read;
    found.insert(read);
  }
  // Least recently used, a colour with more pages than ways keeps none of them until they are read again. Of 8 pages
  // in 4 colours of 4 ways 0.56 are in such a colour on average, of 20 pages 14.7 (binomial, chance 1/4).
  CHECK(static_cast<double>(fits) / 100 == Approx(2.26 * 1024).margin(1024));
  CHECK(static_cast<double>(crowded) / 100 == Approx(58.95 * 1024).margin(2 * 1024));
  CHECK(found.size() > 3);  // the run's seed places the pages
}
