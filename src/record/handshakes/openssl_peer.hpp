// OpenSSL's client as the peer.
#pragma once

#include <openssl/ssl.h>

#include <memory>

#include "connection.hpp"
#include "openssl_library.hpp"

namespace cryptopath {

using Ssl = Owned<SSL, SSL_free>;

/// Lets `ssl` talk over the transport, whose address must stay.
void connect(SSL& ssl, Transport& transport);

class OpenSslPeer final : public Peer {
 public:
  explicit OpenSslPeer(SeededLibrary library, bool in_datagrams)
      : library_(std::move(library)), connection_(in_datagrams), transport_{&connection_, End::client} {}
  OpenSslPeer(const OpenSslPeer&) = delete;
  OpenSslPeer& operator=(const OpenSslPeer&) = delete;

  /// For the handshake, of which this is one end.
  const SeededLibrary& library() const { return library_; }
  Connection& connection() { return connection_; }
  SSL& adopt(Ssl client);

  void receive(std::span<const std::byte> wire, std::vector<std::byte>& plaintext) override;
  bool in_datagrams() const override { return connection_.in_datagrams(); }
  bool closed() const override { return closed_; }
  void send(std::span<const std::byte> plaintext, std::vector<std::byte>& wire) override;
  void close(std::vector<std::byte>& wire) override;
  std::string name() const override { return std::string("OpenSSL ") + OpenSSL_version(OPENSSL_VERSION_STRING); }

 private:
  void read_all(std::vector<std::byte>& plaintext);
  void take_sent(std::vector<std::byte>& wire);

  SeededLibrary library_;
  Connection connection_;
  Transport transport_;
  Ssl client_;
  bool closed_ = false;
};

}  // namespace cryptopath
