// NIST's CAVP files and other published vectors, as Debian's python3-cryptography-vectors has them, through the
// project's own ciphers and MACs: those that every codec uses. Each test prints how many cases it ran.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <set>

#include "record/ciphers/aead.hpp"
#include "record/ciphers/cbc.hpp"
#include "record/ciphers/chacha20.hpp"
#include "record/ciphers/hmac.hpp"
#include "record/ciphers/rc4.hpp"
#include "vector_file.hpp"

using namespace cryptopath;
using namespace cryptopath::test;
namespace fs = std::filesystem;

namespace {

using ByteVector = std::vector<std::byte>;

const fs::path vectors = CRYPTOPATH_VECTORS;

Bytes size_of(std::span<const std::byte> bytes) { return Bytes(static_cast<std::int64_t>(bytes.size())); }

/// The files of a folder whose names start with `start`, in order.
std::vector<fs::path> files(const fs::path& folder, const std::string& start) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(vectors / folder)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(start) && entry.path().extension() != ".txt") found.push_back(entry.path());
  }
  std::ranges::sort(found);
  REQUIRE_FALSE(found.empty());
  return found;
}

Cipher aead_cipher(CipherKind kind, const ByteVector& key, std::size_t tag_size) {
  static std::set<std::string> names;  // keeps what Cipher points to
  const std::string name = kind == CipherKind::chacha20_poly1305
                               ? "ChaCha20-Poly1305"
                               : fmt::format("AES-{}-{}", key.size() * 8, kind == CipherKind::gcm ? "GCM" : "CCM");
  return {kind, names.insert(name).first->c_str(), size_of(key), Bytes(0), Bytes(static_cast<std::int64_t>(tag_size))};
}

struct AeadCase {
  ByteVector key;
  ByteVector nonce;
  ByteVector additional;
  ByteVector plaintext;
  ByteVector ciphertext;
  ByteVector tag;
};

void check_seals(CipherKind kind, const AeadCase& one) {
  Aead aead(aead_cipher(kind, one.key, one.tag.size()), one.key, one.nonce.size(), Aead::Direction::seal);
  ByteVector text = one.plaintext;
  ByteVector tag(one.tag.size());
  aead.seal(one.nonce, one.additional, text, tag);
  CHECK(text == one.ciphertext);
  CHECK(tag == one.tag);
}

void check_opens(CipherKind kind, const AeadCase& one, bool authentic) {
  Aead aead(aead_cipher(kind, one.key, one.tag.size()), one.key, one.nonce.size(), Aead::Direction::open);
  ByteVector text = one.ciphertext;
  CHECK(aead.open(one.nonce, one.additional, text, one.tag) == authentic);
  if (authentic) CHECK(text == one.plaintext);
}

Cipher cbc_cipher(const ByteVector& key, const char* name, std::int64_t block) {
  return {CipherKind::cbc, name, size_of(key), Bytes(block), Bytes(0)};
}

void check_cbc(const Cipher& cipher, const ByteVector& key, const VectorCase& one) {
  const bool encrypts = one.text("section") == "encrypt";
  Cbc cbc(cipher, key, encrypts ? Cbc::Direction::encrypt : Cbc::Direction::decrypt);
  ByteVector text = one.bytes(encrypts ? "plaintext" : "ciphertext");
  cbc.run(one.bytes("iv"), text);
  CHECK(text == one.bytes(encrypts ? "ciphertext" : "plaintext"));
}

}  // namespace

TEST_CASE("AES-GCM passes NIST's CAVP vectors") {
  struct Counts {
    std::size_t sealed = 0;
    std::size_t opened = 0;
    std::size_t refused = 0;
  };
  std::map<std::size_t, Counts> by_key_size;
  for (const fs::path& file : files("ciphers/AES/GCM", "gcm")) {
    INFO(file.filename());
    for (const VectorCase& one : read_vectors(file)) {
      const bool fails = one.has("fail");
      const AeadCase vector{one.bytes("key"), one.bytes("iv"), one.bytes("aad"), fails ? ByteVector() : one.bytes("pt"),
                            one.bytes("ct"),  one.bytes("tag")};
      Counts& counts = by_key_size[vector.key.size() * 8];
      if (!fails) {
        check_seals(CipherKind::gcm, vector);
        ++counts.sealed;
      }
      check_opens(CipherKind::gcm, vector, !fails);
      ++(fails ? counts.refused : counts.opened);
    }
  }
  CHECK(by_key_size.size() == 3);
  for (const auto& [bits, counts] : by_key_size) {
    fmt::print("AES-{}-GCM (CAVP): {} sealed, {} opened, {} forgeries refused\n", bits, counts.sealed, counts.opened,
               counts.refused);
    CHECK(counts.opened + counts.refused >= 10'500);
  }
}

TEST_CASE("AES-CCM passes NIST's CAVP vectors") {
  std::size_t sealed = 0;
  std::size_t refused = 0;
  for (const char* kind : {"VADT", "VNT", "VPT", "VTT"}) {
    for (const fs::path& file : files("ciphers/AES/CCM", kind)) {
      INFO(file.filename());
      for (const VectorCase& one : read_vectors(file)) {
        AeadCase vector{one.bytes("key"), one.bytes("nonce"), one.bytes("adata"), one.bytes("payload"), {}, {}};
        vector.additional.resize(one.number("alen"));
        vector.plaintext.resize(one.number("plen"));
        const ByteVector whole = one.bytes("ct");
        const auto size = static_cast<std::ptrdiff_t>(one.number("plen"));
        vector.ciphertext.assign(whole.begin(), whole.begin() + size);
        vector.tag.assign(whole.begin() + size, whole.end());
        check_seals(CipherKind::ccm, vector);
        check_opens(CipherKind::ccm, vector, true);
        ++sealed;
        vector.tag.front() ^= std::byte{1};
        check_opens(CipherKind::ccm, vector, false);
        ++refused;
      }
    }
  }
  fmt::print("AES-CCM (CAVP): {} sealed and opened, {} forgeries refused\n", sealed, refused);
  CHECK(sealed > 1000);
}

TEST_CASE("ChaCha20-Poly1305 passes the vectors of OpenSSL and BoringSSL") {
  std::size_t sealed = 0;
  std::size_t refused = 0;
  std::size_t other_nonces = 0;
  for (const char* name : {"openssl.txt", "boringssl.txt"}) {
    for (const VectorCase& one : read_vectors(vectors / "ciphers/ChaCha20Poly1305" / name)) {
      const bool boring = !one.has("plaintext");
      const auto field = [&](const char* ours, const char* theirs) { return one.bytes(boring ? theirs : ours); };
      AeadCase vector{one.bytes("key"),         field("iv", "nonce"),      field("aad", "ad"),
                      field("plaintext", "in"), field("ciphertext", "ct"), one.bytes("tag")};
      if (vector.nonce.size() != 12) {  // libcrypto's own shorter form, no protocol's
        ++other_nonces;
        continue;
      }
      const bool fails = one.has("result");
      if (!fails) check_seals(CipherKind::chacha20_poly1305, vector);
      check_opens(CipherKind::chacha20_poly1305, vector, !fails);
      ++(fails ? refused : sealed);
    }
  }
  fmt::print("ChaCha20-Poly1305: {} sealed and opened, {} forgeries refused, {} with other nonces left out\n", sealed,
             refused, other_nonces);
  CHECK(sealed > 50);
}

TEST_CASE("ChaCha20 and Poly1305 by themselves pass the vectors of RFC 8439") {
  std::size_t enciphered = 0;
  for (const VectorCase& one : read_vectors(vectors / "ciphers/ChaCha20/rfc7539.txt")) {
    // The first 4 of its 12 bytes of nonce are the upper half of the block counter here, which begins at 0.
    const ByteVector nonce = one.bytes("nonce");
    REQUIRE(std::ranges::all_of(std::span(nonce).first(4), [](std::byte byte) { return byte == std::byte{0}; }));
    ChaCha20 chacha(one.bytes("key"));
    chacha.start(std::span(nonce).last<8>());
    ByteVector skipped(one.number("initial_block_counter") * ChaCha20::block_size);
    chacha.run(skipped);
    ByteVector text = one.bytes("plaintext");
    chacha.run(text);
    CHECK(text == one.bytes("ciphertext"));
    ++enciphered;
  }
  std::size_t authenticated = 0;
  Poly1305 poly1305;
  for (const VectorCase& one : read_vectors(vectors / "poly1305/rfc7539.txt")) {
    const ByteVector key = one.bytes("key");
    const auto tag = poly1305.compute(std::span(key).first<Poly1305::key_size>(), one.bytes("msg"));
    CHECK(ByteVector(tag.begin(), tag.end()) == one.bytes("tag"));
    ++authenticated;
  }
  fmt::print("RFC 8439, appendix A: ChaCha20 {} cases, Poly1305 {}\n", enciphered, authenticated);
  CHECK(enciphered == 3);
  CHECK(authenticated == 11);
}

TEST_CASE("3DES-CBC and DES-CBC pass NIST's CAVP vectors") {
  std::size_t triple = 0;
  std::size_t single = 0;
  for (const char* kind : {"TCBCMMT", "TCBCinvperm", "TCBCpermop", "TCBCsubtab", "TCBCvarkey", "TCBCvartext"}) {
    for (const fs::path& file : files("ciphers/3DES/CBC", kind)) {
      INFO(file.filename());
      for (const VectorCase& one : read_vectors(file)) {
        ByteVector key;
        for (const char* part : {"key1", "key2", "key3"}) {
          const ByteVector bytes = one.bytes(one.has("keys") ? "keys" : part);
          key.insert(key.end(), bytes.begin(), bytes.end());
        }
        check_cbc(cbc_cipher(key, "DES-EDE3-CBC", 8), key, one);
        ++triple;
        if (!one.has("keys")) continue;
        key.resize(8);  // three equal keys are DES
        check_cbc(cbc_cipher(key, "DES-EDE3-CBC", 8), key, one);
        ++single;
      }
    }
  }
  fmt::print("3DES-CBC (CAVP): {} cases, {} of them also as DES\n", triple, single);
  CHECK(triple > 400);
  CHECK(single > 400);
}

TEST_CASE("AES-CBC passes NIST's CAVP vectors") {
  std::size_t cases = 0;
  for (const fs::path& file : files("ciphers/AES/CBC", "CBC")) {
    INFO(file.filename());
    for (const VectorCase& one : read_vectors(file)) {
      const ByteVector key = one.bytes("key");
      const std::string name = fmt::format("AES-{}-CBC", key.size() * 8);
      check_cbc(cbc_cipher(key, name.c_str(), 16), key, one);
      ++cases;
    }
  }
  fmt::print("AES-CBC (CAVP): {} cases\n", cases);
  CHECK(cases > 2000);
}

TEST_CASE("HMAC passes the vectors of RFC 2202 and RFC 4231") {
  std::size_t cases = 0;
  for (const auto& [file, digest] : {std::pair{"rfc-2202-md5.txt", "MD5"}, std::pair{"rfc-2202-sha1.txt", "SHA1"},
                                     std::pair{"rfc-4231-sha256.txt", "SHA256"}}) {
    for (const VectorCase& one : read_vectors(vectors / "HMAC" / file)) {
      Hmac hmac(digest, one.bytes("key"));
      const ByteVector expected = one.bytes("md");
      const ByteVector message = one.bytes("msg");
      ByteVector tag(expected.size());
      hmac.compute({message}, tag);
      CHECK(tag == expected);
      const std::size_t middle = message.size() / 2;
      CHECK(hmac.verify({std::span(message).first(middle), std::span(message).subspan(middle)}, expected));
      ++cases;
    }
  }
  fmt::print("HMAC (RFC 2202, RFC 4231): {} cases\n", cases);
  CHECK(cases >= 20);
}

TEST_CASE("RC4 passes the vectors of RFC 6229 for 128-bit keys") {
  std::size_t cases = 0;
  for (const VectorCase& one : read_vectors(vectors / "ciphers/ARC4/rfc-6229-128.txt")) {
    Rc4 rc4(one.bytes("key"), 0);
    ByteVector skipped(one.number("offset"));
    rc4.run_next(skipped);
    ByteVector text = one.bytes("plaintext");
    rc4.run_next(text);
    CHECK(text == one.bytes("ciphertext"));
    ++cases;
  }
  fmt::print("RC4 (RFC 6229): {} cases\n", cases);
  CHECK(cases >= 36);
}
