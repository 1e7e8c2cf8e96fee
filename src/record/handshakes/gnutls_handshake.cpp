// Handshakes between two ends of GnuTLS, with its client as the peer. handshake() takes it for 3DES and RC4, which
// Debian's libssl is built without.
//
// GnuTLS lets nobody replace its generator, so the key exchange is one in which chance enters through the hello
// messages only, and these it lets one set: a pre-shared key (RFC 4279), made from the seed. Given up with it are an
// ephemeral key exchange, certificates, and the extended master secret. The session identifier, which the Finished
// messages cover, is made from the seed too. What chance is left decides no key: the explicit IVs of the Finished
// messages from TLS 1.1 on and in DTLS. Hello messages, key derivation, Finished messages and all of the record
// protection are GnuTLS's own.
//
// Where there is no such exchange the server has a certificate, which the client verifies, and keys do not repeat: the
// suites that have none with a pre-shared key (NULL with MD5, AES-256-CBC with SHA256), and TLS 1.3, where GnuTLS 3.7
// has SHA-256 for all pre-shared keys, which AES-256-GCM cannot use.
#include <fmt/format.h>
#include <gnutls/gnutls.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "cryptopath/errors.hpp"
#include "gnutls_peer.hpp"
#include "handshake.hpp"
#include "openssl_library.hpp"
#include "record/bytes.hpp"
#include "record/formats.hpp"
#include "record/seeded_bytes.hpp"
#include "tls_keys.hpp"

namespace cryptopath {

namespace {

/// GnuTLS's names, and whether it has the suite with a pre-shared key.
struct GnutlsSuite {
  Suite suite;
  const char* cipher;
  const char* mac;
  bool pre_shared_key = true;
};

constexpr std::array gnutls_suites = {
    GnutlsSuite{Suite::null_hmac_md5, "NULL", "MD5", false},
    GnutlsSuite{Suite::null_hmac_sha1, "NULL", "SHA1"},
    GnutlsSuite{Suite::null_hmac_sha256, "NULL", "SHA256"},
    GnutlsSuite{Suite::rc4_hmac_sha1, "ARCFOUR-128", "SHA1"},
    GnutlsSuite{Suite::triple_des_cbc_hmac_sha1, "3DES-CBC", "SHA1"},
    GnutlsSuite{Suite::aes_128_cbc_hmac_sha1, "AES-128-CBC", "SHA1"},
    GnutlsSuite{Suite::aes_128_cbc_hmac_sha256, "AES-128-CBC", "SHA256"},
    GnutlsSuite{Suite::aes_256_cbc_hmac_sha1, "AES-256-CBC", "SHA1"},
    GnutlsSuite{Suite::aes_256_cbc_hmac_sha256, "AES-256-CBC", "SHA256", false},
    GnutlsSuite{Suite::aes_128_gcm, "AES-128-GCM", "AEAD"},
    GnutlsSuite{Suite::aes_256_gcm, "AES-256-GCM", "AEAD"},
    GnutlsSuite{Suite::aes_128_ccm, "AES-128-CCM", "AEAD"},
    GnutlsSuite{Suite::aes_256_ccm, "AES-256-CCM", "AEAD"},
    GnutlsSuite{Suite::chacha20_poly1305, "CHACHA20-POLY1305", "AEAD"},
};

const char* priority_of(Protocol protocol) {
  switch (protocol) {
    case Protocol::tls_1_0:
      return "TLS1.0";
    case Protocol::tls_1_1:
      return "TLS1.1";
    case Protocol::tls_1_2:
      return "TLS1.2";
    case Protocol::tls_1_3:
      return "TLS1.3";
    case Protocol::dtls_1_2:
      return "DTLS1.2";
    default:
      throw Fault("GnuTLS speaks TLS and DTLS");
  }
}

/// `encode` is one of libcrypto's i2d functions.
template <class Object>
std::vector<std::byte> der_of(const Object& object, int (*encode)(const Object*, unsigned char**)) {
  unsigned char* bytes = nullptr;
  const int size = encode(&object, &bytes);
  ensure_openssl(size > 0, "DER");
  const auto* begin = reinterpret_cast<const std::byte*>(bytes);
  std::vector<std::byte> der(begin, begin + size);
  OPENSSL_clear_free(bytes, der.size());
  return der;
}

std::span<const std::byte> bytes_of(const gnutls_datum_t& datum) {
  return {reinterpret_cast<const std::byte*>(datum.data), datum.size};
}

/// What the server has beside the agreement, and what it leaves: it is the session's own pointer.
struct ServerSecrets {
  std::vector<std::byte> pre_shared_key;
  std::vector<std::byte> certificate_key;  // DER
  std::vector<std::byte> session_identifier;
  std::string& key_log;

  explicit ServerSecrets(std::string& log) : key_log(log) { key_log.reserve(key_log_room); }
  ServerSecrets(const ServerSecrets&) = delete;
  ServerSecrets& operator=(const ServerSecrets&) = delete;
  ~ServerSecrets() {
    wipe(pre_shared_key);
    wipe(certificate_key);
  }
};

GnutlsAgreement agreement_on(const RecordFormat& format, std::uint64_t seed, ServerSecrets& secrets) {
  const auto* names = std::ranges::find(gnutls_suites, format.suite, &GnutlsSuite::suite);
  ensure(names != gnutls_suites.end(), "GnuTLS has the suite");
  const bool tls_1_3 = format.protocol == Protocol::tls_1_3;
  const bool by_key = names->pre_shared_key && !tls_1_3;
  const char* exchange = by_key ? "PSK" : tls_1_3 ? "ECDHE-RSA:+GROUP-X25519" : "RSA";
  GnutlsAgreement agreement{fmt::format("NONE:+VERS-{}:+{}:+{}:+{}:+COMP-NULL:+SIGN-ALL:%NO_SESSION_HASH:%NO_TICKETS{}",
                                        priority_of(format.protocol), names->cipher, names->mac, exchange,
                                        format.encrypt_then_mac ? "" : ":%NO_ETM"),
                            in_datagrams(format.protocol),
                            {},
                            {}};
  if (by_key) {
    secrets.pre_shared_key = seeded_bytes("cryptopath pre-shared key", seed, 32);
    agreement.pre_shared_key = secrets.pre_shared_key;
  } else {
    const SeededLibrary library(seed);
    const Credentials credentials = make_rsa_credentials(library);
    secrets.certificate_key = der_of(*credentials.key, i2d_PrivateKey);
    agreement.certificate = der_of(*credentials.certificate, i2d_X509);
  }
  secrets.session_identifier = seeded_bytes("cryptopath session identifier", seed, GNUTLS_MAX_SESSION_ID_SIZE);
  return agreement;
}

struct Server {
  using PreSharedKey =
      Owned<std::remove_pointer_t<gnutls_psk_server_credentials_t>, gnutls_psk_free_server_credentials>;
  PreSharedKey pre_shared_key;
  GnutlsEnd end;

  Server(const GnutlsAgreement& agreement, Connection& connection, std::span<const std::byte> hello_random,
         ServerSecrets& secrets)
      : end(agreement, {&connection, End::server}, hello_random) {
    gnutls_session_t session = end.session.get();
    gnutls_session_set_ptr(session, &secrets);
    gnutls_session_set_keylog_function(session, log_key);
    gnutls_handshake_set_post_client_hello_function(session, choose_identifier);
    if (end.certificate != nullptr) {
      const gnutls_datum_t certificate = datum(agreement.certificate);
      const gnutls_datum_t key = datum(secrets.certificate_key);
      ensure_gnutls(gnutls_certificate_set_x509_key_mem(end.certificate.get(), &certificate, &key, GNUTLS_X509_FMT_DER),
                    "server's certificate");
      return;
    }
    gnutls_psk_server_credentials_t made = nullptr;
    ensure_gnutls(gnutls_psk_allocate_server_credentials(&made), "server credentials");
    pre_shared_key.reset(made);
    gnutls_psk_set_server_credentials_function(made, find_key);
    ensure_gnutls(gnutls_credentials_set(session, GNUTLS_CRD_PSK, made), "server credentials");
  }

  static ServerSecrets& secrets_of(gnutls_session_t session) {
    return *static_cast<ServerSecrets*>(gnutls_session_get_ptr(session));
  }

  static int find_key(gnutls_session_t session, const char* user, gnutls_datum_t* key) {
    if (std::strcmp(user, gnutls_user) != 0) return -1;
    const auto& shared = secrets_of(session).pre_shared_key;
    key->data = static_cast<unsigned char*>(gnutls_malloc(shared.size()));
    if (key->data == nullptr) return -1;
    std::memcpy(key->data, shared.data(), shared.size());
    key->size = static_cast<unsigned>(shared.size());
    return 0;
  }

  /// GnuTLS has drawn the session identifier and not yet said it. In TLS 1.0 it decides the Finished message's
  /// ciphertext, whose last block is the IV of the first record of data, so it is put to what the seed says, in the one
  /// place that GnuTLS shows: the session's own memory.
  static int choose_identifier(gnutls_session_t session) {
    gnutls_datum_t identifier{};
    const int code = gnutls_session_get_id2(session, &identifier);
    if (code < 0) return code;
    const auto& chosen = secrets_of(session).session_identifier;
    std::memcpy(identifier.data, chosen.data(), std::min<std::size_t>(identifier.size, chosen.size()));
    return 0;
  }

  static int log_key(gnutls_session_t session, const char* label, const gnutls_datum_t* secret) {
    gnutls_datum_t client_random{};
    gnutls_datum_t server_random{};
    gnutls_session_get_random(session, &client_random, &server_random);
    std::string& log = secrets_of(session).key_log;
    log.append(label) += ' ';
    append_hexadecimal(log, bytes_of(client_random));
    log += ' ';
    append_hexadecimal(log, bytes_of(*secret));
    log += '\n';
    return 0;
  }
};

/// True when the end has finished; false when it waits for the other.
bool advance(gnutls_session_t end) {
  const int code = gnutls_handshake(end);
  if (code == GNUTLS_E_AGAIN) return false;
  ensure_gnutls(code, "handshake");
  return true;
}

MasterSecret master_secret_of(gnutls_session_t session) {
  gnutls_datum_t master{};
  gnutls_datum_t client_random{};
  gnutls_datum_t server_random{};
  gnutls_session_get_random(session, &client_random, &server_random);
  gnutls_session_get_master_secret(session, &master);
  const auto copy = [](const gnutls_datum_t& from) {
    const auto bytes = bytes_of(from);
    return std::vector<std::byte>(bytes.begin(), bytes.end());
  };
  return {copy(master), copy(client_random), copy(server_random)};
}

}  // namespace

Session gnutls_handshake(const RecordFormat& format, std::uint64_t seed) {
  constexpr std::size_t random_size = 32;
  Session session;
  ServerSecrets secrets(session.key_log);
  const GnutlsAgreement agreement = agreement_on(format, seed, secrets);
  auto peer = std::make_unique<GnutlsPeer>(agreement, seeded_bytes("cryptopath client hello", seed, random_size));
  const Server server(agreement, peer->connection(), seeded_bytes("cryptopath server hello", seed, random_size),
                      secrets);
  gnutls_session_t server_end = server.end.session.get();
  for (bool client_done = false, server_done = false; !(client_done && server_done);) {
    client_done = client_done || advance(peer->session());
    server_done = server_done || advance(server_end);
  }

  session.handshake = peer->connection().take_transcript();
  session.peer = std::move(peer);
  if (format.protocol == Protocol::tls_1_3) {
    take_over_tls_1_3(format, session);
  } else {
    take_over(format, master_secret_of(server_end), session);
  }
  return session;
}

}  // namespace cryptopath
