// Handshakes between two ends of GnuTLS, with its client as the peer: 3DES and RC4, which Debian's libssl is built
// without.
//
// GnuTLS lets nobody replace its generator, so the key exchange is one in which chance enters through the hello
// messages only, and these it lets one set: a pre-shared key (RFC 4279), made from the seed. Given up with it are an
// ephemeral key exchange, certificates, and the extended master secret. The session identifier, which the Finished
// messages cover, is made from the seed too. What chance is left decides no key: the explicit IVs of the Finished
// messages from TLS 1.1 on and in DTLS. Hello messages, key derivation, Finished messages and all of the record
// protection are GnuTLS's own.
#include <fmt/format.h>
#include <gnutls/dtls.h>
#include <gnutls/gnutls.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <type_traits>

#include "connection.hpp"
#include "cryptopath/errors.hpp"
#include "handshake.hpp"
#include "record/bytes.hpp"
#include "record/openssl.hpp"
#include "record/seeded_bytes.hpp"
#include "tls_keys.hpp"

namespace cryptopath {

namespace {

constexpr const char* user_name = "cryptopath";

void ensure_gnutls(int code, const char* what) {
  if (code < 0) throw Fault(std::string("GnuTLS: ") + what + ": " + gnutls_strerror(code));
}

ssize_t push(gnutls_transport_ptr_t pointer, const void* data, std::size_t size) {
  const auto& transport = *static_cast<Transport*>(pointer);
  transport.connection->write(transport.end, {static_cast<const std::byte*>(data), size});
  return static_cast<ssize_t>(size);
}

ssize_t pull(gnutls_transport_ptr_t pointer, void* data, std::size_t size) {
  const auto& transport = *static_cast<Transport*>(pointer);
  const std::size_t taken = transport.connection->read(transport.end, {static_cast<std::byte*>(data), size});
  if (taken > 0) return static_cast<ssize_t>(taken);
  errno = EAGAIN;
  return -1;
}

/// Nothing comes while one waits in a single thread.
int pull_timeout(gnutls_transport_ptr_t pointer, unsigned) {
  const auto& transport = *static_cast<Transport*>(pointer);
  return transport.connection->has_for(transport.end) ? 1 : 0;
}

/// What both ends agree on before they start.
std::string priority_of(const RecordFormat& format) {
  const char* version = nullptr;
  switch (format.protocol) {
    case Protocol::tls_1_0:
      version = "TLS1.0";
      break;
    case Protocol::tls_1_1:
      version = "TLS1.1";
      break;
    case Protocol::tls_1_2:
      version = "TLS1.2";
      break;
    case Protocol::dtls_1_2:
      version = "DTLS1.2";
      break;
    default:
      throw Fault("GnuTLS is asked for TLS up to 1.2 and for DTLS");
  }
  const char* cipher = format.suite == Suite::rc4_hmac_sha1 ? "ARCFOUR-128" : "3DES-CBC";
  return fmt::format("NONE:+VERS-{}:+{}:+SHA1:+PSK:+COMP-NULL:+SIGN-ALL:%NO_SESSION_HASH:%NO_TICKETS{}", version,
                     cipher, format.encrypt_then_mac ? "" : ":%NO_ETM");
}

using GnutlsSession = Owned<std::remove_pointer_t<gnutls_session_t>, gnutls_deinit>;
using ClientCredentials =
    Owned<std::remove_pointer_t<gnutls_psk_client_credentials_t>, gnutls_psk_free_client_credentials>;
using ServerCredentials =
    Owned<std::remove_pointer_t<gnutls_psk_server_credentials_t>, gnutls_psk_free_server_credentials>;

/// What both ends have: a session over the connection. Its address must stay, GnuTLS holds it.
struct GnutlsEnd {
  GnutlsSession session;
  Transport transport;

  GnutlsEnd(const RecordFormat& format, Transport over, std::span<const std::byte> hello_random) : transport(over) {
    const bool datagrams = in_datagrams(format.protocol);
    const unsigned end = over.end == End::server ? GNUTLS_SERVER : GNUTLS_CLIENT;
    gnutls_session_t made = nullptr;
    ensure_gnutls(
        gnutls_init(&made, end | GNUTLS_NONBLOCK | GNUTLS_NO_TICKETS | (datagrams ? unsigned{GNUTLS_DATAGRAM} : 0U)),
        "new session");
    session.reset(made);
    ensure_gnutls(gnutls_priority_set_direct(made, priority_of(format).c_str(), nullptr), "priorities");
    const gnutls_datum_t random = datum(hello_random);
    ensure_gnutls(gnutls_handshake_set_random(made, &random), "hello random");
    gnutls_transport_set_ptr(made, &transport);
    gnutls_transport_set_push_function(made, push);
    gnutls_transport_set_pull_function(made, pull);
    if (!datagrams) return;
    gnutls_transport_set_pull_timeout_function(made, pull_timeout);
    gnutls_dtls_set_mtu(made, static_cast<unsigned>(largest_datagram.count));
    // Nothing gets lost here, so that a datagram sent again would only mean that the machine is slow.
    constexpr unsigned hour_ms = 3600 * 1000;
    gnutls_dtls_set_timeouts(made, hour_ms, hour_ms);
  }
  GnutlsEnd(const GnutlsEnd&) = delete;
  GnutlsEnd& operator=(const GnutlsEnd&) = delete;

  /// GnuTLS takes pointers to mutable bytes, and leaves these alone.
  static gnutls_datum_t datum(std::span<const std::byte> bytes) {
    return {const_cast<unsigned char*>(octets(bytes.data())), static_cast<unsigned>(bytes.size())};
  }
};

struct Client {
  ClientCredentials credentials;
  GnutlsEnd end;

  Client(const RecordFormat& format, Connection& connection, std::span<const std::byte> random,
         std::span<const std::byte> key)
      : end(format, {&connection, End::client}, random) {
    gnutls_psk_client_credentials_t made = nullptr;
    ensure_gnutls(gnutls_psk_allocate_client_credentials(&made), "client credentials");
    credentials.reset(made);
    const gnutls_datum_t shared = GnutlsEnd::datum(key);
    ensure_gnutls(gnutls_psk_set_client_credentials(made, user_name, &shared, GNUTLS_PSK_KEY_RAW), "pre-shared key");
    ensure_gnutls(gnutls_credentials_set(end.session.get(), GNUTLS_CRD_PSK, made), "client credentials");
  }
};

struct ServerSecrets {
  std::vector<std::byte> key;
  std::vector<std::byte> session_identifier;

  ~ServerSecrets() { wipe(key); }
};

struct Server {
  ServerCredentials credentials;
  GnutlsEnd end;

  Server(const RecordFormat& format, Connection& connection, std::span<const std::byte> random, ServerSecrets& secrets)
      : end(format, {&connection, End::server}, random) {
    gnutls_psk_server_credentials_t made = nullptr;
    ensure_gnutls(gnutls_psk_allocate_server_credentials(&made), "server credentials");
    credentials.reset(made);
    gnutls_session_set_ptr(end.session.get(), &secrets);
    gnutls_psk_set_server_credentials_function(made, find_key);
    ensure_gnutls(gnutls_credentials_set(end.session.get(), GNUTLS_CRD_PSK, made), "server credentials");
    gnutls_handshake_set_post_client_hello_function(end.session.get(), choose_identifier);
  }

  static const ServerSecrets& secrets_of(gnutls_session_t session) {
    return *static_cast<const ServerSecrets*>(gnutls_session_get_ptr(session));
  }

  static int find_key(gnutls_session_t session, const char* user, gnutls_datum_t* key) {
    if (std::strcmp(user, user_name) != 0) return -1;
    const auto& shared = secrets_of(session).key;
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
};

class GnutlsPeer final : public Peer {
 public:
  GnutlsPeer(const RecordFormat& format, std::span<const std::byte> random, std::span<const std::byte> key)
      : connection_(cryptopath::in_datagrams(format.protocol)), client_(format, connection_, random, key) {}

  Connection& connection() { return connection_; }
  gnutls_session_t session() { return client_.end.session.get(); }

  void receive(std::span<const std::byte> wire, std::vector<std::byte>& plaintext) override {
    ensure(!closed_, "nothing is received after close_notify");
    connection_.write(End::server, wire);
    read_all(plaintext);
    connection_.take_transcript();  // GnuTLS has read it all, and keeps what is no whole record yet
  }
  bool in_datagrams() const override { return connection_.in_datagrams(); }
  bool closed() const override { return closed_; }

  void send(std::span<const std::byte> plaintext, std::vector<std::byte>& wire) override {
    while (!plaintext.empty()) {
      const ssize_t sent = gnutls_record_send(session(), plaintext.data(), plaintext.size());
      ensure_gnutls(static_cast<int>(sent), "send");
      plaintext = plaintext.subspan(static_cast<std::size_t>(sent));
    }
    take_sent(wire);
  }
  void close(std::vector<std::byte>& wire) override {
    ensure_gnutls(gnutls_bye(session(), GNUTLS_SHUT_WR), "close");
    take_sent(wire);
  }
  std::string name() const override { return std::string("GnuTLS ") + gnutls_check_version(nullptr); }

 private:
  void read_all(std::vector<std::byte>& plaintext) {
    std::array<std::byte, 16 * 1024> piece;
    while (true) {
      const ssize_t read = gnutls_record_recv(session(), piece.data(), piece.size());
      if (read == GNUTLS_E_AGAIN) return;
      if (read == 0) {
        closed_ = true;
        return;
      }
      if (read == GNUTLS_E_FATAL_ALERT_RECEIVED) {
        throw Fault(name() + " got a fatal alert: " + gnutls_alert_get_name(gnutls_alert_get(session())));
      }
      if (read < 0) throw Fault(name() + " rejects the record: " + gnutls_strerror(static_cast<int>(read)));
      plaintext.insert(plaintext.end(), piece.begin(), piece.begin() + read);
    }
  }
  void take_sent(std::vector<std::byte>& wire) {
    for (const Flight& flight : connection_.take_transcript()) {
      wire.insert(wire.end(), flight.bytes.begin(), flight.bytes.end());
    }
  }

  Connection connection_;
  Client client_;
  bool closed_ = false;
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
    const auto* bytes = reinterpret_cast<const std::byte*>(from.data);
    return std::vector<std::byte>(bytes, bytes + from.size);
  };
  return {copy(master), copy(client_random), copy(server_random)};
}

}  // namespace

Session gnutls_handshake(const RecordFormat& format, std::uint64_t seed) {
  constexpr std::size_t random_size = 32;
  ServerSecrets secrets{seeded_bytes("cryptopath pre-shared key", seed, 32),
                        seeded_bytes("cryptopath session identifier", seed, GNUTLS_MAX_SESSION_ID_SIZE)};
  auto peer =
      std::make_unique<GnutlsPeer>(format, seeded_bytes("cryptopath client hello", seed, random_size), secrets.key);
  const Server server(format, peer->connection(), seeded_bytes("cryptopath server hello", seed, random_size), secrets);
  gnutls_session_t server_end = server.end.session.get();
  for (bool client_done = false, server_done = false; !(client_done && server_done);) {
    client_done = client_done || advance(peer->session());
    server_done = server_done || advance(server_end);
  }

  Session session;
  session.handshake = peer->connection().take_transcript();
  session.peer = std::move(peer);
  const MasterSecret secret = master_secret_of(server_end);
  session.key_log = key_log_line(secret);
  take_over(format, secret, session);
  return session;
}

}  // namespace cryptopath
