// ubsec(4): the driver of the Broadcom BCM5801, 5802, 5805, 5820, 5821 and 5822 (sys/dev/pci/ubsec.c).
//
// Requests wait in the driver's queue. Each takes one of so many pieces of memory for DMA until it comes back from the
// chip; one that finds none gets ENOMEM. After each one, and in the interrupt handler, the driver feeds the chip:
// unless the status register says that it is full, it takes two to five requests into one command (MCR), writes its
// address into a register and leaves the rest for the next time; a single one it hands over by itself. So requests
// travel together only when they had to wait. The chip interrupts once a command.
//
// Modular exponentiations go to the chip's second queue (MCR2), one a command, and wait in a queue of the driver that
// has no limit. Numbers are padded to the sizes that the chip takes, moduli above the largest are E2BIG. The driver
// takes results in the order in which it handed the commands in: one that ended early waits for those before it. The
// source has code for CRT and leaves it out of what it registers, so that OpenSSL's engine does without; here it is
// registered, for those who ask what it would bring.
#pragma once

#include <deque>
#include <memory>

#include "kernel/openbsd/card_driver.hpp"

namespace cryptopath::sim {

class UbsecDriver final : public CardDriver {
 public:
  using CardDriver::CardDriver;

  /// ubsec_process().
  Task<int> process(const Context& context, CryptoRequest& request) override;
  /// ubsec_kprocess().
  Task<int> kprocess(const Context& context, KeyRequest& request) override;
  /// ubsec_intr().
  Task<> on_interrupt() override;

 private:
  /// ubsec_feed(). It runs at splnet in the thread and in the handler, never in both at once.
  Task<> feed(const Context& context);
  /// The first `count` requests in one command, unless the chip is full.
  Task<bool> hand_over(const Context& context, std::ptrdiff_t count);

  /// ubsec_kprocess_modexp_hw(), or _sw() where the chip does not normalize: what the chip gets of a request. Returns
  /// the errno.
  int prepare(const KeyRequest& request, KeyOperation& operation);
  /// ubsec_kprocess_rsapriv(): the same of a request with CRT.
  int prepare_crt(const KeyRequest& request, KeyOperation& operation);
  /// The size that a modulus is padded to, or 0 where that is too much for the chip.
  std::int64_t padded(std::int64_t bits) const;
  Segment dma_memory(std::int64_t bits);
  /// ubsec_feed2(), at splnet likewise.
  Task<> feed_keys(const Context& context);
  /// ubsec_callback2() for each operation whose turn has come.
  Task<> complete_keys(const Context& context);

  std::deque<CryptoRequest*> queue_;
  std::int64_t accepted_ = 0;  // requests so far; each has memory for DMA until the card is done with it
  struct KeyCommand {
    KeyOperation operation;  // empty when the chip has it
    KeyRequest* request;
    bool ended = false;
  };
  std::deque<std::unique_ptr<KeyCommand>> key_queue_;
  std::deque<std::unique_ptr<KeyCommand>> in_chip_;  // in the order of their handing in
};

}  // namespace cryptopath::sim
