#include "heap_loop/buses.hpp"

#include <algorithm>
#include <cmath>

namespace cryptopath::heap_loop {

std::size_t Buses::add(BitsPerSecond rate) {
  buses_.push_back({static_cast<double>(rate.count) / 8e9});
  return buses_.size() - 1;
}

Buses::Route Buses::add_route(std::vector<std::size_t> buses) {
  routes_.push_back(std::move(buses));
  return routes_.size() - 1;
}

void Buses::start(Master master, Route route, Bytes load, double now) {
  under_way_[count_++] = {master, route, 0, static_cast<double>(load.count), now, 0, false};
  stale_ = true;
}

void Buses::take_ended(double now, std::vector<Master>& ended) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    if (under_way_[i].end <= now) {
      ended.push_back(under_way_[i].master);
      stale_ = true;
    } else {
      under_way_[kept++] = under_way_[i];
    }
  }
  count_ = kept;
}

// Fills all transfers' rates evenly until a bus is full, fixes those that cross it, and goes on with the others.
void Buses::share(double now) {
  stale_ = false;
  for (std::size_t i = 0; i < count_; ++i) {
    under_way_[i].fixed = false;
    for (const std::size_t index : routes_[under_way_[i].route]) {
      Bus& bus = buses_[index];
      if (bus.unfixed++ == 0) bus.left = bus.rate;
    }
  }
  for (std::size_t unfixed = count_; unfixed > 0;) {
    double least = std::numeric_limits<double>::infinity();
    const Bus* full = nullptr;
    for (const Bus& bus : buses_) {
      if (bus.unfixed == 0 || bus.left / bus.unfixed >= least) continue;
      least = bus.left / bus.unfixed;
      full = &bus;
    }
    for (std::size_t i = 0; i < count_; ++i) {
      Transfer& transfer = under_way_[i];
      const auto& route = routes_[transfer.route];
      const auto crosses = [&](std::size_t index) { return &buses_[index] == full; };
      if (transfer.fixed || std::none_of(route.begin(), route.end(), crosses)) continue;
      transfer.fixed = true;
      --unfixed;
      for (const std::size_t index : route) {
        buses_[index].left -= least;
        --buses_[index].unfixed;
      }
      if (transfer.rate == least) continue;
      transfer.left -= transfer.rate * (now - transfer.updated);
      transfer.updated = now;
      transfer.rate = least;
      transfer.end = now + transfer.left / least;
    }
  }
  next_end_ = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < count_; ++i) next_end_ = std::min(next_end_, under_way_[i].end);
}

Nanoseconds Buses::uncontended(Route route, Bytes load) const {
  double rate = buses_[routes_[route].front()].rate;
  for (const std::size_t index : routes_[route]) rate = std::min(rate, buses_[index].rate);
  return Nanoseconds(static_cast<std::int64_t>(std::ceil(static_cast<double>(load.count) / rate)));
}

}  // namespace cryptopath::heap_loop
