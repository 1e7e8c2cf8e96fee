// Memory that is given back holds no key any more. A program of its own: it replaces operator new and delete and
// libcrypto's allocator, and looks through what is freed.
#include <pthread.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <functional>
#include <optional>
#include <sstream>

// OpenSSL 3.0 calls the low-level digests deprecated.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/md5.h>
#include <openssl/sha.h>

#include "record/bytes.hpp"
#include "record/handshakes/ssh_key_exchange.hpp"
#include "record/seeded_bytes.hpp"
#include "sealed_stream.hpp"
#include "watched_allocators.hpp"

using namespace cryptopath;
using namespace cryptopath::test;

namespace {

/// Secrets, in pieces of a size that chance does not bring about.
class Secrets {
 public:
  void add(std::span<const std::byte> secret) {
    // Zeros are no secret: the seed for IVs of suites that draw none.
    if (std::ranges::all_of(secret, [](std::byte byte) { return byte == std::byte{0}; })) return;
    for (; secret.size() >= piece_size; secret = secret.subspan(piece_size)) {
      Piece& piece = pieces_.emplace_back();
      std::ranges::copy(secret.first(piece_size), piece.begin());
    }
  }
  void add(const std::string& text) { add(std::as_bytes(std::span(text))); }
  void add(const TrafficKeys& keys) {
    add(keys.cipher_key);
    add(keys.mac_key);
    add(keys.implicit_iv);
    add(keys.iv_seed);
  }
  /// The states of HMAC after its padded keys (RFC 2104, 2), as bytes of libcrypto's structures: as good as the key.
  void add_hmac_states(std::string_view suite, std::span<const std::byte> key) {
    for (const unsigned char padding : std::array<unsigned char, 2>{0x36, 0x5c}) {
      std::array<unsigned char, 64> block;
      block.fill(padding);
      for (std::size_t i = 0; i < key.size(); ++i) block[i] ^= std::to_integer<unsigned char>(key[i]);
      add(std::as_bytes(std::span(block)));
      if (suite.ends_with("md5")) add_state<MD5_CTX, MD5_Init, MD5_Update>(block, 16);
      if (suite.ends_with("sha1")) add_state<SHA_CTX, SHA1_Init, SHA1_Update>(block, 20);
      if (suite.ends_with("sha256")) add_state<SHA256_CTX, SHA256_Init, SHA256_Update>(block, 32);
    }
  }

  bool any() const { return !pieces_.empty(); }
  std::size_t found_in(std::span<const std::byte> memory) const {
    return static_cast<std::size_t>(std::ranges::count_if(pieces_, [&](const Piece& piece) {
      return ::memmem(memory.data(), memory.size(), piece.data(), piece.size()) != nullptr;
    }));
  }

 private:
  static constexpr std::size_t piece_size = 8;
  using Piece = std::array<std::byte, piece_size>;

  /// The chaining value is what these structures start with.
  template <class State, auto init, auto update>
  void add_state(std::span<const unsigned char> block, std::size_t size) {
    State state;
    init(&state);
    update(&state, block.data(), block.size());
    add(std::as_bytes(std::span(&state, 1)).first(size));
  }

  std::vector<Piece> pieces_;
};

std::string hexadecimal(std::span<const std::byte> bytes) {
  std::string digits;
  append_hexadecimal(digits, bytes);
  return digits;
}

ByteVector from_hexadecimal(const std::string& digits) {
  ByteVector bytes;
  for (std::size_t i = 0; i < digits.size(); i += 2)
    bytes.push_back(std::byte(std::stoi(digits.substr(i, 2), nullptr, 16)));
  return bytes;
}

/// The private keys of SSH's ends, and the secret that they share.
void add_ssh_exchange(std::uint64_t seed, Secrets& secrets) {
  std::vector<ssh_2::Key> keys;
  for (const char* whose : {"client", "server", "host"}) {
    const ByteVector key = seeded_bytes(fmt::format("cryptopath SSH {} key", whose), seed, 32);
    secrets.add(key);
    secrets.add(hexadecimal(key));  // as in a key log
    keys.push_back(ssh_2::key_pair(EVP_PKEY_X25519, key));
  }
  const ssh_2::SharedSecret secret(keys[0].get(), ssh_2::raw_public_key(keys[1].get()));
  secrets.add(secret.mpint().last(32));
}

/// A thread's whole stack, which stays when the thread has ended.
class Stack {
 public:
  void run(const std::function<void()>& act) {
    pthread_attr_t attributes;
    REQUIRE(pthread_attr_init(&attributes) == 0);
    REQUIRE(pthread_attr_setstack(&attributes, bytes_.data(), bytes_.size()) == 0);
    pthread_t thread{};
    REQUIRE(pthread_create(&thread, &attributes, start, const_cast<std::function<void()>*>(&act)) == 0);
    REQUIRE(pthread_join(thread, nullptr) == 0);
    pthread_attr_destroy(&attributes);
  }
  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  static void* start(void* act) {
    // What `act` leaves stands below it, out of reach of the thread's own end.
    std::array<std::byte, 64 * 1024> room;
    asm volatile("" : : "r"(room.data()) : "memory");
    (*static_cast<const std::function<void()>*>(act))();
    return nullptr;
  }

  std::vector<std::byte> bytes_ = std::vector<std::byte>(1024 * 1024);
};

struct Remains {
  std::size_t ours = 0;       // in what operator delete frees
  std::size_t libcrypto = 0;  // in what libcrypto and libssl free
  std::size_t stack = 0;
  bool operator==(const Remains&) const = default;
};
std::ostream& operator<<(std::ostream& stream, const Remains& remains) {
  return stream << remains.ours << " freed, " << remains.libcrypto << " freed by libcrypto, " << remains.stack
                << " on the stack";
}
constexpr Remains nothing;

// AddressSanitizer's own functions, between the project's and libcrypto's, save registers on the stack.
#ifdef __SANITIZE_ADDRESS__
constexpr bool looks_at_stack = false;
#else
constexpr bool looks_at_stack = true;
#endif

/// How many pieces of the secrets are in what is freed while `act` runs, and on its stack afterwards.
Remains left_behind(const Secrets& secrets, const std::function<void()>& act) {
  REQUIRE(secrets.any());
  Remains remains;
  Stack stack;
  {
    const WatchFreed::Look look = [&](std::span<const std::byte> freed, Owner owner) {
      (owner == Owner::ours ? remains.ours : remains.libcrypto) += secrets.found_in(freed);
    };
    const WatchFreed watch(look);
    stack.run(act);
  }
  if (looks_at_stack) remains.stack = secrets.found_in(stack.bytes());
  return remains;
}

}  // namespace

TEST_CASE("a key that is freed as it is would be noticed") {
  REQUIRE(allocators_are_ours);
  const ByteVector key = pattern(16);
  Secrets secrets;
  secrets.add(key);
  CHECK(left_behind(secrets, [&] { const ByteVector copy = key; }).ours == 2);
  CHECK(left_behind(secrets, [&] {
          void* copy = OPENSSL_malloc(key.size());
          std::memcpy(copy, key.data(), key.size());
          OPENSSL_free(copy);
        }).libcrypto == 2);
  CHECK(left_behind(secrets, [&] {
          std::array<std::byte, 16> copy;
          std::ranges::copy(key, copy.begin());
          asm volatile("" : : "r"(copy.data()) : "memory");  // it must stand there
        }).stack == (looks_at_stack ? 2 : 0));
  CHECK(left_behind(secrets, [&] { const ByteVector other = pattern(16, 1); }) == nothing);
}

TEST_CASE("traffic keys are wiped when they go and when they are assigned to") {
  const RecordFormat format{Protocol::tls_1_0, Suite::aes_128_cbc_hmac_sha1};
  const TrafficKeys keys = example_keys(format);
  const TrafficKeys others = example_keys(format, 1);
  Secrets secrets;
  secrets.add(keys);
  CHECK(left_behind(secrets, [&] { std::make_unique<TrafficKeys>(keys); }) == nothing);
  CHECK(left_behind(secrets, [&] {
          auto assigned = std::make_unique<TrafficKeys>(keys);
          *assigned = others;
        }) == nothing);
  CHECK(left_behind(secrets, [&] {
          auto assigned = std::make_unique<TrafficKeys>(keys);
          *assigned = example_keys(format, 2);
        }) == nothing);
}

TEST_CASE("what seals and opens leaves no key in the memory that it gives back") {
  for (const RecordFormat& format : protected_formats()) {
    INFO(name_of(format));
    const TrafficKeys keys = example_keys(format);
    Secrets secrets;
    secrets.add(keys);
    if (!keys.mac_key.empty()) secrets.add_hmac_states(name_of(format.suite), keys.mac_key);
    if (!keys.implicit_iv.empty() && keys.implicit_iv.size() < 8) {
      // A salt is too short to be told from chance but by the nonce that it starts.
      ByteVector nonce = keys.implicit_iv;
      std::ranges::copy(big_endian(keys.sequence), std::back_inserter(nonce));
      secrets.add(nonce);
    }

    // Once unwatched: the dynamic loader saves registers on the stack where a function is called for the first time.
    ByteVector unwatched = sealed_record(format, keys, pattern(100));
    ByteVector unwatched_forgery = unwatched;
    unwatched_forgery.back() ^= std::byte{1};
    CHECK(opened_record(format, keys, unwatched));
    CHECK_FALSE(opened_record(format, keys, unwatched_forgery));

    std::optional<RecordTransform> transform;
    std::optional<RecordReader> reader;
    const Frame frame = frame_of(format, keys.sequence, 100);
    ByteVector record(static_cast<std::size_t>(frame.size().count));
    CHECK(left_behind(secrets, [&] { transform.emplace(format, keys); }) == nothing);
    CHECK(left_behind(secrets, [&] { reader.emplace(format, keys); }) == nothing);
    const ByteVector plaintext = pattern(100);  // freed later: what it calls would overwrite the stack
    CHECK(left_behind(secrets, [&] { transform->seal(frame, plaintext, record); }) == nothing);
    ByteVector forged = record;
    forged.back() ^= std::byte{1};
    bool opened = false;
    CHECK(left_behind(secrets, [&] { opened = static_cast<bool>(reader->open_in_place(record)); }) == nothing);
    CHECK(opened);
    reader.emplace(format, keys);
    CHECK(left_behind(secrets, [&] { opened = static_cast<bool>(reader->open_in_place(forged)); }) == nothing);
    CHECK_FALSE(opened);
    CHECK(left_behind(secrets, [&] { transform.reset(); }) == nothing);
    CHECK(left_behind(secrets, [&] { reader.reset(); }) == nothing);
  }
}

TEST_CASE("a handshake leaves no key in the memory that it gives back but what libssl leaves of TLS 1.3's") {
  constexpr std::uint64_t seed = 7;
  for (const RecordFormat& format : protected_formats()) {
    INFO(name_of(format));
    Secrets secrets;
    Secrets drawn;  // which OpenSSL's TEST-RAND hands out, and frees as they are
    {
      // Handshakes repeat by their seed, so the first tells what to look for in the second.
      const Session session = handshake(format, seed);
      for (const TrafficKeys* keys : {&session.sender, &session.receiver}) {
        secrets.add(keys->cipher_key);
        secrets.add(keys->mac_key);
        secrets.add(keys->iv_seed);
        if (format.protocol != Protocol::tls_1_0) secrets.add(keys->implicit_iv);  // which has been on the wire
        secrets.add(hexadecimal(keys->cipher_key));
        secrets.add(hexadecimal(keys->mac_key));
      }
      for (const char* label : {"cryptopath pre-shared key", "cryptopath OpenSSL private", "cryptopath server key"}) {
        drawn.add(seeded_bytes(label, seed, 32));
      }
      if (format.protocol == Protocol::ssh_2) add_ssh_exchange(seed, secrets);
      std::istringstream lines(session.key_log);
      for (std::string line; std::getline(lines, line);) {
        if (line.starts_with('"')) continue;  // of ESP: the keys that are there already
        const std::string secret = line.substr(line.rfind(' ') + 1);
        secrets.add(secret);
        secrets.add(from_hexadecimal(secret));
      }
    }
    const auto shake_hands = [&format] {
      Session session = handshake(format, seed);
      session = Session();
    };
    Remains remains = left_behind(secrets, shake_hands);
    if (format.protocol == Protocol::tls_1_3) {
      // Both ends' SSL: CLIENT_TRAFFIC_SECRET_0, SERVER_TRAFFIC_SECRET_0, EXPORTER_SECRET, and two IVs.
      const std::size_t secret = format.suite == Suite::aes_256_gcm ? 48 : 32;
      CHECK(remains.libcrypto == 2 * (3 * secret + 2 * 8) / 8);
      remains.libcrypto = 0;
    }
    CHECK(remains == nothing);
    remains = left_behind(drawn, shake_hands);
    remains.libcrypto = 0;
    CHECK(remains == nothing);
  }
}

TEST_CASE("the derivation of SSH's keys leaves none of them behind") {
  // Both need more than one digest for their keys.
  for (const Suite suite : {Suite::aes_256_cbc_hmac_sha256, Suite::chacha20_poly1305}) {
    const RecordFormat format{Protocol::ssh_2, suite};
    INFO(name_of(format));
    const ssh_2::Key own = ssh_2::key_pair(EVP_PKEY_X25519, pattern(32, 1));
    const ssh_2::Key other = ssh_2::key_pair(EVP_PKEY_X25519, pattern(32, 2));
    const ssh_2::KeyDerivation derivation(ssh_2::SharedSecret(own.get(), ssh_2::raw_public_key(other.get())), {});
    std::optional<TrafficKeys> keys = derivation.from_server(format, {});  // once unwatched, for the dynamic loader
    Secrets secrets;
    secrets.add(*keys);
    keys.reset();
    CHECK(left_behind(secrets, [&] { keys = derivation.from_server(format, {}); }) == nothing);
  }
}
