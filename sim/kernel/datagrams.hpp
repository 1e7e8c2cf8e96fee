// The sending half of UDP, or of ESP without anything above it, on a connected socket: each chain is one packet.
//
// In: one packet a chain, the checksum, room in the send buffer, which a packet takes until the card has transmitted it
// and the driver has seen so. That is Linux's way (sk_wmem_alloc): the sender sleeps while there is no room. Left out:
// BSD's way, which keeps no datagram in the send buffer and drops it, with ENOBUFS, where the interface's queue is
// full; fragmentation, which records made for the card's packets never need; the IPsec databases; anything from the
// peer.
#pragma once

#include <deque>

#include "cryptopath/record_format.hpp"
#include "kernel/transport.hpp"

namespace cryptopath::sim {

/// What stands in front of a record in its packet: the headers of IP, and for DTLS of UDP. ESP's records hold the rest.
Bytes datagram_headers(Protocol protocol);

class Datagrams final : public Transport {
 public:
  Datagrams(Kernel& kernel, NicDriver& driver, Bytes send_buffer, Protocol protocol);

  bool in_datagrams() const override { return true; }
  /// udp_output(), or ip_output() with an ESP packet.
  Task<> send(const Context& context, MbufChain datagram) override;
  Task<> send_records(const Context& context, MbufChain chain, std::vector<RecordToEncipher> records) override;
  /// Nothing is told to the peer.
  Task<> shut_down(const Context& context) override;
  bool closed() const override { return closed_; }

 private:
  Bytes buffered() const override { return under_way_; }
  Task<> transmitted(const Context& context, std::int64_t packets);

  Kernel& kernel_;
  Bytes headers_;
  bool checksum_;            // by the processor
  std::deque<Bytes> sizes_;  // of those that the driver has not seen transmitted
  Bytes under_way_;          // their sum
  bool closed_ = false;
};

}  // namespace cryptopath::sim
