#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "sealed_stream.hpp"

using namespace cryptopath;
using namespace cryptopath::test;

namespace {

/// All that the sender takes from a handshake, as SHA-256 in hexadecimal.
std::string fingerprint(const TrafficKeys& keys) {
  ByteVector all = keys.cipher_key;
  all.insert(all.end(), keys.mac_key.begin(), keys.mac_key.end());
  all.insert(all.end(), keys.implicit_iv.begin(), keys.implicit_iv.end());
  all.insert(all.end(), keys.iv_seed.begin(), keys.iv_seed.end());
  all.push_back(static_cast<std::byte>(keys.sequence));
  return sha256(all);
}

std::string fingerprint_of_handshake(const RecordFormat& format, std::uint64_t seed) {
  return fingerprint(handshake(format, seed).sender);
}

}  // namespace

TEST_CASE("a handshake leaves keys of the suite's sizes and the sequence number after Finished") {
  for (const RecordFormat& format : protecting_formats) {
    const bool gcm = format.suite == Suite::aes_128_gcm;
    const TrafficKeys keys = handshake(format, 1).sender;
    CHECK(keys.cipher_key.size() == (gcm ? 16 : 24));
    CHECK(keys.mac_key.size() == (gcm ? 0 : 20));
    CHECK(keys.implicit_iv.size() == (gcm ? 4 : 0));
    CHECK(keys.sequence == 1);
  }
}

TEST_CASE("one seed gives the same keys again and in another process") {
  for (const RecordFormat& format : protecting_formats) {
    INFO(name_of(format));
    const std::string here = fingerprint_of_handshake(format, 5);
    CHECK(fingerprint_of_handshake(format, 5) == here);

    std::array<int, 2> ends{};
    REQUIRE(pipe(ends.data()) == 0);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      const std::string there = fingerprint_of_handshake(format, 5);
      const bool written = write(ends[1], there.data(), there.size()) == static_cast<ssize_t>(there.size());
      _exit(written ? 0 : 1);
    }
    close(ends[1]);
    std::string there(64, ' ');
    CHECK(read(ends[0], there.data(), there.size()) == 64);
    close(ends[0]);
    int status = -1;
    waitpid(child, &status, 0);
    CHECK(status == 0);
    CHECK(there == here);
  }
}

// What a user's wire hash rests on. A change of these is a change of every published result, and needs a reason.
TEST_CASE("the keys of seed 1 are the same on every machine") {
  CHECK(fingerprint_of_handshake({Protocol::tls_1_2, Suite::aes_128_gcm}, 1) ==
        "ab6aaae5f1687825bb159ab4902f6742aee86ef9cf9c9ccaed09ba659d0aa473");
  CHECK(fingerprint_of_handshake({Protocol::tls_1_2, Suite::triple_des_cbc_hmac_sha1}, 1) ==
        "68450a6b4fe4e6508dc01b0ff149a34a050c851b69a97ecfb11930b9aa9560a0");
}

TEST_CASE("every seed gives other keys") {
  for (const RecordFormat& format : protecting_formats) {
    INFO(name_of(format));
    std::set<std::string> seen;
    std::size_t secrets = 0;
    const auto add = [&](std::span<const std::byte> secret) {
      if (secret.empty()) return;
      seen.insert(as_string(secret));
      ++secrets;
    };
    for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{1} << 32,
                                     std::uint64_t{1} << 63, ~std::uint64_t{0}}) {
      const TrafficKeys keys = handshake(format, seed).sender;
      add(keys.cipher_key);
      add(keys.mac_key);
      add(keys.implicit_iv);
      if (format.suite == Suite::triple_des_cbc_hmac_sha1) add(keys.iv_seed);
    }
    CHECK(seen.size() == secrets);
  }
}

TEST_CASE("without a protocol there are no keys and the peer hands out the wire") {
  const Session session = handshake(RecordFormat(), 1);
  CHECK(session.sender.cipher_key.empty());
  CHECK(session.peer->name() == "byte comparison");
  ByteVector plaintext = pattern(3);
  session.peer->receive(pattern(1000, 1), plaintext);
  REQUIRE(plaintext.size() == 1003);
  CHECK(ByteVector(plaintext.begin() + 3, plaintext.end()) == pattern(1000, 1));
}

TEST_CASE("a handshake for a suite that the protocol lacks is refused") {
  CHECK_THROWS_AS(handshake({Protocol::none, Suite::aes_128_gcm}, 1), Fault);
  CHECK_THROWS_AS(handshake({Protocol::tls_1_2, Suite::null}, 1), Fault);
}
