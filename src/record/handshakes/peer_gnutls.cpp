// 3DES-EDE-CBC-HMAC-SHA1: a handshake between two ends of GnuTLS, and its client as the peer. (Debian's libssl is built
// without 3DES.)
//
// GnuTLS lets nobody replace its generator, so the key exchange is one in which chance enters through the hello
// messages only, and these it lets one set: a pre-shared key (RFC 4279), made from the seed. Given up with it are an
// ephemeral key exchange, certificates, and the extended master secret, which would cover GnuTLS's random session
// identifier. Hello messages, key derivation, Finished messages and all of the record protection are GnuTLS's own.
#include <gnutls/gnutls.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <type_traits>

#include "handshake.hpp"
#include "record/bytes.hpp"
#include "record/openssl.hpp"
#include "record/seeded_bytes.hpp"

namespace cryptopath {

namespace {

constexpr const char* priority =
    "NONE:+VERS-TLS1.2:+3DES-CBC:+SHA1:+PSK:+COMP-NULL:+SIGN-ALL:%NO_ETM:%NO_SESSION_HASH:%NO_TICKETS";
constexpr const char* user_name = "cryptopath";
constexpr std::size_t largest_piece = 64 * 1024;  // bounds what waits to be read

void ensure_gnutls(int code, const char* what) {
  if (code < 0) throw Fault(std::string("GnuTLS: ") + what + ": " + gnutls_strerror(code));
}

/// Bytes under way in one direction.
struct Channel {
  std::vector<std::byte> bytes;
  std::size_t taken = 0;

  void put(std::span<const std::byte> more) {
    bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(taken));
    taken = 0;
    bytes.insert(bytes.end(), more.begin(), more.end());
  }
  std::size_t take(std::span<std::byte> into) {
    const auto source = std::span(bytes).subspan(taken);
    const std::size_t size = std::min(source.size(), into.size());
    std::copy_n(source.begin(), size, into.begin());
    taken += size;
    return size;
  }
};

/// One end's view of the two channels, which GnuTLS's callbacks get.
struct Transport {
  gnutls_session_t session;
  Channel* incoming;
  Channel* outgoing;
};

ssize_t push(gnutls_transport_ptr_t pointer, const void* data, std::size_t size) {
  const auto& transport = *static_cast<Transport*>(pointer);
  transport.outgoing->put({static_cast<const std::byte*>(data), size});
  return static_cast<ssize_t>(size);
}

ssize_t pull(gnutls_transport_ptr_t pointer, void* data, std::size_t size) {
  const auto& transport = *static_cast<Transport*>(pointer);
  const std::size_t taken = transport.incoming->take({static_cast<std::byte*>(data), size});
  if (taken > 0) return static_cast<ssize_t>(taken);
  gnutls_transport_set_errno(transport.session, EAGAIN);
  return -1;
}

using GnutlsSession = Owned<std::remove_pointer_t<gnutls_session_t>, gnutls_deinit>;
using ClientCredentials =
    Owned<std::remove_pointer_t<gnutls_psk_client_credentials_t>, gnutls_psk_free_client_credentials>;
using ServerCredentials =
    Owned<std::remove_pointer_t<gnutls_psk_server_credentials_t>, gnutls_psk_free_server_credentials>;

/// What both ends have: a session over the channels. Its address must stay, GnuTLS holds it.
struct End {
  GnutlsSession session;
  Transport transport;

  End(unsigned flags, Channel& incoming, Channel& outgoing, std::span<const std::byte> hello_random) {
    gnutls_session_t made = nullptr;
    ensure_gnutls(gnutls_init(&made, flags | GNUTLS_NONBLOCK | GNUTLS_NO_TICKETS), "new session");
    session.reset(made);
    ensure_gnutls(gnutls_priority_set_direct(made, priority, nullptr), "priorities");
    const gnutls_datum_t random = datum(hello_random);
    ensure_gnutls(gnutls_handshake_set_random(made, &random), "hello random");
    transport = {made, &incoming, &outgoing};
    gnutls_transport_set_ptr(made, &transport);
    gnutls_transport_set_push_function(made, push);
    gnutls_transport_set_pull_function(made, pull);
  }
  End(const End&) = delete;
  End& operator=(const End&) = delete;

  /// GnuTLS takes pointers to mutable bytes, and leaves these alone.
  static gnutls_datum_t datum(std::span<const std::byte> bytes) {
    return {const_cast<unsigned char*>(octets(bytes.data())), static_cast<unsigned>(bytes.size())};
  }
};

struct Client {
  ClientCredentials credentials;
  End end;

  Client(Channel& incoming, Channel& outgoing, std::span<const std::byte> random, std::span<const std::byte> key)
      : end(GNUTLS_CLIENT, incoming, outgoing, random) {
    gnutls_psk_client_credentials_t made = nullptr;
    ensure_gnutls(gnutls_psk_allocate_client_credentials(&made), "client credentials");
    credentials.reset(made);
    const gnutls_datum_t shared = End::datum(key);
    ensure_gnutls(gnutls_psk_set_client_credentials(made, user_name, &shared, GNUTLS_PSK_KEY_RAW), "pre-shared key");
    ensure_gnutls(gnutls_credentials_set(end.session.get(), GNUTLS_CRD_PSK, made), "client credentials");
  }
};

struct Server {
  ServerCredentials credentials;
  End end;

  Server(Channel& incoming, Channel& outgoing, std::span<const std::byte> random, std::vector<std::byte>& key)
      : end(GNUTLS_SERVER, incoming, outgoing, random) {
    gnutls_psk_server_credentials_t made = nullptr;
    ensure_gnutls(gnutls_psk_allocate_server_credentials(&made), "server credentials");
    credentials.reset(made);
    gnutls_session_set_ptr(end.session.get(), &key);
    gnutls_psk_set_server_credentials_function(made, find_key);
    ensure_gnutls(gnutls_credentials_set(end.session.get(), GNUTLS_CRD_PSK, made), "server credentials");
  }

  static int find_key(gnutls_session_t session, const char* user, gnutls_datum_t* key) {
    if (std::strcmp(user, user_name) != 0) return -1;
    const auto& shared = *static_cast<const std::vector<std::byte>*>(gnutls_session_get_ptr(session));
    key->data = static_cast<unsigned char*>(gnutls_malloc(shared.size()));
    if (key->data == nullptr) return -1;
    std::memcpy(key->data, shared.data(), shared.size());
    key->size = static_cast<unsigned>(shared.size());
    return 0;
  }
};

class GnutlsPeer final : public Peer {
 public:
  GnutlsPeer(std::span<const std::byte> random, std::span<const std::byte> key)
      : client_(to_client_, to_server_, random, key) {}

  Channel& to_client() { return to_client_; }
  Channel& to_server() { return to_server_; }
  gnutls_session_t session() { return client_.end.session.get(); }

  void receive(std::span<const std::byte> wire, std::vector<std::byte>& plaintext) override {
    while (!wire.empty()) {
      const auto piece = wire.first(std::min(wire.size(), largest_piece));
      wire = wire.subspan(piece.size());
      to_client_.put(piece);
      read_all(plaintext);
    }
  }
  std::string name() const override { return std::string("GnuTLS ") + gnutls_check_version(nullptr); }

 private:
  void read_all(std::vector<std::byte>& plaintext) {
    std::array<std::byte, 16 * 1024> piece;
    while (true) {
      const ssize_t read = gnutls_record_recv(session(), piece.data(), piece.size());
      if (read == GNUTLS_E_AGAIN) return;
      if (read < 0) throw Fault(name() + " rejects the record: " + gnutls_strerror(static_cast<int>(read)));
      if (read == 0) throw Fault(name() + " saw the end of the connection");
      plaintext.insert(plaintext.end(), piece.begin(), piece.begin() + read);
    }
  }

  Channel to_client_;
  Channel to_server_;
  Client client_;
};

/// True when the end has finished; false when it waits for the other.
bool advance(gnutls_session_t end) {
  const int code = gnutls_handshake(end);
  if (code == GNUTLS_E_AGAIN) return false;
  ensure_gnutls(code, "handshake");
  return true;
}

TrafficKeys write_keys(gnutls_session_t end) {
  gnutls_datum_t mac_key{};
  gnutls_datum_t iv{};
  gnutls_datum_t cipher_key{};
  std::array<unsigned char, 8> sequence{};
  constexpr unsigned writing = 0;
  ensure_gnutls(gnutls_record_get_state(end, writing, &mac_key, &iv, &cipher_key, sequence.data()), "write state");
  const auto copy = [](const gnutls_datum_t& from) {
    const auto* bytes = reinterpret_cast<const std::byte*>(from.data);
    return std::vector<std::byte>(bytes, bytes + from.size);
  };
  TrafficKeys keys;
  keys.cipher_key = copy(cipher_key);
  keys.mac_key = copy(mac_key);
  for (const unsigned char byte : sequence) keys.sequence = keys.sequence << 8 | byte;
  return keys;
}

}  // namespace

Session gnutls_handshake_3des(std::uint64_t seed) {
  constexpr std::size_t random_size = 32;
  std::vector<std::byte> key = seeded_bytes("cryptopath pre-shared key", seed, 32);
  auto peer = std::make_unique<GnutlsPeer>(seeded_bytes("cryptopath client hello", seed, random_size), key);
  const Server server(peer->to_server(), peer->to_client(), seeded_bytes("cryptopath server hello", seed, random_size),
                      key);
  for (bool client_done = false, server_done = false; !(client_done && server_done);) {
    client_done = client_done || advance(peer->session());
    server_done = server_done || advance(server.end.session.get());
  }
  return {write_keys(server.end.session.get()), std::move(peer), {}, {}};
}

}  // namespace cryptopath
