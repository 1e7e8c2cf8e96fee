// The keys that the project takes over are those that libssl itself would hand to the kernel.
//
// With SSL_OP_ENABLE_KTLS libssl offers each direction's keys to the BIO under it, as the kernel's structures for
// setsockopt(SOL_TLS), and goes on by itself where the BIO declines. The BIO here declines, and remembers.
#include <linux/tls.h>
#include <openssl/ssl.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <optional>

#include "record/handshakes/connection.hpp"
#include "record/handshakes/openssl_library.hpp"
#include "record/handshakes/tls_keys.hpp"
#include "sealed_stream.hpp"

using namespace cryptopath;
using namespace cryptopath::test;

namespace {

/// The server's end, and what it was offered: BIO_CTRL_SET_KTLS, which <openssl/bio.h> documents and does not define.
struct Spy {
  Transport transport;
  std::optional<TrafficKeys> sending;
  std::optional<TrafficKeys> receiving;
};

template <std::size_t size>
ByteVector bytes_of(const unsigned char (&from)[size]) {
  const auto bytes = std::as_bytes(std::span(from));
  return {bytes.begin(), bytes.end()};
}

/// GCM's implicit part alone up to TLS 1.2, all of its IV in TLS 1.3.
template <class CryptoInfo>
TrafficKeys keys_of(const CryptoInfo& info) {
  TrafficKeys keys;
  keys.cipher_key = bytes_of(info.key);
  keys.implicit_iv = bytes_of(info.salt);
  if (info.info.version == TLS_1_3_VERSION) {
    for (const std::byte byte : bytes_of(info.iv)) keys.implicit_iv.push_back(byte);
  }
  for (const unsigned char byte : info.rec_seq) keys.sequence = keys.sequence << 8 | byte;
  return keys;
}

Spy& spy_of(BIO* bio) { return *static_cast<Spy*>(BIO_get_data(bio)); }

long control(BIO* bio, int command, long sending, void* argument) {
  constexpr int set_ktls = 72;
  if (command == BIO_CTRL_FLUSH) return 1;
  if (command != set_ktls) return 0;
  tls_crypto_info info{};
  std::memcpy(&info, argument, sizeof info);
  TrafficKeys keys;
  if (info.cipher_type == TLS_CIPHER_AES_GCM_128) {
    keys = keys_of(*static_cast<const tls12_crypto_info_aes_gcm_128*>(argument));
  } else {
    if (info.cipher_type != TLS_CIPHER_AES_GCM_256) return 0;
    keys = keys_of(*static_cast<const tls12_crypto_info_aes_gcm_256*>(argument));
  }
  (sending != 0 ? spy_of(bio).sending : spy_of(bio).receiving) = keys;
  return 0;
}

int write(BIO* bio, const char* bytes, int size) {
  const Transport& transport = spy_of(bio).transport;
  transport.connection->write(transport.end, std::as_bytes(std::span(bytes, static_cast<std::size_t>(size))));
  return size;
}

int read(BIO* bio, char* bytes, int size) {
  const Transport& transport = spy_of(bio).transport;
  const auto into = std::as_writable_bytes(std::span(bytes, static_cast<std::size_t>(size)));
  const std::size_t taken = transport.connection->read(transport.end, into);
  BIO_clear_retry_flags(bio);
  if (taken == 0) BIO_set_retry_read(bio);
  return taken > 0 ? static_cast<int>(taken) : -1;
}

using Ssl = Owned<SSL, SSL_free>;

Ssl make_end(const SSL_METHOD* method, int version, const char* suite, BIO_METHOD& over, Spy& spy) {
  const Owned<SSL_CTX, SSL_CTX_free> context(SSL_CTX_new(method));
  SSL_CTX_set_options(context.get(), SSL_OP_ENABLE_KTLS | SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context.get(), 0);
  SSL_CTX_set_min_proto_version(context.get(), version);
  SSL_CTX_set_max_proto_version(context.get(), version);
  REQUIRE((version == TLS1_3_VERSION ? SSL_CTX_set_ciphersuites(context.get(), suite)
                                     : SSL_CTX_set_cipher_list(context.get(), suite)) == 1);
  Ssl ssl(SSL_new(context.get()));
  BIO* bio = BIO_new(&over);
  BIO_set_data(bio, &spy);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl.get(), bio, bio);
  return ssl;
}

struct Example {
  RecordFormat format;
  int version;
  const char* suite;
};

}  // namespace

TEST_CASE("the keys of both directions are those that libssl offers to the kernel") {
  const Owned<BIO_METHOD, BIO_meth_free> method(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "spy"));
  BIO_meth_set_write(method.get(), write);
  BIO_meth_set_read(method.get(), read);
  BIO_meth_set_ctrl(method.get(), control);
  const SeededLibrary library(1);
  const Credentials credentials = make_ed25519_credentials(library, 1);
  for (const auto& [format, version, suite] :
       {Example{{Protocol::tls_1_2, Suite::aes_128_gcm}, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256"},
        Example{{Protocol::tls_1_2, Suite::aes_256_gcm}, TLS1_2_VERSION, "ECDHE-ECDSA-AES256-GCM-SHA384"},
        Example{{Protocol::tls_1_3, Suite::aes_128_gcm}, TLS1_3_VERSION, "TLS_AES_128_GCM_SHA256"},
        Example{{Protocol::tls_1_3, Suite::aes_256_gcm}, TLS1_3_VERSION, "TLS_AES_256_GCM_SHA384"}}) {
    INFO(name_of(format));
    Connection connection(false);
    Spy client_spy{{&connection, End::client}, {}, {}};
    Spy server_spy{{&connection, End::server}, {}, {}};
    const Ssl client = make_end(TLS_client_method(), version, suite, *method, client_spy);
    const Ssl server = make_end(TLS_server_method(), version, suite, *method, server_spy);
    REQUIRE(SSL_use_certificate(server.get(), credentials.certificate.get()) == 1);
    REQUIRE(SSL_use_PrivateKey(server.get(), credentials.key.get()) == 1);
    Session session;
    SSL_CTX_set_keylog_callback(SSL_get_SSL_CTX(server.get()), [](const SSL* ssl, const char* line) {
      static_cast<std::string*>(SSL_get_app_data(ssl))->append(line).append("\n");
    });
    SSL_set_app_data(server.get(), &session.key_log);
    int client_done = 0;
    int server_done = 0;
    for (int round = 0; round < 10 && (client_done != 1 || server_done != 1); ++round) {
      client_done = SSL_connect(client.get());
      server_done = SSL_accept(server.get());
    }
    REQUIRE(client_done == 1);
    REQUIRE(server_done == 1);

    session.handshake = connection.take_transcript();
    if (version == TLS1_3_VERSION) {
      take_over_tls_1_3(format, session);
    } else {
      MasterSecret secret;
      secret.master.resize(SSL_MAX_MASTER_KEY_LENGTH);
      secret.client_random.resize(SSL3_RANDOM_SIZE);
      secret.server_random.resize(SSL3_RANDOM_SIZE);
      const auto octets = [](ByteVector& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); };
      SSL_SESSION_get_master_key(SSL_get_session(server.get()), octets(secret.master), secret.master.size());
      SSL_get_client_random(server.get(), octets(secret.client_random), secret.client_random.size());
      SSL_get_server_random(server.get(), octets(secret.server_random), secret.server_random.size());
      take_over(format, secret, session);
    }
    const std::uint64_t finished = version == TLS1_3_VERSION ? 0 : 1;  // records between the offer and the data
    for (const auto& [offered, taken] :
         {std::pair(server_spy.sending, session.sender), std::pair(client_spy.sending, session.receiver)}) {
      REQUIRE(offered.has_value());
      CHECK(taken.cipher_key == offered->cipher_key);
      CHECK(taken.implicit_iv == offered->implicit_iv);
      CHECK(taken.sequence == offered->sequence + finished);
    }
  }
}
