#include "host.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cryptopath::sim {

namespace {

const ProcessorModel& processor_of(const Machine& machine) {
  return std::get<ProcessorModel>(machine.vertex(first_of<ProcessorModel>(machine, "processor")).data);
}

Processor::Costs costs_of(const KernelModel& kernel) {
  return {kernel.process_switch, kernel.interrupt, kernel.quantum,           kernel.isa_write,
          kernel.hardclock,      kernel.statclock, kernel.hardclock_handler, kernel.statclock_handler};
}

}  // namespace

Host::Card::Card(Host& host, VertexIndex at)
    : vertex(at),
      device(host.clock, host.ledger, host.interconnect, host.cache, host.machine(), vertex, host.memory.holds_bytes(),
             host.spec_.seed),
      driver(make_driver(host.kernel, host.framework, device)) {
  InterruptLine& line = host.hook(vertex, [this] { return driver->on_interrupt(); });
  device.on_interrupt([&host, &line] { host.processor.raise(line); });
}

Host::Host(const HostSpec& spec)
    : spec_(spec),
      buses(clock),
      interconnect(buses, ledger, *spec.machine),
      cache(processor_of(*spec.machine).cache, processor_of(*spec.machine).cache_ways, spec.kernel.page, spec.seed),
      memory(spec.payload == Payload::real),
      processor(clock, buses, ledger, costs_of(spec.kernel), spec.seed),
      kernel{clock, ledger, processor, interconnect, buses, cache, memory, spec.kernel, processor_of(*spec.machine)},
      framework(kernel),
      software(kernel, framework, spec.software_ciphers) {
  if (spec.crypto_processor) {
    crypto_processor_ = std::make_unique<CryptoProcessor>(kernel, framework, spec.software_ciphers);
  }
  for (const VertexIndex vertex : vertices_of<AcceleratorModel>(*spec.machine)) {
    cards_.push_back(std::make_unique<Card>(*this, vertex));
  }
}

InterruptLine& Host::hook(VertexIndex device, InterruptLine::Handler handler) {
  const Vertex& vertex = machine().vertex(device);
  const std::string& name = vertex.interrupt.empty() ? vertex.name : vertex.interrupt;
  auto& line = lines_[name];
  if (!line) line = std::make_unique<InterruptLine>(name);
  line->add(std::move(handler));
  return *line;
}

void Host::start(Nursery& tasks) {
  buses.seal();
  processor.start(tasks);
  for (const auto& card : cards_) {
    tasks.start(card->device.fetch_operations());
    tasks.start(card->device.run_engine());
    tasks.start(card->device.store_results());
    KeyEngine& keys = card->device.key_engine();
    for (std::size_t unit = 0; unit < keys.units(); ++unit) tasks.start(keys.work(unit));
  }
  if (crypto_processor_) tasks.start(crypto_processor_->work());
  tasks.start(framework.run_thread());
}

std::int32_t Host::driver_of(VertexIndex vertex) const {
  const auto card = std::ranges::find_if(cards_, [vertex](const auto& each) { return each->vertex == vertex; });
  ensure(card != cards_.end(), "there is such a card");
  return (*card)->driver->id();
}

void Host::eject(VertexIndex card) { framework.crypto_unregister_all(driver_of(card)); }

void Host::deregister(VertexIndex card, const std::string& algorithm) {
  const auto key = std::ranges::find(key_algorithm_names, algorithm);
  if (key == key_algorithm_names.end()) return framework.crypto_unregister(driver_of(card), algorithm);
  framework.crypto_unregister(driver_of(card), static_cast<KeyAlgorithm>(key - key_algorithm_names.begin()));
}

void Host::add_figures(RunFigures& figures, const Counts& counts) const {
  // Its server is the crypto thread, which nothing interrupts but clocks and the masking of lines.
  figures.stations.push_back(framework.station().figures(
      framework.taken_back(), {}, Nanoseconds(counts.at("cpu.crypto_thread_ns")) + processor.taken_from_held_off()));
  for (const auto& card : cards_) {
    figures.stations.push_back(card->device.station().figures(card->driver->reaped(), card->device.least_busy()));
    const KeyEngine& keys = card->device.key_engine();
    for (std::size_t unit = 0; unit < keys.units(); ++unit) figures.stations.push_back(keys.figures(unit));
  }
  if (crypto_processor_) figures.stations.push_back(crypto_processor_->figures());
  figures.buses = interconnect.figures(counts);
  for (const char* name :
       {"cpu.user_ns", "cpu.kernel_ns", "cpu.crypto_thread_ns", "cpu.interrupt_ns", "cpu.switch_ns", "cpu.idle_ns"}) {
    figures.processor_classes += Nanoseconds(counts.at(name));
  }
}

std::string Host::wait_of(const Thread& thread) {
  if (thread.waits_for() == nullptr) return thread.name() + " is not asleep";
  return fmt::format("{} sleeps on \"{}\"", thread.name(), thread.waits_for()->name());
}

}  // namespace cryptopath::sim
