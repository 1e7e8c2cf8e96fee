#include "workload_world.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "cryptopath/simulate.hpp"

namespace cryptopath::sim {

namespace {

constexpr std::size_t mac_descriptor = 1;
constexpr std::int64_t few = 10;  // operations, of which one more or less in the window changes the rate by a tenth

}  // namespace

WorkloadWorld::WorkloadWorld(const WorkloadSpec& spec)
    : spec_(spec),
      host_(spec),
      hog_(host_.kernel, host_.framework, "hog"),
      operations_(static_cast<std::size_t>(spec.batch), CryptoOperation{spec.request, spec.request, {}}),
      running_(spec.threads),
      tasks_(host_.clock) {
  if (spec.public_key) engine_calls_ = engine_calls(*spec.public_key);
  for (std::int64_t i = 0; i < spec.threads; ++i) {
    processes_.emplace_back(host_.kernel, host_.framework, fmt::format("process {}", i + 1));
  }
}

Task<> WorkloadWorld::work(Worker& process) {
  co_await process.begin();
  co_await operate(process);
  process.exit();
  --running_;
}

Task<> WorkloadWorld::operate(Worker& process) {
  const bool in_user_mode = spec_.provider == Provider::user;
  if (spec_.public_key && in_user_mode) return use_public_keys_in_user_mode(process, *spec_.public_key);
  if (spec_.public_key) return use_public_keys(process);
  if (in_user_mode) return encipher_in_user_mode(process);
  if (spec_.pending > 1) return encipher_ahead(process);
  return encipher(process);
}

Task<> WorkloadWorld::open_sessions(Process& process) {
  co_await process.open_crypto();
  co_await process.create_session(spec_.algorithm, !spec_.allow_software, 0, spec_.key_length);
  if (spec_.mac.empty()) co_return;
  co_await process.open_crypto();
  co_await process.create_session(spec_.mac, !spec_.allow_software, mac_descriptor);
}

Task<> WorkloadWorld::close_sessions(Process& process) {
  if (!spec_.mac.empty()) {
    co_await process.free_session(mac_descriptor);
    co_await process.close_crypto();
  }
  co_await process.free_session();
  co_await process.close_crypto();
}

Task<> WorkloadWorld::encipher(Worker& process) {
  co_await open_sessions(process);
  const Bytes size = spec_.request * spec_.batch;
  const Segment whole{host_.memory.allocate(size), Bytes(0), size};
  while (!measured_) {
    const Nanoseconds began = host_.clock.now();
    if (!spec_.mac.empty()) {
      co_await process.compute(spec_.kernel.engine_call);
      co_await process.crypt(operations_, whole, mac_descriptor);
    }
    co_await process.compute(spec_.kernel.engine_call);
    co_await process.crypt(operations_, whole);
    completed(process, began);
  }
  co_await close_sessions(process);
}

Task<> WorkloadWorld::encipher_ahead(Worker& process) {
  co_await open_sessions(process);
  std::map<const Buffer*, Nanoseconds> began;
  Segments idle;
  for (std::int64_t i = 0; i < spec_.pending; ++i) {
    const Bytes size = spec_.request * spec_.batch;
    idle.push_back({host_.memory.allocate(size), Bytes(0), size});
    began.emplace(idle.back().buffer.get(), Nanoseconds(0));
  }
  while (!measured_ || std::ssize(idle) < spec_.pending) {
    while (!measured_ && !idle.empty()) {
      const Segment buffer = std::move(idle.back());
      idle.pop_back();
      began.at(buffer.buffer.get()) = host_.clock.now();
      co_await process.compute(spec_.kernel.engine_call);
      co_await process.hand_in(operations_, buffer);
    }
    const std::size_t idle_before = idle.size();
    co_await process.take_back(idle);
    for (std::size_t i = idle_before; i < idle.size(); ++i) completed(process, began.at(idle[i].buffer.get()));
  }
  co_await close_sessions(process);
}

Task<> WorkloadWorld::encipher_in_user_mode(Worker& process) {
  const Bytes size = spec_.request * spec_.batch;
  const Segments data = {{host_.memory.allocate(size), Bytes(0), size}};
  const SoftwareCipherModel& cipher = spec_.software_ciphers.at(spec_.algorithm);
  const Nanoseconds cost = software_cost(cipher, spec_.request, host_.kernel.processor_model.clock) * spec_.batch;
  while (!measured_) {
    const Nanoseconds began = host_.clock.now();
    co_await process.compute(spec_.kernel.engine_call + cost);
    co_await pass_through_cache(host_.kernel, process.user_context(), data, data);
    completed(process, began);
  }
}

Task<> WorkloadWorld::use_public_keys(Worker& process) {
  co_await process.open_crypto();
  const BufferPointer memory = host_.memory.allocate(engine_calls_.memory);
  while (!measured_) {
    const Nanoseconds began = host_.clock.now();
    for (const KeyCall& call : engine_calls_.calls) {
      co_await process.compute(spec_.kernel.engine_call);
      co_await process.key(call, memory);
    }
    completed(process, began);
  }
  co_await process.close_crypto();
}

Task<> WorkloadWorld::use_public_keys_in_user_mode(Worker& process, const PublicKeyLoad& load) {
  const Nanoseconds cost = time_at(load.in_software, host_.kernel.processor_model.clock);
  while (!measured_) {
    const Nanoseconds began = host_.clock.now();
    co_await process.compute(cost);
    completed(process, began);
  }
}

void WorkloadWorld::completed(Worker& process, Nanoseconds began) {
  if (!begin_ || measured_) return;
  completed_ += spec_.batch;
  if (!std::exchange(process.served, true)) ++served_;
  latencies_.add(host_.clock.now() - began);
}

Task<> WorkloadWorld::leave(VertexIndex card, std::optional<std::string> algorithm, Nanoseconds instant) {
  co_await host_.clock.delay(instant);
  if (measured_) {
    remarks_.push_back(fmt::format("{} was to {} after {}, when what is measured had ended after {}",
                                   host_.machine().vertex(card).name, algorithm ? "lose " + *algorithm : "leave",
                                   to_string(instant), to_string(end_->instant)));
  }
  if (algorithm) {
    host_.deregister(card, *algorithm);
  } else {
    host_.eject(card);
  }
}

Task<> WorkloadWorld::measure() {
  co_await host_.clock.delay(spec_.warm_up);
  begin_ = observe();
  if (spec_.hog) {
    co_await hog_.begin();
    co_await hog_.compute(spec_.duration);
  } else {
    co_await host_.clock.delay(spec_.duration);
  }
  end_ = observe();
  measured_ = true;
  if (spec_.hog) hog_.exit();
}

WorkloadWorld::Moment WorkloadWorld::observe() {
  host_.processor.settle();
  Moment moment{host_.clock.now(), host_.ledger.snapshot(), {}};
  RunFigures figures;
  host_.add_figures(figures, moment.counts);
  for (const StationFigures& station : figures.stations) {
    moment.busy[station.name] = static_cast<double>(station.busy_by_now.count);
  }
  for (const BusFigures& bus : figures.buses) {
    moment.busy[bus.name] = bus.busy();
  }
  moment.busy[host_.machine().vertex(host_.interconnect.processor()).name] =
      static_cast<double>(host_.processor.busy().count);
  return moment;
}

Result WorkloadWorld::run() {
  host_.start(tasks_);
  for (Worker& process : processes_) tasks_.start(work(process));
  tasks_.start(measure());
  for (const auto& [card, instant] : spec_.ejections) tasks_.start(leave(card, std::nullopt, instant));
  for (const auto& [card, algorithms] : spec_.deregistrations) {
    for (const auto& [algorithm, instant] : algorithms) tasks_.start(leave(card, algorithm, instant));
  }
  try {
    host_.clock.run(spec_.time_limit);
  } catch (const SystemCallError& refused) {
    Result result;
    result.path = name_of(spec_);
    result.errno_name = strerrorname_np(refused.error());
    result.refusal = refused.what();
    return result;
  }
  if (running_ > 0) {
    throw Fault(fmt::format("the run ended with {} of {} processes left: {}, {}", running_, spec_.threads,
                            Host::wait_of(processes_.front().thread()), Host::wait_of(host_.framework.thread())));
  }
  return make_result();
}

Result WorkloadWorld::make_result() {
  host_.processor.settle();
  RunFigures whole;
  whole.elapsed = host_.clock.now();
  host_.add_figures(whole, host_.ledger.snapshot());
  Result result;
  checked_shares(whole, result.checked);
  result.path = name_of(spec_);
  result.elapsed = end_->instant - begin_->instant;
  if (spec_.public_key) {
    result.operations = completed_;
  } else {
    result.payload = spec_.request * completed_;
  }
  result.threads_served = served_;
  result.remarks = remarks_;
  if (completed_ < few) {
    result.remarks.push_back(
        fmt::format("{}: {} completed in the measured {}, too few for a rate: a longer \"duration\" would do",
                    result.path, completed_, to_string(result.elapsed)));
  }
  result.counts = difference(end_->counts, begin_->counts);
  for (const auto& [resource, busy] : end_->busy) {
    if (resource == host_.framework.station().name()) continue;  // it is the processor's time
    // A bus has carried what has ended: at each end of the window one transfer of each master may be more or less.
    result.utilization[resource] =
        std::min(1.0, (busy - begin_->busy.at(resource)) / static_cast<double>(result.elapsed.count));
  }
  result.bottleneck =
      std::ranges::max_element(result.utilization, {}, [](const auto& share) { return share.second; })->first;
  result.latency = latencies_.percentiles();
  return result;
}

}  // namespace cryptopath::sim

namespace cryptopath {

Result simulate(const WorkloadSpec& cell) { return sim::WorkloadWorld(cell).run(); }

}  // namespace cryptopath
