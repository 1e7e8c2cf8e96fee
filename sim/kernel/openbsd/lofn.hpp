// lofn(4) and nofn(4): the drivers of the Hifn 6500 and of the 7814's unit for public keys, which is nearly the same
// (sys/dev/pci/lofn.c 1.28, nofn.c 1.10).
//
// The chip is an arithmetic unit (ALU) with registers of 1024 bits in PCI memory space and without DMA: the processor
// writes base, exponent and modulus word by word, and a program of one exponentiation, with shifts around it where the
// modulus is shorter than a register. At the end the chip interrupts; the handler reads the result word by word, wipes
// the registers and starts the next operation. One is in work, the others wait in a queue that has no limit.
//
// All that the drivers register is modular exponentiation; nofn leaves the 7814's unit for packets alone. Random
// numbers, which both chips deliver, are left out.
#pragma once

#include <deque>

#include "kernel/openbsd/card_driver.hpp"

namespace cryptopath::sim {

class LofnDriver final : public CardDriver {
 public:
  LofnDriver(Kernel& kernel, CryptoFramework& framework, Accelerator& card);

  /// lofn_kprocess(), nofn_pk_process().
  Task<int> kprocess(const Context& context, KeyRequest& request) override;
  /// lofn_intr(), nofn_intr().
  Task<> on_interrupt() override;

 private:
  /// lofn_feed(), at splnet like all of the driver.
  Task<> feed(const Context& context);
  /// lofn_modexp_start(). Returns 0, or the errno of a request whose numbers the registers have no room for.
  Task<int> start(const Context& context, const KeyRequest& request);
  /// What of it writes registers, until a number is too large.
  Task<int> load(const Context& context, const KeyRequest& request);
  /// A number, its length, and the instructions that shift it to the modulus's place.
  Task<> load_number(const Context& context, std::int64_t modulus_bits);
  /// lofn_modexp_finish().
  Task<> finish(const Context& context, KeyRequest& request);
  /// Switches the interrupt at an operation's end on or off: one register, which nofn reads first.
  Task<> switch_interrupt(const Context& context);

  Task<> read_words(const Context& context, int count);
  Task<> write_words(const Context& context, int count);
  Task<> wipe_registers(const Context& context);

  const bool nofn_;
  std::deque<KeyRequest*> queue_;
  KeyRequest* current_ = nullptr;  // what the ALU works on
};

}  // namespace cryptopath::sim
