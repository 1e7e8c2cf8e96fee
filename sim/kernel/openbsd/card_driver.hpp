// What the drivers of crypto cards have in common: a session is a count, and a request becomes an operation of the
// card.
#pragma once

#include <memory>
#include <string>

#include "hardware/accelerator.hpp"
#include "kernel/openbsd/crypto.hpp"

namespace cryptopath::sim {

class CardDriver : public CryptoDriver {
 public:
  /// Registers what the card has; where the kernel has no driver for it, that is nothing.
  CardDriver(Kernel& kernel, CryptoFramework& framework, Accelerator& card);

  std::string name() const override { return card_.name(); }
  bool hardware() const override { return true; }
  BitsPerSecond rated_speed(const std::string& algorithm) const override { return card_.model().engines.at(algorithm); }
  std::int64_t free_sessions() const override { return card_.model().sessions - sessions_; }
  void session_opened() override { ++sessions_; }
  void session_closed() override { --sessions_; }
  std::string limits() const override;

  /// The handler of the card's interrupt, which may be another card's where they share a line.
  virtual Task<> on_interrupt() { co_return; }
  /// Operations taken from the card so far.
  std::int64_t reaped() const { return reaped_; }

 protected:
  Nanoseconds host_time(Cycles cycles) const { return time_at(cycles, kernel_.processor_model.clock); }
  AcceleratorOperation operation_of(CryptoRequest& request) const;
  /// Hands what the card has done back to the framework.
  Task<> complete_requests(const Context& context);

  Kernel& kernel() { return kernel_; }
  Accelerator& card() { return card_; }
  const Accelerator& card() const { return card_; }

 private:
  Kernel& kernel_;
  Accelerator& card_;
  std::int64_t sessions_ = 0;
  std::int64_t reaped_ = 0;
};

/// The driver that the card's model names.
std::unique_ptr<CardDriver> make_driver(Kernel& kernel, CryptoFramework& framework, Accelerator& card);

}  // namespace cryptopath::sim
