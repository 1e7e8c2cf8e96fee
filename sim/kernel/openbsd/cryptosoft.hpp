// The software producer (sys/crypto/cryptosoft.c): runs the transform on the processor, in the crypto thread.
#pragma once

#include <map>

#include "kernel/openbsd/crypto.hpp"

namespace cryptopath::sim {

class SoftwareDriver final : public CryptoDriver {
 public:
  SoftwareDriver(Kernel& kernel, CryptoFramework& framework, const std::map<std::string, SoftwareCipherModel>& ciphers);

  std::string name() const override { return "cryptosoft"; }
  bool hardware() const override { return false; }
  BitsPerSecond rated_speed(const std::string&) const override { return BitsPerSecond(0); }
  std::int64_t free_sessions() const override { return 1; }  // it has no memory of its own to fill
  void session_opened() override {}
  void session_closed() override {}
  /// swcr_process().
  Task<int> process(const Context& context, CryptoRequest& request) override;

 private:
  Kernel& kernel_;
  const std::map<std::string, SoftwareCipherModel>& ciphers_;
};

/// Runs the request's cipher and MAC over its bytes, if it has any, and puts them into place.
void run_transform(const CryptoRequest& request);
/// The processor time of one record's transform in software.
Nanoseconds software_cost(const SoftwareCipherModel& cipher, Bytes enciphered, Hertz clock);

}  // namespace cryptopath::sim
