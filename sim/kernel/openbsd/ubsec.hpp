// ubsec(4): the driver of the Broadcom BCM5801, 5802, 5805, 5820, 5821 and 5822 (sys/dev/pci/ubsec.c).
//
// Requests wait in the driver's queue, at most so many, then ENOMEM. After each one, and in the interrupt handler, the
// driver feeds the chip: as long as the status register does not say that it is full, it takes up to five requests into
// one command (MCR) and writes its address into a register. So requests travel together only when they had to wait. The
// chip interrupts once a command.
#pragma once

#include <deque>

#include "kernel/openbsd/card_driver.hpp"

namespace cryptopath::sim {

class UbsecDriver final : public CardDriver {
 public:
  using CardDriver::CardDriver;

  /// ubsec_process().
  Task<int> process(const Context& context, CryptoRequest& request) override;
  /// ubsec_intr().
  Task<> on_interrupt() override;

 private:
  /// ubsec_feed(). It runs at splnet in the thread and in the handler, never in both at once.
  Task<> feed(const Context& context);

  std::deque<CryptoRequest*> queue_;
};

}  // namespace cryptopath::sim
