// Sockets: sosend(), and what SO_CRYPT adds to it (Burnside and Keromytis, section 3.1): data handed to a socket with
// that option goes through the crypto framework as an mbuf chain, sosend() sleeps until it comes back, and the
// protected records take its place. With SO_CRYPT_NIC, this simulator's own, the records go framed and in clear to a
// NIC that enciphers; nobody sleeps for them.
#pragma once

#include <memory>
#include <optional>

#include "kernel/openbsd/crypto.hpp"
#include "kernel/protection.hpp"
#include "kernel/transport.hpp"

namespace cryptopath::sim {

class Socket {
 public:
  Socket(Kernel& kernel, Transport& transport, CryptoFramework& framework, Protection& protection)
      : kernel_(kernel), transport_(transport), framework_(framework), protection_(protection) {}

  /// setsockopt(SO_CRYPT): copies in the key, as CIOCGSESSION does, and opens a session with the framework. The keys
  /// are those of the connection.
  Task<> enable_crypt(const Context& context, std::optional<Bytes> key_length = std::nullopt);
  /// setsockopt(SO_CRYPT_NIC): copies in the key, for the NIC. Throws InputError (EOPNOTSUPP) when the NIC has no
  /// engine for the connection's suite.
  Task<> enable_crypt_nic(const Context& context);
  bool crypt() const { return session_ != nullptr || nic_rate_; }
  /// setsockopt(SO_SNDBUF). Throws InputError (ENOBUFS) above the kernel's sb_max.
  void set_send_buffer(Bytes size);

  /// sosend() with a uio: copies user data into clusters as the send buffer has room, and sleeps while it has none. Of
  /// datagrams each segment of `data` is one, as the messages of a sendmmsg(2), unless SO_CRYPT cuts them.
  Task<> send_from_user(const Context& context, Segments data);
  /// sosend() with a ready chain: does not wait for room in a stream's send buffer, but does for each datagram. Throws
  /// InputError (EMSGSIZE) when the chain, or the datagram, is longer than the whole send buffer.
  Task<> send_chain(const Context& context, MbufChain chain);
  /// sbwait() until there is room up to the low-water mark: a cluster, or the whole buffer where that is smaller.
  Task<> wait_for_space(const Context& context);
  /// soclose(): sends TCP's FIN. The connection drains by itself.
  Task<> close(const Context& context);

 private:
  /// A record with its framing in memory of its own around the plaintext, which stays where it is.
  struct FramedRecord {
    Frame frame;
    Segments data;
  };
  Task<> protect_and_append(const Context& context, MbufChain chain);
  Task<std::vector<FramedRecord>> frame(const Context& context, const MbufChain& plaintext);
  Task<> append_for_nic(const Context& context, MbufChain plaintext);
  /// The protected records, a chain each.
  Task<std::vector<MbufChain>> protect(const Context& context, MbufChain plaintext);
  Task<> send_messages(const Context& context, Segments messages);
  Task<> send_datagram(const Context& context, MbufChain datagram);
  Task<> send_stream(const Context& context, std::vector<MbufChain> chains);
  /// Throws InputError (EMSGSIZE) unless the send buffer could hold so much.
  void check_fits_send_buffer(Bytes size) const;
  /// The same where `wanted` bytes are left to send: room for these is enough.
  Task<> wait_for_space(const Context& context, Bytes wanted);

  Kernel& kernel_;
  Transport& transport_;
  CryptoFramework& framework_;
  Protection& protection_;
  std::unique_ptr<CryptoSession> session_;
  std::optional<BitsPerSecond> nic_rate_;  // of the NIC's engine, where that protects
};

}  // namespace cryptopath::sim
