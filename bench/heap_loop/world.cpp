#include "heap_loop/world.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace cryptopath::heap_loop {

namespace {

template <class Model>
VertexIndex only(const Machine& machine) {
  std::vector<VertexIndex> found;
  for (VertexIndex i = 0; i < machine.vertices().size(); ++i) {
    if (std::holds_alternative<Model>(machine.vertex(i).data)) found.push_back(i);
  }
  if (found.size() != 1) throw InputError("the heap loop takes machines with one of each kind of device");
  return found.front();
}

}  // namespace

World::World(const RunSpec& run)
    : run_(run),
      machine_(*run.machine),
      costs_(run.kernel),
      cache_(std::get<ProcessorModel>(machine_.vertex(only<ProcessorModel>(machine_)).data).cache),
      framing_(run.format, 0) {
  if (run.payload != Payload::modelled || !run.file.in_page_cache || !run.program.protects ||
      run.kernel.completion_in_interrupt) {
    throw InputError("the heap loop takes a modelled payload, a hot file, a protecting program, the crypto thread");
  }
  build_buses();
  const auto engine = card_->engines.find(std::string(name_of(run.format.suite)));
  if (engine == card_->engines.end()) throw InputError("the heap loop takes a suite that the card can do");
  engine_rate_ = engine->second;
  high_water_ = costs_.send_buffer;
  segment_size_ = nic_->maximum_packet - Bytes(40);

  const bool frames = std::any_of(run.program.steps.begin(), run.program.steps.end(),
                                  [](const Step& step) { return step.kind == Step::Kind::repeat_until_end_of_file; });
  take_records(frames ? run.buffer : Bytes(0));
  user_buffer_ = pool_.allocate(frames ? filled_ : run.buffer);
  framing_ = RecordFraming(run.format, 0);
  blocks_.push_back({&run.program.steps, 0, false});
}

void World::build_buses() {
  std::vector<std::pair<VertexIndex, std::size_t>> segments;
  const VertexIndex memory = only<MemoryModel>(machine_);
  const VertexIndex processor = only<ProcessorModel>(machine_);
  const VertexIndex card = only<AcceleratorModel>(machine_);
  const VertexIndex nic = only<NicModel>(machine_);
  const VertexIndex wire = only<WireModel>(machine_);
  processor_ = &std::get<ProcessorModel>(machine_.vertex(processor).data);
  card_ = &std::get<AcceleratorModel>(machine_.vertex(card).data);
  nic_ = &std::get<NicModel>(machine_.vertex(nic).data);
  wire_ = &std::get<WireModel>(machine_.vertex(wire).data);

  const std::size_t memory_bus = buses_.add(std::get<MemoryModel>(machine_.vertex(memory).data).bandwidth);
  misses_ = buses_.add_route({buses_.add(processor_->miss_rate), memory_bus});
  wire_out_ = buses_.add_route({buses_.add(wire_->rate)});
  wire_back_ = buses_.add_route({buses_.add(wire_->rate)});

  for (VertexIndex i = 0; i < machine_.vertices().size(); ++i) {
    const Vertex& vertex = machine_.vertex(i);
    if (i == wire) wire_account_ = ledger_.open_bus(vertex.name);
    const auto* segment = std::get_if<PciSegmentModel>(&vertex.data);
    if (segment == nullptr) continue;
    const BusAccount account = ledger_.open_bus(vertex.name);
    const std::size_t bus = buses_.add(BitsPerSecond(segment->clock.count * segment->width_bits));
    const Buses::Route alone = buses_.add_route({bus});
    const auto cross = [&](Master master, VertexIndex device, int card_width, bool from_host,
                           std::vector<BusAccount>& registers) {
      const std::vector<VertexIndex> way = machine_.route(device, memory);
      if (std::find(way.begin(), way.end(), i) == way.end()) return;
      Cycles overhead = from_host ? segment->read_overhead : segment->write_overhead;
      for (const VertexIndex on_way : way) {
        if (const auto* bridge = std::get_if<BridgeModel>(&machine_.vertex(on_way).data)) overhead += bridge->latency;
      }
      Dma& dma = dma_[static_cast<std::size_t>(master)];
      if (!dma.crossings.empty()) throw InputError("the heap loop takes cards that are one segment from memory");
      dma.from_host = from_host;
      dma.route = buses_.add_route({memory_bus, bus});
      dma.memory = buses_.add_route({memory_bus});
      dma.crossings.push_back(
          {alone, account, segment->burst, static_cast<double>(overhead.count * segment->width_bits) / 8,
           static_cast<double>(segment->width_bits) / std::min(card_width, segment->width_bits) - 1});
      if (from_host) registers.push_back(account);
    };
    cross(Master::card_input, card, card_->pci.width_bits, true, card_registers_);
    cross(Master::card_output, card, card_->pci.width_bits, false, card_registers_);
    cross(Master::nic_transmit, nic, nic_->pci.width_bits, true, nic_registers_);
    cross(Master::nic_receive, nic, nic_->pci.width_bits, false, nic_registers_);
  }
}

Outcome World::run() {
  process_.priority = 2;
  make_ready(crypto_);
  make_ready(process_);
  std::vector<Master> ended;
  while (!finished_) {
    const double transfer = buses_.next_end(exact_now_);
    ensure(!events_.empty() || std::isfinite(transfer), "the heap loop ended with work outstanding");
    const double event = events_.empty() ? transfer : static_cast<double>(events_.top().instant.count);
    exact_now_ = std::max(exact_now_, std::min(event, transfer));
    ended.clear();
    if (transfer <= exact_now_) buses_.take_ended(exact_now_, ended);
    // As Clock's calendar: events run when SimGrid's clock stands a quarter of a nanosecond before them or later.
    while (!finished_ && !events_.empty() && static_cast<double>(events_.top().instant.count) <= exact_now_ + 0.25) {
      const Event next = events_.top();
      events_.pop();
      now_ = next.instant;
      handle(next);
    }
    // The end of a transfer is seen at the next whole nanosecond.
    const double nearest = std::round(exact_now_);
    const double whole = std::abs(exact_now_ - nearest) < 1e-3 ? nearest : std::ceil(exact_now_);
    const Nanoseconds seen(std::max(now_.count, static_cast<std::int64_t>(whole)));
    for (const Master master : ended) {
      events_.push({seen, ordered_++, Happening::transfer_ends, static_cast<std::uint64_t>(master)});
    }
  }
  charge(charged_);
  return {now_, ledger_.snapshot()};
}

void World::handle(const Event& event) {
  switch (event.what) {
    case Happening::compute_ends:
      return on_compute_end(event.tag);
    case Happening::switched:
      return on_switched();
    case Happening::interrupt_taken:
      return serve_interrupt();
    case Happening::handler_continues:
      return advance_handler();
    case Happening::interrupt_left:
      return leave_interrupt();
    case Happening::transfer_ends:
      return on_transfer_end(static_cast<Master>(event.tag));
    case Happening::card_polls:
      return fetch_operation();
    case Happening::card_output_begins:
      return on_output_begins();
    case Happening::card_engine_ends:
      engine_busy_ = false;
      return run_engine();
    case Happening::card_output_ends:
      return finish_operation();
    case Happening::packet_arrives:
      return on_packet_arrival();
    case Happening::lone_segment_waited:
      return on_lone_segment_waited();
    case Happening::peer_acknowledges:
      returning_.push_back(Bytes(static_cast<std::int64_t>(event.tag)));
      return send_acknowledgement();
    case Happening::acknowledgement_arrives:
      return on_acknowledgement_arrival();
    case Happening::coalescing_ends:
      if (event.tag != coalescing_) return;
      uncollected_ = 0;
      ++coalescing_;
      return raise(Line::nic);
  }
}

void World::on_transfer_end(Master master) {
  switch (master) {
    case Master::processor:
      return on_processor_transfer_end();
    case Master::wire:
      return on_packet_sent();
    case Master::wire_return:
      peer_sends_ = false;
      flying_back_.push_back(sending_back_);
      after(wire_->propagation, Happening::acknowledgement_arrives);
      return send_acknowledgement();
    default:
      return continue_dma(master);
  }
}

void World::start_dma(Master master, Bytes size, std::int64_t descriptors, Bytes descriptor_bytes) {
  Dma& dma = dma_[static_cast<std::size_t>(master)];
  dma.size = size;
  dma.descriptors = descriptors;
  dma.descriptor_bytes = descriptor_bytes;
  dma.crossed = 0;
  dma.moving_data = false;
  if (dma.dirty.count > 0) return buses_.start(master, dma.memory, dma.dirty, exact_now_);
  continue_dma(master);
}

void World::continue_dma(Master master) {
  Dma& dma = dma_[static_cast<std::size_t>(master)];
  if (const Bytes dirty = std::exchange(dma.dirty, Bytes(0)); dirty.count > 0) {
    ledger_.add(Act::memory_write_bytes, dirty.count);
  }
  if (dma.crossed == 0 && master == Master::card_input) fetching_->input_began = now_;
  while (dma.crossed < dma.crossings.size()) {
    const Dma::Crossing& crossing = dma.crossings[dma.crossed++];
    const Bytes waste = wasted(crossing, dma.size, dma.descriptors, dma.descriptor_bytes);
    ledger_.add_bus(crossing.account, pieces(dma.size, crossing.burst) + dma.descriptors,
                    dma.size + dma.descriptor_bytes);
    if (waste.count > 0) return buses_.start(master, crossing.alone, waste, exact_now_);
  }
  const Bytes moved = dma.size + dma.descriptor_bytes;
  if (!dma.moving_data) {
    dma.moving_data = true;
    if (moved.count > 0) return buses_.start(master, dma.route, moved, exact_now_);
  }
  ledger_.add(dma.from_host ? Act::memory_read_bytes : Act::memory_write_bytes, moved.count);
  if (dma.size.count > 0) {
    const bool data = master != Master::nic_receive;
    const Act to_host = data ? Act::dma_device_to_host : Act::dma_acknowledgements;
    const Act bytes_to_host = data ? Act::dma_bytes_device_to_host : Act::dma_bytes_acknowledgements;
    ledger_.add(dma.from_host ? Act::dma_host_to_device : to_host);
    ledger_.add(dma.from_host ? Act::dma_bytes_host_to_device : bytes_to_host, dma.size.count);
  }
  if (master == Master::card_input) return on_operation_fetched();
  if (master == Master::card_output) return on_result_stored();
  if (master == Master::nic_transmit) return on_packet_fetched();
  nic_stores_ = false;
  received_.push_back(storing_acknowledgement_);
  nic_completed();
  store_acknowledgement();
}

Bytes World::wasted(const Dma::Crossing& crossing, Bytes size, std::int64_t descriptors, Bytes descriptor_bytes) const {
  const auto transactions = static_cast<double>(pieces(size, crossing.burst) + descriptors);
  return Bytes(static_cast<std::int64_t>(
      std::ceil(transactions * crossing.wasted_per_transaction +
                static_cast<double>((size + descriptor_bytes).count) * crossing.wasted_per_byte)));
}

Nanoseconds World::uncontended(Master master, Bytes size, std::int64_t descriptors, Bytes descriptor_bytes) const {
  const Dma& dma = dma_[static_cast<std::size_t>(master)];
  Nanoseconds time = buses_.uncontended(dma.route, size + descriptor_bytes);
  for (const auto& crossing : dma.crossings) {
    time += buses_.uncontended(crossing.alone, wasted(crossing, size, descriptors, descriptor_bytes));
  }
  return time;
}

void World::register_access(const std::vector<BusAccount>& way) {
  for (const BusAccount account : way) ledger_.add_bus(account, 1, Bytes(4));
}

void World::finish_if_done() { finished_ = process_ended_ && fin_sent_ && acknowledged_ == queued_ + Bytes(1); }

Outcome run(const RunSpec& spec) { return World(spec).run(); }

}  // namespace cryptopath::heap_loop
