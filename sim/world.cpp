#include "world.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cryptopath::sim {

namespace {

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

World::World(const RunSpec& run, Session session, Progress progress, WireObserver* observer)
    : spec_(run),
      progress_(std::move(progress)),
      observer_(observer),
      host_(run),
      source_(run.file, run.seed),
      transform_(run.payload == Payload::real && run.program.protects
                     ? std::optional<RecordTransform>(std::in_place, run.format, session.sender)
                     : std::nullopt),
      protection_{make_framing(run, session.sender.sequence), transform_ ? &*transform_ : nullptr,
                  std::string(name_of(run.format.suite))},
      verifier_(make_verifier(run, std::move(session), source_)),
      nic_(host_.clock, host_.ledger, host_.interconnect, host_.cache, *run.machine,
           first_of<NicModel>(*run.machine, "NIC"), host_.memory.holds_bytes()),
      peer_(host_.clock, nic_, verifier_.get(), in_datagrams(run.format.protocol)),
      disk_(vertices_of<DiskModel>(*run.machine).empty()
                ? nullptr
                : std::make_unique<Disk>(host_.clock, host_.interconnect, *run.machine,
                                         vertices_of<DiskModel>(*run.machine).front())),
      nic_driver_(host_.kernel, nic_),
      page_cache_(host_.kernel, source_, run.file.size, run.file.in_page_cache, disk_.get()),
      transport_(make_transport()),
      socket_(host_.kernel, *transport_, host_.framework, protection_),
      process_(host_.kernel, host_.framework, run.program.name, page_cache_, socket_),
      library_(host_.kernel, protection_, find(run.software_ciphers, std::string(name_of(run.format.suite)))),
      interpreter_(host_.kernel, run, process_, library_, protection_, *this),
      tasks_(host_.clock) {
  nic_.observe(observer_);
  connect_interrupts();
}

std::unique_ptr<Transport> World::make_transport() {
  if (in_datagrams(spec_.format.protocol)) {
    return std::make_unique<Datagrams>(host_.kernel, nic_driver_, spec_.kernel.send_buffer, spec_.format.protocol);
  }
  auto tcp = std::make_unique<TcpConnection>(host_.kernel, nic_driver_, spec_.kernel.send_buffer, spec_.no_delay);
  tcp->on_closed([this] { finish_if_done(); });
  return tcp;
}

void World::connect_interrupts() {
  const auto connect = [this](VertexIndex vertex, auto& device, InterruptLine::Handler handler) {
    InterruptLine& line = host_.hook(vertex, std::move(handler));
    device.on_interrupt([this, &line] { host_.processor.raise(line); });
  };
  connect(nic_.vertex(), nic_, [this] { return nic_driver_.on_interrupt(); });
  if (disk_) {
    connect(vertices_of<DiskModel>(*spec_.machine).front(), *disk_, [this] { return page_cache_.on_disk_interrupt(); });
  }
  peer_.on_datagram([this] { finish_if_done(); });
}

void World::start_tasks() {
  host_.start(tasks_);
  tasks_.start(nic_.fetch_packets());
  tasks_.start(nic_.transmit());
  tasks_.start(nic_.encipher());
  tasks_.start(nic_.receive_acknowledgements());
  tasks_.start(nic_.store_acknowledgements());
  if (disk_) tasks_.start(disk_->serve());
}

void World::accepted(Nanoseconds began, Bytes plaintext) {
  latencies_.add(host_.clock.now() - began);
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
  host_.processor.settle();
  elapsed_ = host_.clock.now();
  counts_ = host_.ledger.snapshot();
  host_.clock.stop();
}

Result World::run() {
  start_tasks();
  tasks_.start(interpreter_.run([this] {
    process_ended_ = true;
    finish_if_done();
  }));
  host_.clock.run(spec_.time_limit);
  if (!elapsed_) report_stuck();
  return make_result(std::move(counts_));
}

void World::report_stuck() const {
  throw Fault(fmt::format("the run ended with work outstanding: {}, {}, {} transfers under way, {} of {} B sent",
                          process_ended_ ? spec_.program.name + " has exited" : Host::wait_of(process_.thread()),
                          Host::wait_of(host_.framework.thread()), host_.buses.under_way(), peer_.received().count,
                          transport_->queued().count));
}

RunFigures World::figures(const Counts& counts) const {
  RunFigures run;
  run.elapsed = *elapsed_;
  host_.add_figures(run, counts);
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
  return run;
}

TransferFigures World::transfer_figures() const {
  return {.file = spec_.file.size,
          .accepted = accepted_,
          .sent = transport_->queued(),
          .records = spec_.program.protects ? protection_.taken : spec_.file.size,
          .received = peer_.received()};
}

Result World::make_result(Counts counts) {
  Result result;
  result.path = spec_.program.name;
  result.elapsed = *elapsed_;
  result.payload = accepted_;
  result.utilization = checked_shares(figures(counts), result.checked);
  check(transfer_figures(), result.checked);
  result.counts = std::move(counts);
  // Stations that are no resources: the framework's is the processor's time, the network card's is the wire's.
  result.utilization.erase(host_.framework.station().name());
  result.utilization.erase(nic_.station().name());
  result.utilization[spec_.machine->vertex(host_.interconnect.processor()).name] =
      elapsed_->count == 0 ? 0.0
                           : static_cast<double>(host_.processor.busy().count) / static_cast<double>(elapsed_->count);
  const auto busiest = std::max_element(result.utilization.begin(), result.utilization.end(),
                                        [](const auto& a, const auto& b) { return a.second < b.second; });
  result.bottleneck = busiest->first;
  result.latency = latencies_.percentiles();
  result.wire.bytes = peer_.received();
  const std::vector<std::byte> close_notify = protection_.close_notify();
  if (verifier_) {
    const WireReport report =
        checked(verifier_->finish(close_notify), result.wire.bytes, result.payload, result.checked);
    result.wire.sha256 = report.wire_sha256;
    result.wire.plaintext_sha256 = report.plaintext_sha256;
    result.wire.verified_by = report.verified_by;
  }
  if (observer_ != nullptr) observer_->ended(*elapsed_, close_notify);
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
