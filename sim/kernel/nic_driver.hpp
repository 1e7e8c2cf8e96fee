// The driver's side of the NIC: if_start() and the interrupt handler.
#pragma once

#include <deque>
#include <functional>

#include "hardware/nic.hpp"
#include "kernel/kernel.hpp"

namespace cryptopath::sim {

class NicDriver {
 public:
  NicDriver(Kernel& kernel, Nic& nic) : kernel_(kernel), nic_(nic) {}

  /// Queues a packet for the card; what its ring has no room for waits in the driver (if_snd, here without bound, since
  /// the send window or buffer bounds it).
  void transmit(Packet packet);
  /// What acknowledgements are handed to.
  void on_acknowledgement(std::function<Task<>(const Context&, Bytes up_to)> input) { input_ = std::move(input); }
  /// What is told of packets that the card has transmitted.
  void on_transmitted(std::function<Task<>(const Context&, std::int64_t packets)> freed) { freed_ = std::move(freed); }
  Task<> on_interrupt();
  const Nic& nic() const { return nic_; }

 private:
  void fill_ring();

  Kernel& kernel_;
  Nic& nic_;
  std::deque<Packet> waiting_;
  std::function<Task<>(const Context&, Bytes)> input_;
  std::function<Task<>(const Context&, std::int64_t)> freed_;
};

}  // namespace cryptopath::sim
