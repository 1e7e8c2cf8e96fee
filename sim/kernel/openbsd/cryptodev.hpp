// /dev/crypto (sys/crypto/cryptodev.c; Keromytis et al. 2006, 4.2): the framework for processes, synchronous.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kernel/openbsd/crypto.hpp"

namespace cryptopath::sim {

/// One open file descriptor of the device, with at most one session.
class CryptoDevice {
 public:
  CryptoDevice(Kernel& kernel, CryptoFramework& framework) : kernel_(kernel), framework_(framework) {}

  /// CIOCGSESSION. Throws InputError when no driver has the algorithm.
  Task<> create_session(const Context& context, const std::string& algorithm, RecordTransform* transform);
  /// CIOCFSESSION.
  Task<> free_session(const Context& context);

  /// CIOCCRYPT: copies the framed records into the kernel, has them protected there in place, sleeps until that is done
  /// and copies them back. Throws InputError for E2BIG above the request limit.
  ///
  /// The real call takes one record; a buffer that holds several (larger than a record may be) is one call here, with a
  /// request to the framework for each, so that one buffer stays one call, as the papers count.
  Task<> crypt(const Context& context, const std::vector<Frame>& frames, Segment buffer);

 private:
  Kernel& kernel_;
  CryptoFramework& framework_;
  std::unique_ptr<CryptoSession> session_;
};

}  // namespace cryptopath::sim
