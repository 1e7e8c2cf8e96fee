#include "kernel/datagrams.hpp"

#include "cryptopath/header_sizes.hpp"

namespace cryptopath::sim {

Bytes datagram_headers(Protocol protocol) {
  return protocol == Protocol::dtls_1_2 ? header_sizes::ipv4 + header_sizes::udp : header_sizes::ipv4;
}

Datagrams::Datagrams(Kernel& kernel, NicDriver& driver, Bytes send_buffer, Protocol protocol)
    : Transport(driver, send_buffer),
      kernel_(kernel),
      headers_(datagram_headers(protocol)),
      // An ESP packet has no checksum of its own.
      checksum_(protocol == Protocol::dtls_1_2 && !driver.nic().model().checksum_offload) {
  driver.on_transmitted([this](const Context& context, std::int64_t packets) { return transmitted(context, packets); });
}

Task<> Datagrams::send(const Context& context, MbufChain datagram) {
  const Context::NetworkLevel level(context);
  Packet packet;
  packet.payload = datagram.length;
  packet.size = datagram.length + headers_;
  ensure(packet.size <= nic().model().maximum_packet, "a datagram fits into a packet of the card");
  for (Mbuf& mbuf : datagram.mbufs) {
    if (mbuf.begins_buffer) ++packet.buffers_begun;
    packet.data.push_back(std::move(mbuf.data));
  }
  queue(packet.payload);
  under_way_ += packet.payload;
  sizes_.push_back(packet.payload);
  kernel_.ledger.add(Act::datagrams);

  kernel_.interconnect.write_register(nic().vertex());
  Nanoseconds cost = kernel_.costs.datagram_output + kernel_.costs.device_register_write;
  if (checksum_) cost += time_at(packet.payload, kernel_.costs.checksum);
  co_await context.run(cost);
  driver().transmit(std::move(packet));
}

Task<> Datagrams::send_records(const Context&, MbufChain, std::vector<RecordToEncipher>) {
  throw Fault("no NIC enciphers datagrams");
}

Task<> Datagrams::shut_down(const Context&) {
  closed_ = true;
  co_return;
}

Task<> Datagrams::transmitted(const Context& context, std::int64_t packets) {
  for (; packets > 0; --packets) {
    under_way_ -= sizes_.front();
    sizes_.pop_front();
  }
  co_await wakeup(kernel_, context, space_available());
}

}  // namespace cryptopath::sim
