// hifn(4): the driver of the Hifn 7751, 7811 and 7951 (sys/dev/pci/hifn7751.c).
//
// The chip polls its rings, so that a single request is submitted without register access. It interrupts once per
// operation; the handler does one register read and one write and takes every result that is there. Since interrupts
// were seen to get lost, the driver has the chip interrupt when it waits for commands, too, from a request that finds
// another one in the ring (one write each) until such an interrupt finds the ring empty (one more). With a ring full a
// request fails with ENOMEM: the driver has no queue.
#pragma once

#include "kernel/openbsd/card_driver.hpp"

namespace cryptopath::sim {

class HifnDriver final : public CardDriver {
 public:
  using CardDriver::CardDriver;

  /// hifn_process(), hifn_crypto().
  Task<int> process(const Context& context, CryptoRequest& request) override;
  /// hifn_intr().
  Task<> on_interrupt() override;
};

}  // namespace cryptopath::sim
