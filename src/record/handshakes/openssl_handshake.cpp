// Handshakes between two ends of OpenSSL's libssl, with its client as the peer.
//
// They are whole: ephemeral X25519, a certificate signed with Ed25519 that the client verifies, extended master secret.
// TLS before 1.2 has no Ed25519, and neither has libssl's DTLS 1.2: there the certificate is RSA's. Suites without a
// number for an ephemeral exchange (NULL with MD5 and SHA256, AES-256-CBC with SHA256, and CCM with RSA) send the
// premaster secret enciphered under the certificate's key. Before TLS 1.2, HMAC-SHA256 is there with a pre-shared key
// alone, made from the seed, beside X25519 (RFC 5489). Given up is only chance: both ends draw from a
// SeededLibrary. Groups and signatures are such that nothing else is drawn or depends on the processor. Session tickets
// are off, so that nothing stands between the handshake and the data.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "cryptopath/errors.hpp"
#include "handshake.hpp"
#include "openssl_peer.hpp"
#include "record/bytes.hpp"
#include "record/formats.hpp"
#include "record/seeded_bytes.hpp"
#include "tls_keys.hpp"

namespace cryptopath {

namespace {

using SslContext = Owned<SSL_CTX, SSL_CTX_free>;

/// libssl's names for a suite, by the server's certificate or the pre-shared key that takes its place before TLS 1.2;
/// nullptr where there is none.
struct OpenSslSuite {
  Suite suite;
  const char* ed25519;
  const char* rsa;
  const char* tls_1_3 = nullptr;
  const char* pre_shared_key = nullptr;
};

constexpr std::array openssl_suites = {
    OpenSslSuite{Suite::null_hmac_md5, nullptr, "NULL-MD5"},
    OpenSslSuite{Suite::null_hmac_sha1, "ECDHE-ECDSA-NULL-SHA", "ECDHE-RSA-NULL-SHA"},
    OpenSslSuite{Suite::null_hmac_sha256, nullptr, "NULL-SHA256", nullptr, "ECDHE-PSK-NULL-SHA256"},
    OpenSslSuite{Suite::aes_128_cbc_hmac_sha1, "ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES128-SHA"},
    OpenSslSuite{Suite::aes_128_cbc_hmac_sha256, "ECDHE-ECDSA-AES128-SHA256", "ECDHE-RSA-AES128-SHA256", nullptr,
                 "ECDHE-PSK-AES128-CBC-SHA256"},
    OpenSslSuite{Suite::aes_256_cbc_hmac_sha1, "ECDHE-ECDSA-AES256-SHA", "ECDHE-RSA-AES256-SHA"},
    OpenSslSuite{Suite::aes_256_cbc_hmac_sha256, nullptr, "AES256-SHA256"},
    OpenSslSuite{Suite::aes_128_gcm, "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256",
                 "TLS_AES_128_GCM_SHA256"},
    OpenSslSuite{Suite::aes_256_gcm, "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
                 "TLS_AES_256_GCM_SHA384"},
    OpenSslSuite{Suite::aes_128_ccm, "ECDHE-ECDSA-AES128-CCM", "AES128-CCM", "TLS_AES_128_CCM_SHA256"},
    OpenSslSuite{Suite::aes_256_ccm, "ECDHE-ECDSA-AES256-CCM", "AES256-CCM"},
    OpenSslSuite{Suite::chacha20_poly1305, "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
                 "TLS_CHACHA20_POLY1305_SHA256"},
};

/// What both ends agree on before they start.
struct Agreement {
  bool tls_1_3;
  bool datagrams;
  bool rsa;
  bool pre_shared_key;
  int version;
  const char* suite;
  std::uint64_t options = SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_QUERY_MTU;
};

int version_of(Protocol protocol) {
  switch (protocol) {
    case Protocol::tls_1_0:
      return TLS1_VERSION;
    case Protocol::tls_1_1:
      return TLS1_1_VERSION;
    case Protocol::tls_1_2:
      return TLS1_2_VERSION;
    case Protocol::tls_1_3:
      return TLS1_3_VERSION;
    case Protocol::dtls_1_2:
      return DTLS1_2_VERSION;
    default:
      throw Fault("OpenSSL speaks TLS and DTLS");
  }
}

Agreement agreement_on(const RecordFormat& format) {
  const auto* names = std::ranges::find(openssl_suites, format.suite, &OpenSslSuite::suite);
  ensure(names != openssl_suites.end(), "OpenSSL has the suite");
  Agreement agreement{};
  agreement.tls_1_3 = format.protocol == Protocol::tls_1_3;
  agreement.datagrams = in_datagrams(format.protocol);
  agreement.version = version_of(format.protocol);
  const bool has_ed25519 = format.protocol == Protocol::tls_1_2 || agreement.tls_1_3;
  agreement.rsa = !has_ed25519 || (!agreement.tls_1_3 && names->ed25519 == nullptr);
  const bool before_tls_1_2 = format.protocol == Protocol::tls_1_0 || format.protocol == Protocol::tls_1_1;
  agreement.pre_shared_key = before_tls_1_2 && names->pre_shared_key != nullptr;
  agreement.suite = agreement.tls_1_3          ? names->tls_1_3
                    : agreement.pre_shared_key ? names->pre_shared_key
                    : agreement.rsa            ? names->rsa
                                               : names->ed25519;
  ensure(agreement.suite != nullptr, "OpenSSL has the suite in this version");
  const bool cbc = format_of(format.suite).cipher.kind == CipherKind::cbc;
  if (cbc && !format.encrypt_then_mac) agreement.options |= SSL_OP_NO_ENCRYPT_THEN_MAC;
  return agreement;
}

SslContext make_context(const SeededLibrary& library, const Agreement& agreement, const SSL_METHOD* method) {
  SslContext context(SSL_CTX_new_ex(library.get(), nullptr, method));
  ensure_openssl(context != nullptr, "new TLS context");
  SSL_CTX_set_security_level(context.get(), 0);  // or libssl would refuse the old versions and NULL suites
  SSL_CTX_set_options(context.get(), agreement.options);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  ensure_openssl(SSL_CTX_set_min_proto_version(context.get(), agreement.version) == 1 &&
                     SSL_CTX_set_max_proto_version(context.get(), agreement.version) == 1 &&
                     (agreement.tls_1_3 ? SSL_CTX_set_ciphersuites(context.get(), agreement.suite)
                                        : SSL_CTX_set_cipher_list(context.get(), agreement.suite)) == 1 &&
                     SSL_CTX_set_num_tickets(context.get(), 0) == 1 &&
                     SSL_CTX_set1_groups_list(context.get(), "X25519") == 1 &&
                     SSL_CTX_set1_sigalgs_list(context.get(), agreement.rsa ? "rsa_pkcs1_sha256" : "ed25519") == 1,
                 "TLS options");
  return context;
}

Ssl make_end(SSL_CTX& context, const Agreement& agreement) {
  Ssl ssl(SSL_new(&context));
  ensure_openssl(ssl != nullptr, "new TLS end");
  if (agreement.datagrams) {
    constexpr long mtu = largest_datagram.count;
    ensure_openssl(SSL_set_mtu(ssl.get(), mtu) == mtu, "MTU");
    // Nothing gets lost here, so that a datagram sent again would only mean that the machine is slow.
    DTLS_set_timer_cb(ssl.get(), [](SSL*, unsigned) { return 1'000'000'000U; });
  }
  return ssl;
}

/// The SSL's application data.
struct Secrets {
  std::string& key_log;
  std::vector<std::byte> pre_shared_key;  // empty for none

  Secrets(std::string& log, std::vector<std::byte> key) : key_log(log), pre_shared_key(std::move(key)) {}
  Secrets(const Secrets&) = delete;
  Secrets& operator=(const Secrets&) = delete;
  ~Secrets() { wipe(pre_shared_key); }
};

Secrets& secrets_of(const SSL& ssl) { return *static_cast<Secrets*>(SSL_get_app_data(&ssl)); }

void log_key(const SSL* ssl, const char* line) { secrets_of(*ssl).key_log.append(line).append("\n"); }

unsigned take_pre_shared_key(const SSL& ssl, unsigned char* key, unsigned room) {
  const auto& shared = secrets_of(ssl).pre_shared_key;
  if (shared.size() > room) return 0;  // libssl: none
  std::ranges::copy(shared, reinterpret_cast<std::byte*>(key));
  return static_cast<unsigned>(shared.size());
}

unsigned server_key(SSL* ssl, const char*, unsigned char* key, unsigned room) {
  return take_pre_shared_key(*ssl, key, room);
}

unsigned client_key(SSL* ssl, const char*, char* identity, unsigned identity_room, unsigned char* key, unsigned room) {
  constexpr std::string_view name = "cryptopath";
  if (name.size() >= identity_room) return 0;
  *std::ranges::copy(name, identity).out = '\0';
  return take_pre_shared_key(*ssl, key, room);
}

Ssl make_server(const SeededLibrary& library, const Agreement& agreement, const Credentials& credentials,
                Secrets& secrets) {
  const SslContext context =
      make_context(library, agreement, agreement.datagrams ? DTLS_server_method() : TLS_server_method());
  ensure_openssl(SSL_CTX_use_certificate(context.get(), credentials.certificate.get()) == 1 &&
                     SSL_CTX_use_PrivateKey(context.get(), credentials.key.get()) == 1,
                 "server's certificate");
  SSL_CTX_set_keylog_callback(context.get(), log_key);
  Ssl server = make_end(*context, agreement);
  SSL_set_app_data(server.get(), &secrets);
  if (agreement.pre_shared_key) SSL_set_psk_server_callback(server.get(), server_key);
  SSL_set_accept_state(server.get());
  return server;
}

Ssl make_client(const SeededLibrary& library, const Agreement& agreement, X509& trusted, Secrets& secrets) {
  const SslContext context =
      make_context(library, agreement, agreement.datagrams ? DTLS_client_method() : TLS_client_method());
  ensure_openssl(X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), &trusted) == 1, "trusted certificate");
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  Ssl client = make_end(*context, agreement);
  SSL_set_app_data(client.get(), &secrets);
  if (agreement.pre_shared_key) SSL_set_psk_client_callback(client.get(), client_key);
  SSL_set_connect_state(client.get());
  return client;
}

/// True when the end has finished; false when it waits for the other.
bool advance(SSL& end) {
  const int result = SSL_do_handshake(&end);
  if (result == 1) return true;
  ensure_openssl(SSL_get_error(&end, result) == SSL_ERROR_WANT_READ, "handshake");
  return false;
}

MasterSecret master_secret_of(const SSL& ssl) {
  MasterSecret secret;
  secret.client_random.resize(SSL3_RANDOM_SIZE);
  secret.server_random.resize(SSL3_RANDOM_SIZE);
  secret.master.resize(SSL_MAX_MASTER_KEY_LENGTH);
  SSL_get_client_random(&ssl, octets(secret.client_random.data()), secret.client_random.size());
  SSL_get_server_random(&ssl, octets(secret.server_random.data()), secret.server_random.size());
  const std::size_t size =
      SSL_SESSION_get_master_key(SSL_get0_session(&ssl), octets(secret.master.data()), secret.master.size());
  ensure(size == secret.master.size(), "a master secret of TLS up to 1.2 has 48 bytes");
  return secret;
}

}  // namespace

Session openssl_handshake(const RecordFormat& format, std::uint64_t seed) {
  const Agreement agreement = agreement_on(format);
  auto peer = std::make_unique<OpenSslPeer>(SeededLibrary(seed), agreement.datagrams);
  const SeededLibrary& library = peer->library();
  const Credentials credentials =
      agreement.rsa ? make_rsa_credentials(library) : make_ed25519_credentials(library, seed);

  Session session;
  session.key_log.reserve(key_log_room);
  Transport transport{&peer->connection(), End::server};
  Secrets secrets(session.key_log, agreement.pre_shared_key ? seeded_bytes("cryptopath pre-shared key", seed, 32)
                                                            : std::vector<std::byte>());
  const Ssl server = make_server(library, agreement, credentials, secrets);
  connect(*server, transport);
  SSL& client = peer->adopt(make_client(library, agreement, *credentials.certificate, secrets));
  for (bool client_done = false, server_done = false; !(client_done && server_done);) {
    client_done = advance(client);
    server_done = advance(*server);
  }

  SSL_set_app_data(&client, nullptr);  // it outlives them

  session.handshake = peer->connection().take_transcript();
  session.peer = std::move(peer);
  if (agreement.tls_1_3) {
    take_over_tls_1_3(format, session);
  } else {
    take_over(format, master_secret_of(*server), session);
  }
  return session;
}

}  // namespace cryptopath
