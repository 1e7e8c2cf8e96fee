#include "tls_12_connection.hpp"

#include <openssl/ssl.h>

#include <cstring>

#include "cryptopath/errors.hpp"

namespace cryptopath::bench {

namespace {

constexpr const char* suite = "PSK-AES128-GCM-SHA256";

unsigned client_key(SSL*, const char*, char* identity, unsigned identity_size, unsigned char* key, unsigned key_size) {
  ensure(identity_size > 1 && key_size >= 16, "room for a pre-shared key");
  std::strcpy(identity, "b");
  std::memset(key, 1, 16);
  return 16;
}

unsigned server_key(SSL*, const char*, unsigned char* key, unsigned key_size) {
  ensure(key_size >= 16, "room for a pre-shared key");
  std::memset(key, 1, 16);
  return 16;
}

}  // namespace

struct Tls12Connection::State {
  SSL_CTX* context = SSL_CTX_new(TLS_method());
  SSL* client = nullptr;
  SSL* server = nullptr;

  State() {
    ensure(context != nullptr && SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION) == 1 &&
               SSL_CTX_set_cipher_list(context, suite) == 1,
           "libssl has TLS 1.2");
    SSL_CTX_set_psk_client_callback(context, client_key);
    SSL_CTX_set_psk_server_callback(context, server_key);
    client = SSL_new(context);
    server = SSL_new(context);
    BIO* client_end = nullptr;
    BIO* server_end = nullptr;
    ensure(client != nullptr && server != nullptr && BIO_new_bio_pair(&client_end, 0, &server_end, 0) == 1,
           "a connection can be made");
    SSL_set_bio(client, client_end, client_end);
    SSL_set_bio(server, server_end, server_end);
    SSL_set_connect_state(client);
    SSL_set_accept_state(server);
    for (int turns = 0; turns < 10 && SSL_is_init_finished(server) + SSL_is_init_finished(client) < 2; ++turns) {
      SSL_do_handshake(client);
      SSL_do_handshake(server);
    }
    ensure(SSL_is_init_finished(server) == 1, "the handshake ends");
    SSL_set0_wbio(server, BIO_new(BIO_s_null()));
  }
  ~State() {
    SSL_free(client);
    SSL_free(server);
    SSL_CTX_free(context);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

Tls12Connection::Tls12Connection(std::size_t size) : state_(std::make_unique<State>()), bytes_(size, 'x') {}
Tls12Connection::~Tls12Connection() = default;

void Tls12Connection::write() {
  const int size = static_cast<int>(bytes_.size());
  ensure(SSL_write(state_->server, bytes_.data(), size) == size, "libssl writes");
}

}  // namespace cryptopath::bench
