// Runs a program and sees what it and its children use.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cryptopath::bench {

struct ProcessUse {
  double seconds = 0;      // wall time
  double cpu_seconds = 0;  // user and system, of all its processes and threads
  /// The peak resident sizes (VmHWM) of the program's process and of its children, added up, sampled every 5 ms. Pages
  /// that forked processes share count once for each, and peaks count that need not coincide: an upper bound.
  std::int64_t peak_memory_bytes = 0;
};

/// Throws Fault unless the program ends with status 0. Its standard output goes to /dev/null.
ProcessUse run_program(const std::vector<std::string>& command);

}  // namespace cryptopath::bench
