// GnuTLS's client as the peer.
#pragma once

#include <gnutls/gnutls.h>

#include <string>
#include <type_traits>

#include "connection.hpp"
#include "record/openssl.hpp"

namespace cryptopath {

/// Throws Fault for a code below 0, with GnuTLS's words.
void ensure_gnutls(int code, const char* what);
/// GnuTLS takes pointers to mutable bytes, and leaves these alone.
gnutls_datum_t datum(std::span<const std::byte> bytes);

using GnutlsSession = Owned<std::remove_pointer_t<gnutls_session_t>, gnutls_deinit>;
using GnutlsCertificate =
    Owned<std::remove_pointer_t<gnutls_certificate_credentials_t>, gnutls_certificate_free_credentials>;

/// What both ends agree on before they start.
struct GnutlsAgreement {
  std::string priorities;
  bool datagrams;
  std::span<const std::byte> pre_shared_key;  // of `gnutls_user`; empty where the server has a certificate
  std::vector<std::byte> certificate;         // of the server, DER
};

inline constexpr const char* gnutls_user = "cryptopath";

/// What both ends have: a session over the connection. Its address must stay, GnuTLS holds it.
struct GnutlsEnd {
  GnutlsCertificate certificate;  // empty for a pre-shared key
  GnutlsSession session;
  Transport transport;

  GnutlsEnd(const GnutlsAgreement& agreement, Transport over, std::span<const std::byte> hello_random);
  GnutlsEnd(const GnutlsEnd&) = delete;
  GnutlsEnd& operator=(const GnutlsEnd&) = delete;
};

class GnutlsPeer final : public Peer {
 public:
  GnutlsPeer(const GnutlsAgreement& agreement, std::span<const std::byte> hello_random);

  /// For the handshake, of which this is one end.
  Connection& connection() { return connection_; }
  gnutls_session_t session() { return end_.session.get(); }

  void receive(std::span<const std::byte> wire, std::vector<std::byte>& plaintext) override;
  bool in_datagrams() const override { return connection_.in_datagrams(); }
  bool closed() const override { return closed_; }
  void send(std::span<const std::byte> plaintext, std::vector<std::byte>& wire) override;
  void close(std::vector<std::byte>& wire) override;
  std::string name() const override { return std::string("GnuTLS ") + gnutls_check_version(nullptr); }

 private:
  using PreSharedKey =
      Owned<std::remove_pointer_t<gnutls_psk_client_credentials_t>, gnutls_psk_free_client_credentials>;

  void read_all(std::vector<std::byte>& plaintext);
  void take_sent(std::vector<std::byte>& wire);

  Connection connection_;
  PreSharedKey pre_shared_key_;
  GnutlsEnd end_;
  bool closed_ = false;
};

}  // namespace cryptopath
