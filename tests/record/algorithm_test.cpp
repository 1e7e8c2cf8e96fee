// What a session of the crypto framework can be for, and the keys that it has.
#include <catch2/catch.hpp>

#include "cryptopath/algorithm.hpp"
#include "cryptopath/errors.hpp"

using namespace cryptopath;
using namespace cryptopath::literals;

TEST_CASE("a session has the keys of its cipher and of its MAC as xform.c says which lengths it takes") {
  const auto keys = [](std::string_view algorithm) {
    const auto [cipher, mac] = session_keys(algorithm);
    return std::pair(cipher, mac);
  };
  const auto exactly = [](Bytes length) { return KeyLengths{length, length, length}; };
  const std::optional<KeyLengths> none;
  CHECK(keys("des-cbc") == std::pair(std::optional(exactly(8_B)), none));
  CHECK(keys("3des-ede-cbc-hmac-md5") == std::pair(std::optional(exactly(24_B)), std::optional(exactly(16_B))));
  CHECK(keys("aes-192-cbc") == std::pair(std::optional(KeyLengths{24_B, 8_B, 32_B}), none));
  CHECK(keys("rc4-hmac-sha1") == std::pair(std::optional(KeyLengths{16_B, 1_B, 32_B}), std::optional(exactly(20_B))));
  CHECK(keys("hmac-sha256") == std::pair(none, std::optional(exactly(32_B))));
  CHECK(keys("null-hmac-sha1") == std::pair(none, std::optional(exactly(20_B))));
  CHECK(keys("null") == std::pair(std::optional(KeyLengths{0_B, 0_B, 256_B}), none));
  CHECK(keys("aes-256-gcm") == std::pair(std::optional(exactly(32_B)), none));
  CHECK_THROWS_AS(session_keys("des-cbc-hmac-sha2"), Fault);
}

TEST_CASE("every algorithm has a first key of its own length which the kernel takes") {
  for (const std::string& algorithm : all_algorithms()) {
    CAPTURE(algorithm);
    const KeyLengths key = first_key(algorithm);
    CHECK(key.take(key.own));
    CHECK(key.own <= 32_B);
    CHECK_FALSE(key.take(key.most + 1_B));
  }
}
