// Buses that transfers share by max-min fairness, worked out by hand for the few transfers that a machine has at once.
// As in the simulator's, a transfer that has all of its buses to itself is an event like any other, put in order when
// it begins; only those that share end at fractions of a nanosecond.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "cryptopath/units.hpp"

namespace cryptopath::heap_loop {

/// Who moves data. Each moves one transfer at a time.
enum class Master : std::uint8_t {
  processor,
  handler,
  card_input,
  card_output,
  nic_transmit,
  nic_receive,
  card_write_back,  // of what the cache holds changed, beside the DMA that reads it
  nic_write_back,
};
inline constexpr std::size_t masters = 8;

class Buses {
 public:
  using Route = std::size_t;

  std::size_t add(BitsPerSecond rate);
  Route add_route(std::vector<std::size_t> buses);

  /// A transfer's end, as it is expected: another one is expected when somebody comes to a bus of its.
  using End = std::uint64_t;
  static Master master_of(End end) { return static_cast<Master>(end % masters); }

  /// Starts a transfer. When it has its buses to itself its end is expected after uncontended(); none is returned
  /// otherwise.
  std::optional<End> start(Master master, Route route, Bytes load, Nanoseconds now);
  /// When the next of the transfers that share a bus ends, in nanoseconds; infinity when there is none. `now` may be a
  /// fraction, as they end at fractions.
  double next_end(double now) {
    if (stale_) share(now);
    return next_end_;
  }
  /// Appends the ends that have come by `now` of transfers that share a bus.
  void take_ended(double now, std::vector<End>& ended);
  /// At an end that was expected: whether it still is. The transfer is off its buses then.
  bool leave(End end);

  /// The whole nanosecond at which what ends at such a fraction is seen: the next one, but for errors of rounding.
  static Nanoseconds whole(double nanoseconds);
  /// The time of `load` on idle buses.
  Nanoseconds uncontended(Route route, Bytes load) const;

 private:
  struct Transfer {
    Route route = 0;
    Nanoseconds began;
    End expected = 0;
    double rate = 0;
    double left = 0;     // bytes, at `updated`
    double updated = 0;  // when
    double end = 0;
    bool fixed = false;
  };
  struct Bus {
    double rate = 0;            // bytes per nanosecond
    double left = 0;            // while shares are worked out
    int unfixed = 0;            // transfers without a share yet
    int transfers = 0;          // whose ends were not seen
    Transfer* alone = nullptr;  // the one that has all of its buses to itself
  };
  void share(double now);
  /// Somebody comes to a bus of a transfer that had all of its buses to itself.
  void join(Transfer& transfer, Nanoseconds now);
  double rate_of(Route route) const;  // of its slowest bus

  std::vector<Bus> buses_;
  std::vector<std::vector<std::size_t>> routes_;
  std::array<Transfer, masters> transfers_;   // by master
  std::array<Transfer*, masters> sharing_{};  // those that share a bus, in the order in which they came to
  std::size_t count_ = 0;                     // of them
  std::uint64_t ends_ = 0;
  bool stale_ = false;  // a transfer has begun or ended since shares were worked out
  double next_end_ = std::numeric_limits<double>::infinity();
};

}  // namespace cryptopath::heap_loop
