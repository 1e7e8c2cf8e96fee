// Buses that transfers share by max-min fairness, worked out by hand for the few transfers that a machine has at once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "cryptopath/units.hpp"

namespace cryptopath::heap_loop {

/// Who moves data. Each moves one transfer at a time.
enum class Master : std::uint8_t { processor, card_input, card_output, nic_transmit, nic_receive, wire, wire_return };
inline constexpr std::size_t masters = 7;

class Buses {
 public:
  using Route = std::size_t;

  std::size_t add(BitsPerSecond rate);
  Route add_route(std::vector<std::size_t> buses);

  /// `now` is in nanoseconds and may be a fraction, as transfers end at fractions.
  void start(Master master, Route route, Bytes load, double now);
  /// When the next transfer ends; infinity when none is under way.
  double next_end(double now) {
    if (stale_) share(now);
    return next_end_;
  }
  /// Takes the transfers that have ended by `now` off their buses and appends their masters to `ended`.
  void take_ended(double now, std::vector<Master>& ended);

  /// The time of `load` on idle buses.
  Nanoseconds uncontended(Route route, Bytes load) const;

 private:
  struct Bus {
    double rate = 0;  // bytes per nanosecond
    double left = 0;  // while shares are worked out
    int unfixed = 0;  // transfers without a share yet
  };
  struct Transfer {
    Master master{};
    Route route = 0;
    double rate = 0;
    double left = 0;     // bytes, at `updated`
    double updated = 0;  // when
    double end = 0;
    bool fixed = false;
  };
  void share(double now);

  std::vector<Bus> buses_;
  std::vector<std::vector<std::size_t>> routes_;
  std::array<Transfer, masters> under_way_;
  std::size_t count_ = 0;
  bool stale_ = false;  // a transfer has begun or ended since shares were worked out
  double next_end_ = std::numeric_limits<double>::infinity();
};

}  // namespace cryptopath::heap_loop
