// hifn(4): the driver of the Hifn 7751, 7811 and 7951 (sys/dev/pci/hifn7751.c).
//
// The chip polls its rings, so submitting costs no register access. It interrupts once per operation; the handler does
// one register read and one write and takes every result that is there. With a ring full a request fails with ENOMEM:
// the driver has no queue.
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
