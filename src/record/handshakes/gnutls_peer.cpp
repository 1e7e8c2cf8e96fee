#include "gnutls_peer.hpp"

#include <gnutls/dtls.h>

#include <array>
#include <cerrno>

#include "cryptopath/errors.hpp"
#include "record/bytes.hpp"

namespace cryptopath {

namespace {

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

}  // namespace

void ensure_gnutls(int code, const char* what) {
  if (code < 0) throw Fault(std::string("GnuTLS: ") + what + ": " + gnutls_strerror(code));
}

gnutls_datum_t datum(std::span<const std::byte> bytes) {
  return {const_cast<unsigned char*>(octets(bytes.data())), static_cast<unsigned>(bytes.size())};
}

GnutlsEnd::GnutlsEnd(const GnutlsAgreement& agreement, Transport over, std::span<const std::byte> hello_random)
    : transport(over) {
  const unsigned end = over.end == End::server ? GNUTLS_SERVER : GNUTLS_CLIENT;
  gnutls_session_t made = nullptr;
  ensure_gnutls(gnutls_init(&made, end | GNUTLS_NONBLOCK | GNUTLS_NO_TICKETS |
                                       (agreement.datagrams ? unsigned{GNUTLS_DATAGRAM} : 0U)),
                "new session");
  session.reset(made);
  ensure_gnutls(gnutls_priority_set_direct(made, agreement.priorities.c_str(), nullptr), "priorities");
  const gnutls_datum_t random = datum(hello_random);
  ensure_gnutls(gnutls_handshake_set_random(made, &random), "hello random");
  if (agreement.pre_shared_key.empty()) {
    gnutls_certificate_credentials_t credentials = nullptr;
    ensure_gnutls(gnutls_certificate_allocate_credentials(&credentials), "certificate credentials");
    certificate.reset(credentials);
    ensure_gnutls(gnutls_credentials_set(made, GNUTLS_CRD_CERTIFICATE, credentials), "certificate credentials");
  }
  gnutls_transport_set_ptr(made, &transport);
  gnutls_transport_set_push_function(made, push);
  gnutls_transport_set_pull_function(made, pull);
  if (!agreement.datagrams) return;
  gnutls_transport_set_pull_timeout_function(made, pull_timeout);
  gnutls_dtls_set_mtu(made, static_cast<unsigned>(largest_datagram.count));
  // Nothing gets lost here, so that a datagram sent again would only mean that the machine is slow.
  constexpr unsigned hour_ms = 3600 * 1000;
  gnutls_dtls_set_timeouts(made, hour_ms, hour_ms);
}

GnutlsPeer::GnutlsPeer(const GnutlsAgreement& agreement, std::span<const std::byte> hello_random)
    : connection_(agreement.datagrams), end_(agreement, {&connection_, End::client}, hello_random) {
  if (agreement.pre_shared_key.empty()) {
    const gnutls_datum_t trusted = datum(agreement.certificate);
    ensure_gnutls(gnutls_certificate_set_x509_trust_mem(end_.certificate.get(), &trusted, GNUTLS_X509_FMT_DER),
                  "trusted certificate");
    gnutls_session_set_verify_cert(session(), nullptr, 0);
    return;
  }
  gnutls_psk_client_credentials_t made = nullptr;
  ensure_gnutls(gnutls_psk_allocate_client_credentials(&made), "client credentials");
  pre_shared_key_.reset(made);
  const gnutls_datum_t shared = datum(agreement.pre_shared_key);
  ensure_gnutls(gnutls_psk_set_client_credentials(made, gnutls_user, &shared, GNUTLS_PSK_KEY_RAW), "pre-shared key");
  ensure_gnutls(gnutls_credentials_set(session(), GNUTLS_CRD_PSK, made), "client credentials");
}

void GnutlsPeer::receive(std::span<const std::byte> wire, std::vector<std::byte>& plaintext) {
  ensure(!closed_, "nothing is received after close_notify");
  connection_.write(End::server, wire);
  read_all(plaintext);
  connection_.take_transcript();  // GnuTLS has read it all, and keeps what is no whole record yet
}

void GnutlsPeer::read_all(std::vector<std::byte>& plaintext) {
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

void GnutlsPeer::send(std::span<const std::byte> plaintext, std::vector<std::byte>& wire) {
  while (!plaintext.empty()) {
    const ssize_t sent = gnutls_record_send(session(), plaintext.data(), plaintext.size());
    ensure_gnutls(static_cast<int>(sent), "send");
    plaintext = plaintext.subspan(static_cast<std::size_t>(sent));
  }
  take_sent(wire);
}

void GnutlsPeer::close(std::vector<std::byte>& wire) {
  ensure_gnutls(gnutls_bye(session(), GNUTLS_SHUT_WR), "close");
  take_sent(wire);
}

void GnutlsPeer::take_sent(std::vector<std::byte>& wire) {
  for (const Flight& flight : connection_.take_transcript()) {
    wire.insert(wire.end(), flight.bytes.begin(), flight.bytes.end());
  }
}

}  // namespace cryptopath
