#include "openssl_peer.hpp"

#include <array>

#include "cryptopath/errors.hpp"
#include "record/bytes.hpp"

namespace cryptopath {

namespace {

Transport& transport_of(BIO* bio) { return *static_cast<Transport*>(BIO_get_data(bio)); }

int write(BIO* bio, const char* bytes, std::size_t size, std::size_t* written) {
  const Transport& transport = transport_of(bio);
  transport.connection->write(transport.end, std::as_bytes(std::span(bytes, size)));
  *written = size;
  return 1;
}

int read(BIO* bio, char* bytes, std::size_t size, std::size_t* taken) {
  const Transport& transport = transport_of(bio);
  BIO_clear_retry_flags(bio);
  *taken = transport.connection->read(transport.end, std::as_writable_bytes(std::span(bytes, size)));
  if (*taken == 0) BIO_set_retry_read(bio);
  return *taken > 0 ? 1 : 0;
}

long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

/// Unlike OpenSSL's own channels in memory it keeps datagrams apart.
BIO_METHOD& connection_method() {
  static const Owned<BIO_METHOD, BIO_meth_free> method = [] {
    Owned<BIO_METHOD, BIO_meth_free> made(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "connection"));
    ensure_openssl(made != nullptr && BIO_meth_set_write_ex(made.get(), write) == 1 &&
                       BIO_meth_set_read_ex(made.get(), read) == 1 && BIO_meth_set_ctrl(made.get(), control) == 1,
                   "channel");
    return made;
  }();
  return *method;
}

}  // namespace

void connect(SSL& ssl, Transport& transport) {
  BIO* bio = BIO_new(&connection_method());
  ensure_openssl(bio != nullptr, "new channel");
  BIO_set_data(bio, &transport);
  BIO_set_init(bio, 1);
  SSL_set_bio(&ssl, bio, bio);
}

SSL& OpenSslPeer::adopt(Ssl client) {
  client_ = std::move(client);
  connect(*client_, transport_);
  return *client_;
}

void OpenSslPeer::receive(std::span<const std::byte> wire, std::vector<std::byte>& plaintext) {
  ensure(!closed_, "nothing is received after close_notify");
  // A record draws at most a MAC, which is shorter than the record; one may have begun in an earlier call.
  library_.allow_draws(wire.size() + EVP_MAX_MD_SIZE);
  connection_.write(End::server, wire);
  read_all(plaintext);
  connection_.take_transcript();  // OpenSSL has read it all, and keeps what is no whole record yet
}

void OpenSslPeer::read_all(std::vector<std::byte>& plaintext) {
  std::array<std::byte, SSL3_RT_MAX_PLAIN_LENGTH> piece;
  while (true) {
    std::size_t size = 0;
    const int result = SSL_read_ex(client_.get(), piece.data(), piece.size(), &size);
    plaintext.insert(plaintext.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(size));
    if (result == 1) continue;
    const int error = SSL_get_error(client_.get(), result);
    if (error == SSL_ERROR_WANT_READ) return;
    if (error == SSL_ERROR_ZERO_RETURN) {
      closed_ = true;
      return;
    }
    connection_.take_transcript();  // with it the alert that it answers with
    // Only a fatal alert leaves both an error and an end.
    const bool alert = (SSL_get_shutdown(client_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
    throw Fault(name() + (alert ? " got a fatal alert: " : " rejects the record: ") + take_openssl_error());
  }
}

void OpenSslPeer::send(std::span<const std::byte> plaintext, std::vector<std::byte>& wire) {
  std::size_t written = 0;
  ensure_openssl(
      SSL_write_ex(client_.get(), plaintext.data(), plaintext.size(), &written) == 1 && written == plaintext.size(),
      "send");
  take_sent(wire);
}

void OpenSslPeer::close(std::vector<std::byte>& wire) {
  ensure_openssl(SSL_shutdown(client_.get()) >= 0, "close");
  take_sent(wire);
}

void OpenSslPeer::take_sent(std::vector<std::byte>& wire) {
  for (const Flight& flight : connection_.take_transcript()) {
    wire.insert(wire.end(), flight.bytes.begin(), flight.bytes.end());
  }
}

}  // namespace cryptopath
