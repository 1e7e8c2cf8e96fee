#include "result/counts.hpp"

namespace cryptopath {

const std::array<ProcessorClass, 6> processor_classes = {
    ProcessorClass{"user", "cpu.user_ns"},
    ProcessorClass{"kernel", "cpu.kernel_ns"},
    ProcessorClass{"crypto thread", "cpu.crypto_thread_ns"},
    ProcessorClass{"interrupt handlers", "cpu.interrupt_ns"},
    ProcessorClass{"switching", "cpu.switch_ns"},
    ProcessorClass{"idle", "cpu.idle_ns"},
};

std::optional<std::int64_t> count_of(const Result& result, const std::string& name) {
  const auto found = result.counts.find(name);
  return found == result.counts.end() ? std::nullopt : std::optional(found->second);
}

std::optional<double> processor_share(const Result& result, const std::string& name) {
  const auto time = count_of(result, name);
  std::int64_t all = 0;
  for (const ProcessorClass& each : processor_classes) all += count_of(result, each.name).value_or(0);
  if (!time || all <= 0) return std::nullopt;
  return static_cast<double>(*time) / static_cast<double>(all);
}

}  // namespace cryptopath
