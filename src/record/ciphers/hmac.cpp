#include "hmac.hpp"

// OpenSSL 3.0 calls the low-level digests deprecated, and has nothing else that does not allocate.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/md5.h>
#include <openssl/sha.h>

#include <algorithm>
#include <string_view>
#include <variant>

#include "cryptopath/errors.hpp"
#include "record/bytes.hpp"

namespace cryptopath {

namespace {

constexpr std::size_t block_size = 64;  // of all three

struct Md5 {
  static constexpr std::size_t size = MD5_DIGEST_LENGTH;
  MD5_CTX state;
  Md5() { MD5_Init(&state); }
  void update(const void* data, std::size_t length) { MD5_Update(&state, data, length); }
  void finish(unsigned char* digest) { MD5_Final(digest, &state); }
};

struct Sha1 {
  static constexpr std::size_t size = SHA_DIGEST_LENGTH;
  SHA_CTX state;
  Sha1() { SHA1_Init(&state); }
  void update(const void* data, std::size_t length) { SHA1_Update(&state, data, length); }
  void finish(unsigned char* digest) { SHA1_Final(digest, &state); }
};

struct Sha256 {
  static constexpr std::size_t size = SHA256_DIGEST_LENGTH;
  SHA256_CTX state;
  Sha256() { SHA256_Init(&state); }
  void update(const void* data, std::size_t length) { SHA256_Update(&state, data, length); }
  void finish(unsigned char* digest) { SHA256_Final(digest, &state); }
};

using Digest = std::variant<Md5, Sha1, Sha256>;

Digest digest_named(std::string_view name) {
  if (name == "MD5") return Md5();
  if (name == "SHA1") return Sha1();
  if (name == "SHA256") return Sha256();
  throw Fault("HMAC knows the digest");
}

}  // namespace

/// Of one kind of digest, after the inner and after the outer key.
struct Hmac::States {
  Digest inner;
  Digest outer;
};

Hmac::Hmac(const char* digest, std::span<const std::byte> key)
    : states_(new States{digest_named(digest), digest_named(digest)}) {
  std::array<unsigned char, block_size> padded{};
  if (key.size() > block_size) {
    std::visit(
        [&](auto hash) {
          hash.update(key.data(), key.size());
          hash.finish(padded.data());
        },
        Digest(states_->inner));
  } else {
    std::copy_n(octets(key.data()), key.size(), padded.begin());
  }
  const auto absorb = [&padded](Digest& state, unsigned char padding) {
    auto block = padded;
    for (unsigned char& byte : block) byte ^= padding;
    std::visit([&block](auto& hash) { hash.update(block.data(), block.size()); }, state);
    OPENSSL_cleanse(block.data(), block.size());
  };
  absorb(states_->inner, 0x36);
  absorb(states_->outer, 0x5c);
  OPENSSL_cleanse(padded.data(), padded.size());
}

Hmac::~Hmac() { OPENSSL_cleanse(states_.get(), sizeof(States)); }

std::size_t Hmac::size() const {
  return std::visit([](const auto& hash) { return hash.size; }, states_->inner);
}

void Hmac::compute(std::initializer_list<std::span<const std::byte>> pieces, std::span<std::byte> tag) {
  ensure(tag.size() <= size(), "a tag is at most the digest");
  std::array<unsigned char, largest_tag> digest;
  std::visit(
      [&]<class Hash>(Hash hash) {  // copies of the states
        for (const auto piece : pieces) hash.update(piece.data(), piece.size());
        hash.finish(digest.data());
        hash = std::get<Hash>(states_->outer);
        hash.update(digest.data(), Hash::size);
        hash.finish(digest.data());
      },
      states_->inner);
  std::copy_n(digest.begin(), tag.size(), octets(tag.data()));
}

bool Hmac::verify(std::initializer_list<std::span<const std::byte>> pieces, std::span<const std::byte> tag) {
  std::array<std::byte, largest_tag> expected;
  const auto part = std::span(expected).first(tag.size());
  compute(pieces, part);
  return CRYPTO_memcmp(part.data(), tag.data(), tag.size()) == 0;
}

}  // namespace cryptopath
