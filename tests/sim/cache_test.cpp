#include "hardware/cache.hpp"

#include <catch2/catch.hpp>

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
  check(cache.read(a, 400_B), 400_B, 0_B);
  check(cache.read(a, 400_B), 0_B, 0_B);
  check(cache.write(b, 600_B), 600_B, 0_B);
  check(cache.write(b, 600_B), 0_B, 0_B);
}

TEST_CASE("The least recently used buffer leaves first") {
  Cache cache(1000_B);
  cache.read(a, 400_B);
  cache.read(b, 400_B);
  cache.read(a, 400_B);
  check(cache.read(c, 400_B), 400_B, 0_B);  // b goes
  check(cache.read(a, 400_B), 0_B, 0_B);
  check(cache.read(b, 400_B), 400_B, 0_B);  // c goes
  check(cache.read(a, 400_B), 0_B, 0_B);
}

TEST_CASE("A dirty buffer is written back when it leaves and a clean one is not") {
  Cache cache(1000_B);
  cache.write(a, 500_B);
  cache.read(b, 500_B);
  check(cache.read(c, 100_B), 100_B, 500_B);
  check(cache.read(a, 900_B), 900_B, 0_B);
}

TEST_CASE("Reading a dirty buffer leaves it dirty") {
  Cache cache(1000_B);
  cache.write(a, 500_B);
  check(cache.read(a, 500_B), 0_B, 0_B);
  check(cache.read(b, 1000_B), 1000_B, 500_B);
}

TEST_CASE("Of a buffer that is there in part the rest is read") {
  Cache cache(1000_B);
  cache.read(a, 300_B);
  check(cache.read(a, 800_B), 500_B, 0_B);
  check(cache.read(a, 200_B), 0_B, 0_B);
  check(cache.read(a, 800_B), 0_B, 0_B);
}

TEST_CASE("Of a buffer larger than the cache the rest passes through") {
  Cache cache(1000_B);
  cache.write(a, 100_B);
  check(cache.read(b, 2500_B), 2500_B, 100_B);
  check(cache.read(b, 2500_B), 1500_B, 0_B);
  check(cache.write(c, 2500_B), 2500_B, 1500_B);
  check(cache.read(a, 1000_B), 1000_B, 1000_B);
}

TEST_CASE("A device that reads a dirty buffer has it written back once") {
  Cache cache(1000_B);
  cache.write(a, 400_B);
  CHECK(cache.device_read(a) == 400_B);
  CHECK(cache.device_read(a) == 0_B);
  check(cache.read(a, 400_B), 0_B, 0_B);  // it is still there
  cache.read(b, 100_B);
  CHECK(cache.device_read(b) == 0_B);
  CHECK(cache.device_read(c) == 0_B);
}

TEST_CASE("What a device wrote is not in the cache") {
  Cache cache(1000_B);
  cache.read(a, 400_B);
  cache.read(b, 400_B);
  cache.device_write(a);
  check(cache.read(c, 600_B), 600_B, 0_B);  // there is room without b
  check(cache.read(b, 400_B), 0_B, 0_B);
  check(cache.read(a, 400_B), 400_B, 0_B);
}

TEST_CASE("Without a cache everything is read and written") {
  Cache cache(0_B);
  check(cache.read(a, 400_B), 400_B, 0_B);
  check(cache.read(a, 400_B), 400_B, 0_B);
  check(cache.write(a, 400_B), 400_B, 400_B);
}
