// Sockets: sosend(), and what SO_CRYPT adds to it (Burnside and Keromytis, section 3.1): data handed to a socket with
// that option goes through the crypto framework as an mbuf chain, sosend() sleeps until it comes back, and the
// protected records take its place.
#pragma once

#include <memory>

#include "kernel/openbsd/crypto.hpp"
#include "kernel/protection.hpp"
#include "kernel/tcp.hpp"

namespace cryptopath::sim {

class Socket {
 public:
  Socket(Kernel& kernel, TcpConnection& tcp, CryptoFramework& framework, Protection& protection)
      : kernel_(kernel), tcp_(tcp), framework_(framework), protection_(protection) {}

  /// setsockopt(SO_CRYPT): opens a session with the framework. The keys are those of the connection.
  void enable_crypt();
  bool crypt() const { return session_ != nullptr; }
  /// setsockopt(SO_SNDBUF). Throws InputError (ENOBUFS) above the kernel's sb_max.
  void set_send_buffer(Bytes size);

  /// sosend() with a uio: copies user data into clusters as the send buffer has room, and sleeps while it has none.
  Task<> send_from_user(const Context& context, Segments data);
  /// sosend() with a ready chain: does not wait for room. Throws InputError (EMSGSIZE) when the chain is longer than
  /// the whole send buffer.
  Task<> send_chain(const Context& context, MbufChain chain);
  /// sbwait() until there is room up to the low-water mark: a cluster, or the whole buffer where that is smaller.
  Task<> wait_for_space(const Context& context);
  /// soclose(): sends the FIN. The connection drains by itself.
  Task<> close(const Context& context);

 private:
  Task<> protect_and_append(const Context& context, MbufChain chain);
  Task<MbufChain> protect(const Context& context, MbufChain plaintext);
  /// The same where `wanted` bytes are left to send: room for these is enough.
  Task<> wait_for_space(const Context& context, Bytes wanted);

  Kernel& kernel_;
  TcpConnection& tcp_;
  CryptoFramework& framework_;
  Protection& protection_;
  std::unique_ptr<CryptoSession> session_;
};

}  // namespace cryptopath::sim
