#include "heap_loop/buses.hpp"

#include <algorithm>
#include <cmath>

namespace cryptopath::heap_loop {

std::size_t Buses::add(BitsPerSecond rate) {
  buses_.emplace_back().rate = static_cast<double>(rate.count) / 8e9;
  return buses_.size() - 1;
}

Buses::Route Buses::add_route(std::vector<std::size_t> buses) {
  routes_.push_back(std::move(buses));
  return routes_.size() - 1;
}

std::optional<Buses::End> Buses::start(Master master, Route route, Bytes load, Nanoseconds now) {
  bool alone = true;
  for (const std::size_t index : routes_[route]) {
    Bus& bus = buses_[index];
    if (bus.alone != nullptr) join(*bus.alone, now);
    alone = alone && bus.transfers == 0;
    ++bus.transfers;
  }
  Transfer& transfer = transfers_[static_cast<std::size_t>(master)];
  transfer = {};
  transfer.route = route;
  transfer.began = now;
  transfer.expected = ++ends_ * masters + static_cast<std::uint64_t>(master);
  transfer.left = static_cast<double>(load.count);
  transfer.updated = static_cast<double>(now.count);
  if (alone) {
    for (const std::size_t index : routes_[route]) buses_[index].alone = &transfer;
    return transfer.expected;
  }
  sharing_[count_++] = &transfer;
  stale_ = true;
  return std::nullopt;
}

void Buses::join(Transfer& transfer, Nanoseconds now) {
  const double rate = rate_of(transfer.route);
  if (transfer.began + whole(transfer.left / rate) == now) return;  // it is through; its end comes yet
  for (const std::size_t index : routes_[transfer.route]) buses_[index].alone = nullptr;
  transfer.expected = ++ends_ * masters + transfer.expected % masters;
  transfer.left -= static_cast<double>((now - transfer.began).count) * rate;
  transfer.updated = static_cast<double>(now.count);
  sharing_[count_++] = &transfer;
  stale_ = true;
}

void Buses::take_ended(double now, std::vector<End>& ended) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    if (sharing_[i]->end <= now) {
      ended.push_back(sharing_[i]->expected);
      stale_ = true;
    } else {
      sharing_[kept++] = sharing_[i];
    }
  }
  count_ = kept;
}

bool Buses::leave(End end) {
  const Transfer& transfer = transfers_[static_cast<std::size_t>(master_of(end))];
  if (transfer.expected != end) return false;
  for (const std::size_t index : routes_[transfer.route]) {
    --buses_[index].transfers;
    buses_[index].alone = nullptr;
  }
  return true;
}

// Fills all transfers' rates evenly until a bus is full, fixes those that cross it, and goes on with the others.
void Buses::share(double now) {
  stale_ = false;
  for (std::size_t i = 0; i < count_; ++i) {
    sharing_[i]->fixed = false;
    for (const std::size_t index : routes_[sharing_[i]->route]) {
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
      Transfer& transfer = *sharing_[i];
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
  for (std::size_t i = 0; i < count_; ++i) next_end_ = std::min(next_end_, sharing_[i]->end);
}

double Buses::rate_of(Route route) const {
  double rate = buses_[routes_[route].front()].rate;
  for (const std::size_t index : routes_[route]) rate = std::min(rate, buses_[index].rate);
  return rate;
}

Nanoseconds Buses::whole(double nanoseconds) {
  const double nearest = std::round(nanoseconds);
  return Nanoseconds(
      static_cast<std::int64_t>(std::abs(nanoseconds - nearest) < 1e-3 ? nearest : std::ceil(nanoseconds)));
}

Nanoseconds Buses::uncontended(Route route, Bytes load) const {
  return whole(static_cast<double>(load.count) / rate_of(route));
}

}  // namespace cryptopath::heap_loop
