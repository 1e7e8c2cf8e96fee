// hifn(4): the driver of the Hifn 7751, 7811 and 7951 (sys/dev/pci/hifn7751.c).
//
// The chip polls its rings, so submitting costs no register access. It interrupts once per operation; the handler does
// one register read and one write and takes every result that is there. With a ring full a request fails with ENOMEM:
// the driver has no queue.
#pragma once

#include "hardware/accelerator.hpp"
#include "kernel/openbsd/crypto.hpp"

namespace cryptopath::sim {

class HifnDriver final : public CryptoDriver {
 public:
  HifnDriver(Kernel& kernel, CryptoFramework& framework, Accelerator& card);

  std::string name() const override { return card_.name(); }
  bool hardware() const override { return true; }
  bool supports(const std::string& algorithm) const override;
  std::int64_t free_sessions() const override { return card_.model().sessions - sessions_; }
  void session_opened() override { ++sessions_; }
  void session_closed() override { --sessions_; }
  /// hifn_process(), hifn_crypto().
  Task<int> process(const Context& context, CryptoRequest& request) override;

  /// hifn_intr().
  Task<> on_interrupt();
  /// Operations taken from the card so far.
  std::int64_t reaped() const { return reaped_; }

 private:
  Kernel& kernel_;
  CryptoFramework& framework_;
  Accelerator& card_;
  std::int64_t sessions_ = 0;
  std::int64_t reaped_ = 0;
};

}  // namespace cryptopath::sim
