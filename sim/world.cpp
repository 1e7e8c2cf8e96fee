#include "world.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cryptopath::sim {

namespace {

template <class Model>
std::vector<VertexIndex> vertices_of(const Machine& machine) {
  std::vector<VertexIndex> found;
  for (VertexIndex i = 0; i < machine.vertices().size(); ++i) {
    if (std::holds_alternative<Model>(machine.vertex(i).data)) found.push_back(i);
  }
  return found;
}

template <class Model>
VertexIndex first_of(const Machine& machine, const char* what) {
  const auto found = vertices_of<Model>(machine);
  if (found.empty()) throw InputError(fmt::format("machine {} has no {}", machine.name(), what));
  return found.front();
}

const ProcessorModel& processor_of(const Machine& machine) {
  return std::get<ProcessorModel>(machine.vertex(first_of<ProcessorModel>(machine, "processor")).data);
}

const SoftwareCipherModel* find(const std::map<std::string, SoftwareCipherModel>& ciphers, const std::string& name) {
  const auto found = ciphers.find(name);
  return found == ciphers.end() ? nullptr : &found->second;
}

std::unique_ptr<WireVerifier> make_verifier(const RunSpec& run, Session session, const FileSource& source) {
  if (run.payload == Payload::modelled) return nullptr;
  return std::make_unique<WireVerifier>(
      std::move(session.peer), run.file.size,
      [&source](std::uint64_t offset, std::span<std::byte> into) { source.read(offset, into); });
}

/// The layout of the run's records, which in datagrams are bounded by the card's packets.
RecordFraming make_framing(const RunSpec& run, std::uint64_t first_sequence) {
  if (!in_datagrams(run.format.protocol)) return {run.format, first_sequence};
  const Machine& machine = *run.machine;
  const auto& nic = std::get<NicModel>(machine.vertex(first_of<NicModel>(machine, "NIC")).data);
  return {run.format, first_sequence, nic.maximum_packet - datagram_headers(run.format.protocol)};
}

}  // namespace

World::Card::Card(World& world, VertexIndex vertex)
    : device(world.clock_, world.ledger_, world.interconnect_, world.cache_, *world.spec_.machine, vertex,
             world.memory_.holds_bytes()),
      driver(world.kernel_, world.framework_, device),
      line(device.name(), [this] { return driver.on_interrupt(); }) {}

World::World(const RunSpec& run, Session session, Progress progress, WireObserver* observer)
    : spec_(run),
      progress_(std::move(progress)),
      buses_(clock_),
      interconnect_(buses_, ledger_, *run.machine),
      cache_(processor_of(*run.machine).cache),
      memory_(run.payload == Payload::real),
      processor_(clock_, buses_, ledger_, {run.kernel.process_switch, run.kernel.interrupt, run.kernel.quantum}),
      kernel_{
          clock_, ledger_, processor_, interconnect_, buses_, cache_, memory_, run.kernel, processor_of(*run.machine)},
      source_(run.file, run.seed),
      transform_(run.payload == Payload::real && run.program.protects
                     ? std::optional<RecordTransform>(std::in_place, run.format, session.sender)
                     : std::nullopt),
      protection_{make_framing(run, session.sender.sequence), transform_ ? &*transform_ : nullptr,
                  std::string(name_of(run.format.suite))},
      verifier_(make_verifier(run, std::move(session), source_)),
      nic_(clock_, ledger_, interconnect_, cache_, *run.machine, first_of<NicModel>(*run.machine, "NIC"),
           memory_.holds_bytes()),
      peer_(clock_, nic_, verifier_.get(), in_datagrams(run.format.protocol)),
      disk_(vertices_of<DiskModel>(*run.machine).empty()
                ? nullptr
                : std::make_unique<Disk>(clock_, interconnect_, *run.machine,
                                         vertices_of<DiskModel>(*run.machine).front())),
      nic_driver_(kernel_, nic_),
      framework_(kernel_),
      software_(kernel_, framework_, run.software_ciphers),
      page_cache_(kernel_, source_, run.file.size, run.file.in_page_cache, disk_.get()),
      transport_(make_transport()),
      socket_(kernel_, *transport_, framework_, protection_),
      crypto_device_(kernel_, framework_),
      process_(kernel_, run.program.name, page_cache_, socket_, crypto_device_),
      library_(kernel_, protection_, find(run.software_ciphers, std::string(name_of(run.format.suite)))),
      interpreter_(kernel_, run, process_, library_, protection_, *this),
      tasks_(clock_) {
  for (const VertexIndex vertex : vertices_of<AcceleratorModel>(*run.machine)) {
    cards_.push_back(std::make_unique<Card>(*this, vertex));
  }
  nic_.observe(observer);
  buses_.seal();
  connect_interrupts();
}

std::unique_ptr<Transport> World::make_transport() {
  if (in_datagrams(spec_.format.protocol)) {
    return std::make_unique<Datagrams>(kernel_, nic_driver_, spec_.kernel.send_buffer, spec_.format.protocol);
  }
  auto tcp = std::make_unique<TcpConnection>(kernel_, nic_driver_, spec_.kernel.send_buffer, spec_.no_delay);
  tcp->on_closed([this] { finish_if_done(); });
  return tcp;
}

void World::connect_interrupts() {
  const auto connect = [this](const char* name, auto& device, std::function<Task<>()> handler) {
    InterruptLine& line = *lines_.emplace_back(std::make_unique<InterruptLine>(name, std::move(handler)));
    device.on_interrupt([this, &line] { processor_.raise(line); });
  };
  connect("nic", nic_, [this] { return nic_driver_.on_interrupt(); });
  if (disk_) connect("disk", *disk_, [this] { return page_cache_.on_disk_interrupt(); });
  for (const auto& card : cards_) card->device.on_interrupt([this, &line = card->line] { processor_.raise(line); });
  peer_.on_datagram([this] { finish_if_done(); });
}

void World::start_tasks() {
  tasks_.start(processor_.serve_interrupts());
  tasks_.start(nic_.fetch_packets());
  tasks_.start(nic_.transmit());
  tasks_.start(nic_.encipher());
  tasks_.start(nic_.receive_acknowledgements());
  tasks_.start(nic_.store_acknowledgements());
  if (disk_) tasks_.start(disk_->serve());
  for (const auto& card : cards_) {
    tasks_.start(card->device.fetch_operations());
    tasks_.start(card->device.run_engine());
    tasks_.start(card->device.store_results());
  }
  tasks_.start(framework_.run_thread());
}

void World::accepted(Nanoseconds began, Bytes plaintext) {
  latencies_.add(clock_.now() - began);
  accepted_ += plaintext;
  // A hundred reports a run are enough for a progress bar, and one of its end.
  if (progress_ && ((accepted_ - reported_).count * 100 >= spec_.file.size.count || accepted_ == spec_.file.size)) {
    reported_ = accepted_;
    progress_(accepted_);
  }
}

void World::finish_if_done() {
  if (!process_ended_ || !transport_->closed() || elapsed_) return;
  if (peer_.received() != transport_->queued()) return;  // datagrams are under way
  processor_.settle();
  elapsed_ = clock_.now();
  counts_ = ledger_.snapshot();
  clock_.stop();
}

Result World::run() {
  start_tasks();
  tasks_.start(interpreter_.run([this] {
    process_ended_ = true;
    finish_if_done();
  }));
  clock_.run(spec_.time_limit);
  if (!elapsed_) report_stuck();
  return make_result(std::move(counts_));
}

void World::report_stuck() const {
  const auto waits = [](const Thread& thread) {
    return thread.waits_for() == nullptr ? std::string("is not asleep")
                                         : fmt::format("sleeps on \"{}\"", thread.waits_for()->name());
  };
  throw Fault(fmt::format("the run ended with work outstanding: {} {}, {} {}, {} transfers under way, {} of {} B sent",
                          spec_.program.name, process_ended_ ? std::string("has exited") : waits(process_.thread()),
                          "crypto", waits(framework_.thread()), buses_.under_way(), peer_.received().count,
                          transport_->queued().count));
}

RunFigures World::figures(const Counts& counts) const {
  RunFigures run;
  run.elapsed = *elapsed_;
  run.stations.push_back(
      framework_.station().figures(framework_.taken_back(), {}, Nanoseconds(counts.at("cpu.crypto_thread_ns"))));
  // The wire is the card's alone; each packet's end is rounded to a whole nanosecond.
  const Nanoseconds rounding(peer_.packets());
  const Nanoseconds on_wire = time_at(
      Bytes(counts.at("bus." + spec_.machine->vertex(first_of<WireModel>(*spec_.machine, "wire")).name + ".bytes")),
      nic_.wire().rate);
  run.stations.push_back(nic_.station().figures(peer_.chains(), on_wire - rounding, on_wire + rounding));
  if (!nic_.model().engines.empty()) {
    const NicEngine& engine = nic_.engine();
    run.stations.push_back(engine.station().figures(engine.records_taken(), engine.least_busy()));
  }
  if (disk_) {
    const Bytes read = spec_.file.in_page_cache ? Bytes(0) : spec_.file.size;
    run.stations.push_back(disk_->station().figures(page_cache_.chunks_read(), time_at(read, disk_->model().rate)));
  }
  for (const auto& card : cards_) {
    run.stations.push_back(card->device.station().figures(card->driver.reaped(), card->device.least_busy()));
  }
  run.buses = interconnect_.figures(counts);
  for (const char* name :
       {"cpu.user_ns", "cpu.kernel_ns", "cpu.crypto_thread_ns", "cpu.interrupt_ns", "cpu.switch_ns", "cpu.idle_ns"}) {
    run.processor_classes += Nanoseconds(counts.at(name));
  }
  run.file = spec_.file.size;
  run.accepted = accepted_;
  run.sent = transport_->queued();
  run.records = spec_.program.protects ? protection_.taken : spec_.file.size;
  run.received = peer_.received();
  return run;
}

Result World::make_result(Counts counts) {
  Result result;
  result.path = spec_.program.name;
  result.elapsed = *elapsed_;
  result.payload = accepted_;
  result.utilization = checked_shares(figures(counts));
  result.counts = std::move(counts);
  // Stations that are no resources: the framework's is the processor's time, the network card's is the wire's.
  result.utilization.erase(framework_.station().name());
  result.utilization.erase(nic_.station().name());
  result.utilization[spec_.machine->vertex(interconnect_.processor()).name] =
      elapsed_->count == 0 ? 0.0 : static_cast<double>(processor_.busy().count) / static_cast<double>(elapsed_->count);
  const auto busiest = std::max_element(result.utilization.begin(), result.utilization.end(),
                                        [](const auto& a, const auto& b) { return a.second < b.second; });
  result.bottleneck = busiest->first;
  result.latency = latencies_.percentiles();
  result.wire.bytes = peer_.received();
  if (verifier_) {
    const WireReport report = checked(verifier_->finish(protection_.close_notify()), result.wire.bytes, result.payload);
    result.wire.sha256 = report.wire_sha256;
    result.wire.plaintext_sha256 = report.plaintext_sha256;
    result.wire.verified_by = report.verified_by;
  }
  return result;
}

}  // namespace cryptopath::sim

namespace cryptopath {

Result simulate(const RunSpec& run, Session session, const Progress& progress, WireObserver* observer) {
  try {
    Result result = sim::World(run, std::move(session), progress, observer).run();
    check_unchanged(run);
    return result;
  } catch (const Fault&) {
    check_unchanged(run);  // a file that changed under the run is the user's matter, not a fault
    throw;
  }
}

}  // namespace cryptopath
