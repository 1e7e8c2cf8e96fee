// AES-128-GCM: a handshake between two ends of OpenSSL's libssl, and its client as the peer.
//
// The handshake is whole: ephemeral X25519, a certificate signed with Ed25519 that the client verifies, extended master
// secret. Given up is only chance: both ends draw from a library context of their own whose generator, OpenSSL's
// TEST-RAND, hands out bytes made from the seed. Groups and signatures are such that nothing else is drawn or depends
// on the processor, and no configuration file is read.
#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/provider.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>

#include "handshake.hpp"
#include "record/bytes.hpp"
#include "record/openssl.hpp"
#include "record/seeded_bytes.hpp"

namespace cryptopath {

namespace {

using Bio = Owned<BIO, BIO_free>;
using PrivateKey = Owned<EVP_PKEY, EVP_PKEY_free>;
using Certificate = Owned<X509, X509_free>;
using SslContext = Owned<SSL_CTX, SSL_CTX_free>;
using Ssl = Owned<SSL, SSL_free>;

constexpr std::size_t channel_size = 64 * 1024;

/// A library context in which all random numbers come from the seed. Only the thread that made it can draw, so that
/// later work, in whichever thread, cannot depend on chance unnoticed: it fails.
class SeededLibrary {
 public:
  explicit SeededLibrary(std::uint64_t seed) : context_(OSSL_LIB_CTX_new()) {
    ensure_openssl(context_ != nullptr, "new library context");
    provider_.reset(OSSL_PROVIDER_load(get(), "default"));
    ensure_openssl(provider_ != nullptr, "default provider");
    ensure_openssl(RAND_set_DRBG_type(get(), "TEST-RAND", nullptr, nullptr, nullptr) == 1, "seeded generator");
    fill(RAND_get0_public(get()), "cryptopath OpenSSL public", seed);
    fill(RAND_get0_private(get()), "cryptopath OpenSSL private", seed);
  }
  OSSL_LIB_CTX* get() const { return context_.get(); }

 private:
  static void fill(EVP_RAND_CTX* generator, std::string_view label, std::uint64_t seed) {
    auto bytes = seeded_bytes(label, seed, 4096);  // a handshake draws some 400; running out is an error, not chance
    unsigned strength = 256;
    const std::array parameters = {
        OSSL_PARAM_construct_octet_string(OSSL_RAND_PARAM_TEST_ENTROPY, bytes.data(), bytes.size()),
        OSSL_PARAM_construct_uint(OSSL_RAND_PARAM_STRENGTH, &strength), OSSL_PARAM_construct_end()};
    ensure_openssl(generator != nullptr && EVP_RAND_CTX_set_params(generator, parameters.data()) == 1, "seed");
  }

  Owned<OSSL_LIB_CTX, OSSL_LIB_CTX_free> context_;
  Owned<OSSL_PROVIDER, OSSL_PROVIDER_unload> provider_;
};

/// The connection's two ends of a channel in memory: what the server's end takes in, the client reads.
class OpenSslPeer final : public Peer {
 public:
  OpenSslPeer(SeededLibrary library, Ssl client, Bio wire)
      : library_(std::move(library)), client_(std::move(client)), wire_(std::move(wire)) {}

  void receive(std::span<const std::byte> wire, std::vector<std::byte>& plaintext) override {
    while (!wire.empty()) {
      const int taken = BIO_write(wire_.get(), wire.data(), static_cast<int>(std::min(wire.size(), channel_size)));
      ensure_openssl(taken > 0, "the channel takes bytes");
      wire = wire.subspan(static_cast<std::size_t>(taken));
      read_all(plaintext);
    }
  }
  std::string name() const override { return std::string("OpenSSL ") + OpenSSL_version(OPENSSL_VERSION_STRING); }

 private:
  void read_all(std::vector<std::byte>& plaintext) {
    std::array<std::byte, SSL3_RT_MAX_PLAIN_LENGTH> piece;
    while (true) {
      std::size_t read = 0;
      const int result = SSL_read_ex(client_.get(), piece.data(), piece.size(), &read);
      plaintext.insert(plaintext.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(read));
      if (result == 1) continue;
      const int error = SSL_get_error(client_.get(), result);
      if (error == SSL_ERROR_WANT_READ) return;
      if (error == SSL_ERROR_ZERO_RETURN) throw Fault(name() + " saw the end of the connection");
      throw Fault(name() + " rejects the record: " + take_openssl_error());
    }
  }

  SeededLibrary library_;
  Ssl client_;
  Bio wire_;
};

PrivateKey make_server_key(const SeededLibrary& library, std::uint64_t seed) {
  const auto bytes = seeded_bytes("cryptopath server key", seed, 32);
  PrivateKey key(
      EVP_PKEY_new_raw_private_key_ex(library.get(), "ED25519", nullptr, octets(bytes.data()), bytes.size()));
  ensure_openssl(key != nullptr, "Ed25519 key");
  return key;
}

/// Signed by itself, valid for ever: the clock of the machine must not matter.
Certificate make_certificate(const SeededLibrary& library, EVP_PKEY& key) {
  Certificate certificate(X509_new_ex(library.get(), nullptr));
  ensure_openssl(certificate != nullptr, "new certificate");
  X509_NAME* name = X509_get_subject_name(certificate.get());
  const auto* text = reinterpret_cast<const unsigned char*>("cryptopath");
  ensure_openssl(X509_set_version(certificate.get(), X509_VERSION_3) == 1 &&
                     ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1) == 1 &&
                     ASN1_TIME_set_string_X509(X509_getm_notBefore(certificate.get()), "19700101000000Z") == 1 &&
                     ASN1_TIME_set_string_X509(X509_getm_notAfter(certificate.get()), "99991231235959Z") == 1 &&
                     X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0) == 1 &&
                     X509_set_issuer_name(certificate.get(), name) == 1 &&
                     X509_set_pubkey(certificate.get(), &key) == 1 && X509_sign(certificate.get(), &key, nullptr) != 0,
                 "certificate");
  return certificate;
}

SslContext make_context(const SeededLibrary& library, const SSL_METHOD* method) {
  SslContext context(SSL_CTX_new_ex(library.get(), nullptr, method));
  ensure_openssl(context != nullptr, "new TLS context");
  SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  ensure_openssl(SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) == 1 &&
                     SSL_CTX_set_max_proto_version(context.get(), TLS1_2_VERSION) == 1 &&
                     SSL_CTX_set_cipher_list(context.get(), "ECDHE-ECDSA-AES128-GCM-SHA256") == 1 &&
                     SSL_CTX_set1_groups_list(context.get(), "X25519") == 1 &&
                     SSL_CTX_set1_sigalgs_list(context.get(), "ed25519") == 1,
                 "TLS options");
  return context;
}

Ssl make_server(const SeededLibrary& library, EVP_PKEY& key, X509& certificate) {
  const SslContext context = make_context(library, TLS_server_method());
  ensure_openssl(
      SSL_CTX_use_certificate(context.get(), &certificate) == 1 && SSL_CTX_use_PrivateKey(context.get(), &key) == 1,
      "server's certificate");
  Ssl server(SSL_new(context.get()));
  ensure_openssl(server != nullptr, "new TLS server");
  SSL_set_accept_state(server.get());
  return server;
}

Ssl make_client(const SeededLibrary& library, X509& trusted) {
  const SslContext context = make_context(library, TLS_client_method());
  ensure_openssl(X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), &trusted) == 1, "trusted certificate");
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  Ssl client(SSL_new(context.get()));
  ensure_openssl(client != nullptr, "new TLS client");
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

/// The server's writing half of the key block (RFC 5246, 6.3; RFC 5288, 3).
TrafficKeys server_write_keys(const SSL& server) {
  constexpr std::size_t key_size = 16;
  constexpr std::size_t salt_size = 4;
  std::array<std::byte, SSL3_RANDOM_SIZE> client_random;
  std::array<std::byte, SSL3_RANDOM_SIZE> server_random;
  std::array<std::byte, SSL_MAX_MASTER_KEY_LENGTH> master;
  SSL_get_client_random(&server, octets(client_random.data()), client_random.size());
  SSL_get_server_random(&server, octets(server_random.data()), server_random.size());
  const std::size_t master_size =
      SSL_SESSION_get_master_key(SSL_get0_session(&server), octets(master.data()), master.size());

  const Owned<EVP_KDF, EVP_KDF_free> algorithm(EVP_KDF_fetch(nullptr, "TLS1-PRF", nullptr));
  ensure_openssl(algorithm != nullptr, "TLS1-PRF");
  const Owned<EVP_KDF_CTX, EVP_KDF_CTX_free> context(EVP_KDF_CTX_new(algorithm.get()));
  std::array digest = std::to_array("SHA256");
  std::array label = std::to_array("key expansion");
  const std::array parameters = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET, master.data(), master_size),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, label.data(), label.size() - 1),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, server_random.data(), server_random.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, client_random.data(), client_random.size()),
      OSSL_PARAM_construct_end()};
  std::array<std::byte, 2 * (key_size + salt_size)> block;  // client key, server key, client salt, server salt
  ensure_openssl(
      context != nullptr && EVP_KDF_derive(context.get(), octets(block.data()), block.size(), parameters.data()) == 1,
      "key expansion");

  TrafficKeys keys;
  keys.cipher_key.assign(block.begin() + key_size, block.begin() + 2 * key_size);
  keys.implicit_iv.assign(block.end() - salt_size, block.end());
  keys.sequence = 1;  // the Finished message was record 0 under these keys
  OPENSSL_cleanse(master.data(), master.size());
  OPENSSL_cleanse(block.data(), block.size());
  return keys;
}

}  // namespace

Session openssl_handshake(std::uint64_t seed) {
  SeededLibrary library(seed);
  const PrivateKey key = make_server_key(library, seed);
  const Certificate certificate = make_certificate(library, *key);
  const Ssl server = make_server(library, *key, *certificate);
  Ssl client = make_client(library, *certificate);

  BIO* client_end = nullptr;
  BIO* server_end = nullptr;
  ensure_openssl(BIO_new_bio_pair(&client_end, channel_size, &server_end, channel_size) == 1, "channel");
  Bio wire(server_end);
  SSL_set_bio(client.get(), client_end, client_end);
  BIO_up_ref(server_end);
  SSL_set_bio(server.get(), server_end, server_end);

  for (bool client_done = false, server_done = false; !(client_done && server_done);) {
    client_done = advance(*client);
    server_done = advance(*server);
  }
  TrafficKeys keys = server_write_keys(*server);
  return {
      std::move(keys), std::make_unique<OpenSslPeer>(std::move(library), std::move(client), std::move(wire)), {}, {}};
}

}  // namespace cryptopath
