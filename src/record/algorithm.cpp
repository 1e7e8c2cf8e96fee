#include "cryptopath/algorithm.hpp"

#include <algorithm>
#include <array>

#include "cryptopath/record_format.hpp"
#include "formats.hpp"

namespace cryptopath {

using namespace literals;

namespace {

struct Alone {
  std::string_view name;
  Bytes block;
  KeyLengths key;
  std::optional<Bytes> mac = {};
};

constexpr KeyLengths exactly(Bytes length) { return {length, length, length}; }

// The lengths are those of openbsd/src sys/crypto/xform.c 1.19 of 2002, as NetBSD took it over. AES is one cipher
// there, for keys of any length of this range.
constexpr KeyLengths rc4_key{16_B, 1_B, 32_B};
constexpr KeyLengths null_key{0_B, 0_B, 256_B};
constexpr KeyLengths aes_key(Bytes own) { return {own, 8_B, 32_B}; }

constexpr std::array alone = {
    Alone{"rc4", 1_B, rc4_key},
    Alone{"des-cbc", 8_B, exactly(8_B)},
    Alone{"3des-ede-cbc", 8_B, exactly(24_B)},
    Alone{"aes-128-cbc", 16_B, aes_key(16_B)},
    Alone{"aes-192-cbc", 16_B, aes_key(24_B)},
    Alone{"aes-256-cbc", 16_B, aes_key(32_B)},
    Alone{"hmac-md5", 1_B, exactly(16_B), 16_B},
    Alone{"hmac-sha1", 1_B, exactly(20_B), 20_B},
    Alone{"hmac-sha256", 1_B, exactly(32_B), 32_B},
};

}  // namespace

std::vector<std::string> all_algorithms() {
  std::vector<std::string> names;
  for (const Alone& each : alone) names.emplace_back(each.name);
  for (const Suite suite : all_suites()) names.emplace_back(name_of(suite));
  return names;
}

bool is_algorithm(std::string_view name) { return std::ranges::count(all_algorithms(), name) > 0; }

Bytes block_size(std::string_view algorithm) {
  const auto found = std::ranges::find(alone, algorithm, &Alone::name);
  if (found != alone.end()) return found->block;
  for (const Suite suite : all_suites()) {
    if (name_of(suite) == algorithm) return std::max(format_of(suite).cipher.block, 1_B);
  }
  throw Fault("no algorithm is named " + std::string(algorithm));
}

std::optional<Bytes> mac_size(std::string_view algorithm) {
  const auto found = std::ranges::find(alone, algorithm, &Alone::name);
  return found == alone.end() ? std::nullopt : found->mac;
}

SessionKeys session_keys(std::string_view algorithm) {
  const auto found = std::ranges::find(alone, algorithm, &Alone::name);
  if (found != alone.end()) return found->mac ? SessionKeys{{}, found->key} : SessionKeys{found->key, {}};
  for (const Suite suite : all_suites()) {
    if (name_of(suite) != algorithm) continue;
    const auto& [kind, name, key, block, tag] = format_of(suite).cipher;
    const std::size_t hyphen = algorithm.find("-hmac-");
    if (hyphen == std::string_view::npos) {
      return {kind == CipherKind::none ? null_key : exactly(key), {}};  // an AEAD, which OpenBSD came to have later
    }
    const std::optional<KeyLengths> mac = session_keys(algorithm.substr(hyphen + 1)).mac;
    if (kind == CipherKind::none) return {{}, mac};
    return {session_keys(algorithm.substr(0, hyphen)).cipher, mac};
  }
  throw Fault("no algorithm is named " + std::string(algorithm));
}

KeyLengths first_key(std::string_view algorithm) {
  const SessionKeys keys = session_keys(algorithm);
  return keys.cipher ? *keys.cipher : keys.mac.value();
}

std::optional<CipherAndMac> parts_of(std::string_view algorithm) {
  const std::size_t hyphen = algorithm.find("-hmac-");
  if (hyphen == std::string_view::npos) return std::nullopt;
  CipherAndMac parts{std::string(algorithm.substr(0, hyphen)), std::string(algorithm.substr(hyphen + 1))};
  if (!is_cipher_alone(parts.cipher) || !mac_size(parts.mac)) return std::nullopt;
  return parts;
}

bool is_cipher_alone(std::string_view algorithm) {
  const auto found = std::ranges::find(alone, algorithm, &Alone::name);
  return found != alone.end() && !found->mac;
}

}  // namespace cryptopath
