// Buses: SimGrid links that transfers share, and what each of them carried.
//
// A transfer gets its max-min fair share of every bus on its route, which is what a round-robin arbiter gives to
// masters that all have bursts to move, seen from far enough away. SimGrid computes the shares; as long as none of its
// buses is asked for more than it has, a transfer goes as fast as its route can and is an event of the calendar.
#pragma once

#include <coroutine>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cryptopath/ledger.hpp"
#include "engine/clock.hpp"

namespace cryptopath::sim {

class Buses;

/// One shared medium. Its load is in bytes at its nominal rate: a transfer that wastes some of the bus (a short burst,
/// a slow first word) weighs more than the bytes it moves.
struct Bus {
  std::string name;
  BitsPerSecond rate;
  Bytes load_carried;  // of transfers whose end was seen
};

/// What was observed of a bus until the end of a run.
struct BusFigures {
  std::string name;
  BitsPerSecond rate;
  Bytes load_carried;  // by the link
  Bytes accounted;     // by the ledger, and what transfers wasted

  /// In nanoseconds at the bus's full rate.
  double busy() const { return static_cast<double>(load_carried.count) / (static_cast<double>(rate.count) / 8e9); }
};

/// A chain of buses that a transfer occupies together. Made once, used by many transfers.
using RouteIndex = std::size_t;

class Buses {
 public:
  explicit Buses(Clock& clock);
  ~Buses();
  Buses(const Buses&) = delete;
  Buses& operator=(const Buses&) = delete;

  /// A half-duplex medium that all transfers share.
  std::size_t add(std::string name, BitsPerSecond rate);
  RouteIndex add_route(const std::vector<std::size_t>& buses);
  /// No bus or route may be added after this.
  void seal();

  const Bus& bus(std::size_t index) const { return buses_.at(index); }

  /// `co_await buses.transfer(route, load)`: resumes when the transfer has ended. `load` is at least 1 B.
  auto transfer(RouteIndex route, Bytes load) {
    struct Transfer {
      Buses& buses;
      RouteIndex route;
      Bytes load;
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<> coroutine) {
        buses.start(
            route, load, [](void* address, std::uint64_t) { std::coroutine_handle<>::from_address(address).resume(); },
            coroutine.address());
      }
      void await_resume() const noexcept {}
    };
    return Transfer{*this, route, load};
  }
  /// Starts a transfer and calls `done` when it has ended.
  void start(RouteIndex route, Bytes load, Clock::Action done, void* context, std::uint64_t tag = 0);

  /// The time that `load` takes on `route` when nothing else is under way.
  Nanoseconds uncontended(RouteIndex route, Bytes load) const;
  std::int64_t under_way() const { return under_way_; }
  Clock& clock() const { return clock_; }

 private:
  struct Network;
  struct Running;
  struct Route {
    std::vector<std::size_t> buses;
    BitsPerSecond rate;  // of the slowest of them
  };
  struct Use {             // of a bus
    BitsPerSecond demand;  // what the transfers under way would take if they had all other buses to themselves
    std::vector<Running*> unhindered;  // those of them that SimGrid does not know
  };
  /// Tells SimGrid of a transfer.
  static void hand_over(void* running, std::uint64_t tag);
  void begin_unhindered(Running& running);
  /// A bus of a transfer that went as fast as its route can is asked for more than it has.
  void share(Running& running);
  void forget_unhindered(Running& running);
  /// The calendar's part of a transfer's end.
  static void deliver(void* running, std::uint64_t tag);

  Clock& clock_;
  std::vector<Bus> buses_;
  std::vector<Use> use_;  // by bus
  std::vector<Route> routes_;
  std::unique_ptr<Network> network_;
  std::vector<std::unique_ptr<Running>> pool_;
  std::vector<Running*> free_;
  std::int64_t under_way_ = 0;
  std::uint64_t began_unhindered_ = 0;
};

}  // namespace cryptopath::sim
