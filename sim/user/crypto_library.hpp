// The crypto library of user space: frames records in the process's buffer, and protects them there if asked to.
#pragma once

#include <vector>

#include "kernel/process.hpp"
#include "kernel/protection.hpp"

namespace cryptopath::sim {

class CryptoLibrary {
 public:
  /// `cipher` may be null when the library never seals.
  CryptoLibrary(Kernel& kernel, Protection& protection, const SoftwareCipherModel* cipher)
      : kernel_(kernel), protection_(protection), cipher_(cipher) {}

  /// Writes header, IV and padding of each record around its plaintext.
  Task<> frame(Process& process, const std::vector<Frame>& frames, Segment buffer);
  /// The same, then cipher and MAC, all in user mode.
  Task<> seal(Process& process, const std::vector<Frame>& frames, Segment buffer);

 private:
  Kernel& kernel_;
  Protection& protection_;
  const SoftwareCipherModel* cipher_;
};

}  // namespace cryptopath::sim
