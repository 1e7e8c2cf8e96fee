#include "tls_keys.hpp"

#include <openssl/core_names.h>
#include <openssl/kdf.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "cryptopath/errors.hpp"
#include "record/bytes.hpp"
#include "record/formats.hpp"
#include "record/openssl.hpp"

namespace cryptopath {

namespace {

std::vector<std::byte> derive(const char* function, std::size_t size, const OSSL_PARAM* parameters) {
  const Owned<EVP_KDF, EVP_KDF_free> algorithm(EVP_KDF_fetch(nullptr, function, nullptr));
  ensure_openssl(algorithm != nullptr, function);
  const Owned<EVP_KDF_CTX, EVP_KDF_CTX_free> context(EVP_KDF_CTX_new(algorithm.get()));
  std::vector<std::byte> bytes(size);
  ensure_openssl(context != nullptr && EVP_KDF_derive(context.get(), octets(bytes.data()), size, parameters) == 1,
                 function);
  return bytes;
}

/// OSSL_PARAM takes pointers to mutable bytes, and leaves these alone.
OSSL_PARAM octet_string(const char* key, std::span<const std::byte> bytes) {
  return OSSL_PARAM_construct_octet_string(key, const_cast<std::byte*>(bytes.data()), bytes.size());
}
OSSL_PARAM octet_string(const char* key, std::string_view text) {
  return octet_string(key, std::as_bytes(std::span(text)));
}
OSSL_PARAM text(const char* key, const char* value) {
  return OSSL_PARAM_construct_utf8_string(key, const_cast<char*>(value), 0);
}

/// The hash under the PRF of the suites that handshakes choose.
const char* prf_digest(const RecordFormat& format) {
  if (format.protocol == Protocol::tls_1_0 || format.protocol == Protocol::tls_1_1) return "MD5-SHA1";
  return format.suite == Suite::aes_256_gcm ? "SHA384" : "SHA256";
}

/// Takes the next pieces off a key block.
class KeyBlock {
 public:
  explicit KeyBlock(std::vector<std::byte> bytes) : bytes_(std::move(bytes)) {}
  ~KeyBlock() { wipe(bytes_); }
  KeyBlock(const KeyBlock&) = delete;
  KeyBlock& operator=(const KeyBlock&) = delete;

  std::vector<std::byte> take(Bytes size) {
    const auto piece = std::span(bytes_).subspan(taken_, to_size(size));
    taken_ += piece.size();
    return {piece.begin(), piece.end()};
  }

 private:
  std::vector<std::byte> bytes_;
  std::size_t taken_ = 0;
};

/// Moves `keys` on behind the records that their owner has sealed in the handshake: those after change_cipher_spec.
void move_behind(const std::vector<Flight>& handshake, bool of_sender, const RecordFormat& format, TrafficKeys& keys) {
  const SuiteFormat& suite = format_of(format.suite);
  const bool datagrams = in_datagrams(format.protocol);
  const std::size_t header = datagrams ? 13 : 5;
  const std::size_t tag = format.encrypt_then_mac ? to_size(suite.mac.size) : 0;
  bool sealed = false;
  keys.sequence = datagrams ? std::uint64_t{1} << 48 : 0;  // DTLS: epoch 1
  for (const Flight& flight : handshake) {
    if (flight.from_sender != of_sender) continue;
    for (auto rest = std::span(flight.bytes); !rest.empty();) {
      ensure(rest.size() >= header && rest.size() - header >= number_at(rest, header - 2), "flights are whole records");
      const auto body = rest.subspan(header, number_at(rest, header - 2));
      if (sealed) {
        ++keys.sequence;
        if (suite.cipher.kind == CipherKind::stream) keys.keystream_used += body.size();
        const auto ciphertext = body.first(body.size() - tag);
        // In TLS 1.0 the last block is the next record's IV; elsewhere only an AEAD has an implicit IV, which stays.
        if (suite.cipher.kind == CipherKind::cbc) {
          std::ranges::copy(ciphertext.last(keys.implicit_iv.size()), keys.implicit_iv.begin());
        }
      }
      sealed = sealed || rest[0] == std::byte(ContentType::change_cipher_spec);
      rest = rest.subspan(header + body.size());
    }
  }
  ensure(sealed, "a handshake ends under the new keys");
}

std::vector<std::byte> from_hexadecimal(std::string_view text) {
  std::vector<std::byte> bytes(text.size() / 2);
  for (std::byte& byte : bytes) {
    std::uint8_t value = 0;
    const char* const end = text.data() + 2;
    ensure(std::from_chars(text.data(), end, value, 16).ptr == end, "hexadecimal digits");
    byte = std::byte(value);
    text.remove_prefix(2);
  }
  return bytes;
}

TrafficKeys expand_traffic_secret(const RecordFormat& format, std::string_view label, std::string_view key_log) {
  const std::size_t line = key_log.find(std::string(label) + ' ');
  ensure(line != std::string_view::npos, "the key log has the traffic secrets");
  const auto entry = key_log.substr(line, key_log.find('\n', line) - line);
  auto secret = from_hexadecimal(entry.substr(entry.rfind(' ') + 1));
  // HKDF-Expand-Label with an empty context (RFC 8446, 7.1).
  int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
  const auto expand = [&](std::string_view purpose, Bytes size) {
    const std::array parameters = {text(OSSL_KDF_PARAM_DIGEST, secret.size() == 48 ? "SHA384" : "SHA256"),
                                   OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
                                   octet_string(OSSL_KDF_PARAM_KEY, secret),
                                   octet_string(OSSL_KDF_PARAM_PREFIX, "tls13 "),
                                   octet_string(OSSL_KDF_PARAM_LABEL, purpose),
                                   OSSL_PARAM_construct_end()};
    return derive("TLS13-KDF", to_size(size), parameters.data());
  };
  const KeySizes sizes = key_sizes(format);
  TrafficKeys keys;
  keys.cipher_key = expand("key", sizes.cipher_key);
  keys.implicit_iv = expand("iv", sizes.implicit_iv);
  wipe(secret);
  return keys;
}

}  // namespace

MasterSecret::~MasterSecret() { wipe(master); }

void take_over(const RecordFormat& format, const MasterSecret& secret, Session& session) {
  const KeySizes sizes = key_sizes(format);
  const std::size_t size = 2 * to_size(sizes.mac_key + sizes.cipher_key + sizes.implicit_iv);
  const std::array parameters = {
      text(OSSL_KDF_PARAM_DIGEST, prf_digest(format)),         octet_string(OSSL_KDF_PARAM_SECRET, secret.master),
      octet_string(OSSL_KDF_PARAM_SEED, "key expansion"),      octet_string(OSSL_KDF_PARAM_SEED, secret.server_random),
      octet_string(OSSL_KDF_PARAM_SEED, secret.client_random), OSSL_PARAM_construct_end()};
  KeyBlock block(derive("TLS1-PRF", size, parameters.data()));
  TrafficKeys& client = session.receiver;
  TrafficKeys& server = session.sender;
  for (TrafficKeys* keys : {&client, &server}) keys->mac_key = block.take(sizes.mac_key);
  for (TrafficKeys* keys : {&client, &server}) keys->cipher_key = block.take(sizes.cipher_key);
  for (TrafficKeys* keys : {&client, &server}) keys->implicit_iv = block.take(sizes.implicit_iv);
  move_behind(session.handshake, false, format, client);
  move_behind(session.handshake, true, format, server);
}

void take_over_tls_1_3(const RecordFormat& format, Session& session) {
  session.receiver = expand_traffic_secret(format, "CLIENT_TRAFFIC_SECRET_0", session.key_log);
  session.sender = expand_traffic_secret(format, "SERVER_TRAFFIC_SECRET_0", session.key_log);
}

}  // namespace cryptopath
