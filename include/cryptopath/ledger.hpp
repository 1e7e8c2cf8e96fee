// The ledger: every act that can be counted, declared once. The code that performs an act writes it here, at the moment
// it happens; nothing computes a count afterwards.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cryptopath/units.hpp"

namespace cryptopath {

enum class Act : std::uint8_t {
  system_calls,
  mode_crossings,
  process_switches,
  wakeups,
  interrupts,
  clock_interrupts,
  interrupts_held_off,
  interrupt_controller_writes,
  copies_kernel_to_user,
  copies_user_to_kernel,
  copies_kernel_to_kernel,
  copied_bytes_kernel_to_user,
  copied_bytes_user_to_kernel,
  copied_bytes_kernel_to_kernel,
  copies_arguments,
  dma_host_to_device,
  dma_device_to_host,
  dma_device_to_device,
  dma_acknowledgements,
  dma_bytes_host_to_device,
  dma_bytes_device_to_host,
  dma_bytes_device_to_device,
  dma_bytes_acknowledgements,
  memory_read_bytes,
  memory_write_bytes,
  cpu_user_ns,
  cpu_kernel_ns,
  cpu_crypto_thread_ns,
  cpu_interrupt_ns,
  cpu_switch_ns,
  cpu_idle_ns,
  crypto_requests,
  crypto_migrations,
  records,
  tcp_segments,
  tcp_acknowledgements,
  datagrams,
  paper_copies,
  paper_context_switches,
  paper_dma,
  count,  // how many there are; no act itself
};

struct ActDescription {
  std::string_view name;     // as in results: "copies.kernel_to_user"
  std::string_view unit;     // "calls", "B", "ns", ...
  std::string_view meaning;  // one sentence
};

/// Name, unit and meaning of each act, in the order of the enumeration.
std::span<const ActDescription, static_cast<std::size_t>(Act::count)> acts();

/// A bus's place in the ledger.
struct BusAccount {
  std::size_t index = 0;
};

/// All counts of one moment, by name.
using Counts = std::map<std::string, std::int64_t>;

class Ledger {
 public:
  void add(Act act, std::int64_t amount = 1) { totals_[static_cast<std::size_t>(act)] += amount; }
  std::int64_t total(Act act) const { return totals_[static_cast<std::size_t>(act)]; }

  /// Opens an account for the bus called `name`: "bus.NAME.transactions" and "bus.NAME.bytes".
  BusAccount open_bus(std::string name);
  void add_bus(BusAccount account, std::int64_t transactions, Bytes bytes);

  Counts snapshot() const;

 private:
  struct Bus {
    std::string name;
    std::int64_t transactions = 0;
    std::int64_t bytes = 0;
  };
  std::array<std::int64_t, static_cast<std::size_t>(Act::count)> totals_{};
  std::vector<Bus> buses_;
};

/// What happened between two snapshots: warm-up is cut so. Every name of `later` must stand in `earlier`, or be new.
Counts difference(const Counts& later, const Counts& earlier);

}  // namespace cryptopath
