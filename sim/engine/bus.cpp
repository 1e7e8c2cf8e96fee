#include "engine/bus.hpp"

#include <simgrid/s4u.hpp>
#include <simgrid/simix.hpp>

#include <algorithm>
#include <cmath>

namespace cryptopath::sim {

namespace s4u = simgrid::s4u;

namespace {

// SimGrid takes whole numbers for sizes, and of a transfer that gets company a fraction of a byte may be left.
constexpr double parts_of_a_byte = 1 << 20;

double bytes_per_nanosecond(BitsPerSecond rate) { return static_cast<double>(rate.count) / 8e9; }

}  // namespace

// SimGrid moves data between hosts, so each route gets a pair of them; they compute nothing.
struct Buses::Network {
  s4u::NetZone* zone = s4u::create_full_zone("machine");
  std::vector<s4u::Link*> links;
  std::vector<std::pair<s4u::Host*, s4u::Host*>> ends;
};

struct Buses::Running {
  Buses* buses = nullptr;
  s4u::CommPtr comm;  // kept beyond its end, or SimGrid uses it after it was freed
  RouteIndex route = 0;
  Bytes load;
  Clock::Action done = nullptr;
  void* context = nullptr;
  std::uint64_t tag = 0;
  double left = 0;  // of the load, in bytes, when SimGrid is told
  Nanoseconds began;
  Nanoseconds ends_unhindered;
  std::uint64_t unhindered = 0;  // the event of that end; another number is stale
};

Buses::Buses(Clock& clock) : clock_(clock), network_(std::make_unique<Network>()) {
  s4u::Activity::on_completion_cb([](const s4u::Activity& activity) {
    auto* running = static_cast<const s4u::Comm&>(activity).get_data<Running>();
    Clock& calendar = running->buses->clock_;
    try {
      // Not from inside SimGrid's own bookkeeping: the calendar resumes the waiter at the next whole nanosecond.
      calendar.at(calendar.next_whole_instant(), deliver, running);
    } catch (...) {
      // Not even memory running out may pass through SimGrid's loop.
      calendar.fail(std::current_exception());
    }
  });
}

void Buses::deliver(void* context, std::uint64_t /*tag*/) {
  auto* running = static_cast<Running*>(context);
  Buses& buses = *running->buses;
  const Route& route = buses.routes_[running->route];
  for (const std::size_t index : route.buses) {
    buses.buses_[index].load_carried += running->load;
    buses.use_[index].demand -= route.rate;
  }
  if (running->unhindered != 0) buses.forget_unhindered(*running);
  --buses.under_way_;
  const auto done = running->done;
  void* const waiter = running->context;
  const std::uint64_t tag = running->tag;
  buses.free_.push_back(running);
  done(waiter, tag);
}

Buses::~Buses() = default;

std::size_t Buses::add(std::string name, BitsPerSecond rate) {
  // No latency on links: CM02 would weigh concurrent transfers by it.
  network_->links.push_back(
      network_->zone->create_link(name, bytes_per_nanosecond(rate) * parts_of_a_byte)->set_latency(0)->seal());
  buses_.push_back({std::move(name), rate, Bytes(0)});
  use_.emplace_back();
  return buses_.size() - 1;
}

RouteIndex Buses::add_route(const std::vector<std::size_t>& buses) {
  ensure(!buses.empty(), "a route needs a bus");
  const std::string name = "route" + std::to_string(routes_.size());
  s4u::Host* from = network_->zone->create_host(name + "-from", 1.0);
  s4u::Host* to = network_->zone->create_host(name + "-to", 1.0);
  std::vector<s4u::LinkInRoute> links;
  for (const std::size_t index : buses) links.emplace_back(network_->links.at(index));
  network_->zone->add_route(from->get_netpoint(), to->get_netpoint(), nullptr, nullptr, links, false);
  network_->ends.emplace_back(from, to);
  BitsPerSecond slowest = buses_[buses.front()].rate;
  for (const std::size_t index : buses) slowest = std::min(slowest, buses_[index].rate);
  routes_.push_back({buses, slowest});
  return routes_.size() - 1;
}

void Buses::seal() { network_->zone->seal(); }

void Buses::start(RouteIndex route, Bytes load, Clock::Action done, void* context, std::uint64_t tag) {
  ensure(load.count >= 1, "a transfer must have a load");  // SimGrid never ends a transfer of nothing
  if (free_.empty()) {
    pool_.push_back(std::make_unique<Running>());
    free_.push_back(pool_.back().get());
  }
  Running* running = free_.back();
  free_.pop_back();
  *running = {this,           nullptr,        route, load, done, context, tag, static_cast<double>(load.count),
              Nanoseconds(0), Nanoseconds(0), 0};
  ++under_way_;
  const auto& [route_buses, rate] = routes_[route];
  bool unhindered = true;
  for (const std::size_t index : route_buses) {
    Use& use = use_[index];
    use.demand += rate;
    if (use.demand <= buses_[index].rate) continue;
    unhindered = false;
    while (!use.unhindered.empty()) share(*use.unhindered.back());
  }
  if (unhindered) {
    begin_unhindered(*running);
  } else {
    clock_.when_simgrid_is_here(hand_over, running);
  }
}

void Buses::begin_unhindered(Running& running) {
  for (const std::size_t index : routes_[running.route].buses) use_[index].unhindered.push_back(&running);
  running.began = clock_.now();
  running.ends_unhindered = running.began + uncontended(running.route, running.load);
  running.unhindered = ++began_unhindered_;
  clock_.at(
      running.ends_unhindered,
      [](void* context, std::uint64_t event) {
        if (static_cast<Running*>(context)->unhindered == event) deliver(context, 0);
      },
      &running, running.unhindered);
}

void Buses::forget_unhindered(Running& running) {
  for (const std::size_t index : routes_[running.route].buses) std::erase(use_[index].unhindered, &running);
}

void Buses::share(Running& running) {
  forget_unhindered(running);
  if (running.ends_unhindered == clock_.now()) return;  // it is through; its event comes yet
  running.unhindered = 0;
  const double carried =
      static_cast<double>((clock_.now() - running.began).count) * bytes_per_nanosecond(routes_[running.route].rate);
  running.left = static_cast<double>(running.load.count) - carried;
  clock_.when_simgrid_is_here(hand_over, &running);
}

void Buses::hand_over(void* context, std::uint64_t /*tag*/) {
  auto* running = static_cast<Running*>(context);
  const auto& [from, to] = running->buses->network_->ends[running->route];
  // In kernel context: a transfer started from outside would never signal its end.
  simgrid::kernel::actor::simcall_answered([running, from = from, to = to] {
    running->comm = s4u::Comm::sendto_init();
    running->comm->set_payload_size(static_cast<std::uint64_t>(std::llround(running->left * parts_of_a_byte)));
    running->comm->set_data(running);
    running->comm->set_source(from);
    running->comm->set_destination(to);
  });
}

Nanoseconds Buses::uncontended(RouteIndex route, Bytes load) const {
  return Clock::whole(static_cast<double>(load.count) / bytes_per_nanosecond(routes_.at(route).rate));
}

}  // namespace cryptopath::sim
