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

template <class Model>
const Model& model_of(const Machine& machine) {
  return std::get<Model>(machine.vertex(only<Model>(machine)).data);
}

}  // namespace

World::World(const RunSpec& run)
    : run_(run),
      machine_(*run.machine),
      costs_(run.kernel),
      clocks_(run.seed),
      cache_(model_of<ProcessorModel>(machine_).cache, model_of<ProcessorModel>(machine_).cache_ways, costs_.page,
             run.seed),
      framing_(run.format, 0) {
  if (run.payload != Payload::modelled || !run.file.in_page_cache || !run.program.protects ||
      run.kernel.completion_in_interrupt) {
    throw InputError("the heap loop takes a modelled payload, a hot file, a protecting program, the crypto thread");
  }
  build_buses();
  if (card_->driver != "hifn" || card_->poll_interval.count == 0) {
    throw InputError("the heap loop takes a card of hifn(4) that polls");
  }
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
  const VertexIndex memory = only<MemoryModel>(machine_);
  const VertexIndex processor = only<ProcessorModel>(machine_);
  const VertexIndex card = only<AcceleratorModel>(machine_);
  const VertexIndex nic = only<NicModel>(machine_);
  const VertexIndex wire = only<WireModel>(machine_);
  processor_ = &std::get<ProcessorModel>(machine_.vertex(processor).data);
  card_ = &std::get<AcceleratorModel>(machine_.vertex(card).data);
  random_.seed(run_.seed << 32 | card);
  nic_ = &std::get<NicModel>(machine_.vertex(nic).data);
  wire_ = &std::get<WireModel>(machine_.vertex(wire).data);

  const std::size_t memory_bus = buses_.add(std::get<MemoryModel>(machine_.vertex(memory).data).bandwidth);
  misses_ = buses_.add_route({buses_.add(processor_->miss_rate), memory_bus});
  memory_ = buses_.add_route({memory_bus});

  for (VertexIndex i = 0; i < machine_.vertices().size(); ++i) {
    const Vertex& vertex = machine_.vertex(i);
    if (i == wire) wire_account_ = ledger_.open_bus(vertex.name);
    const auto* segment = std::get_if<PciSegmentModel>(&vertex.data);
    if (segment == nullptr) continue;
    const BusAccount account = ledger_.open_bus(vertex.name);
    const std::size_t bus = buses_.add(BitsPerSecond(segment->clock.count * segment->width_bits));
    const Buses::Route alone = buses_.add_route({bus});
    const auto connect = [&](VertexIndex device, int card_width, Master reads, Master writes, Registers& registers) {
      const std::vector<VertexIndex> way = machine_.route(processor, device);
      if (std::find(way.begin(), way.end(), i) == way.end()) return;
      if (registers.read_load.count > 0) throw InputError("the heap loop takes cards one segment from memory");
      Cycles bridges;
      for (const VertexIndex on_way : way) {
        if (const auto* bridge = std::get_if<BridgeModel>(&machine_.vertex(on_way).data)) bridges += bridge->latency;
      }
      const Buses::Route shared = buses_.add_route({memory_bus, bus});
      for (const Master master : {reads, writes}) {
        const Cycles overhead = (master == reads ? segment->read_overhead : segment->write_overhead) + bridges;
        Dma& dma = dma_[static_cast<std::size_t>(master)];
        dma.from_host = master == reads;
        dma.route = shared;
        dma.segment = {alone, account, segment->burst, static_cast<double>(overhead.count * segment->width_bits) / 8,
                       static_cast<double>(segment->width_bits) / std::min(card_width, segment->width_bits) - 1};
      }
      const Cycles read = segment->read_overhead + Cycles(1) + bridges;
      registers = {account, alone, Bytes(read.count * segment->width_bits / 8)};
    };
    connect(card, card_->pci.width_bits, Master::card_input, Master::card_output, card_registers_);
    connect(nic, nic_->pci.width_bits, Master::nic_transmit, Master::nic_receive, nic_registers_);
  }
}

Outcome World::run() {
  fetch_operation();
  crypto_.priority = 1;
  process_.priority = 2;
  make_ready(crypto_);
  make_ready(process_);
  after(any_instant_of(costs_.hardclock), Happening::hardclock_ticks);
  handle({now_, 0, Happening::statclock_waits, 0});
  std::vector<Buses::End> ended;
  while (!outcome_) {
    const double end = buses_.next_end(exact_now_);
    ensure(!events_.empty() || std::isfinite(end), "the heap loop ended with work outstanding");
    if (!events_.empty() && static_cast<double>(events_.top().instant.count) <= end) {
      run_instant(events_.top().instant);
      continue;
    }
    exact_now_ = end;
    ended.clear();
    buses_.take_ended(exact_now_, ended);
    const Nanoseconds seen = std::max(now_, Buses::whole(exact_now_));
    for (const Buses::End each : ended) events_.push({seen, ordered_++, Happening::transfer_ends, each});
  }
  return *outcome_;
}

void World::run_instant(Nanoseconds instant) {
  ensure(instant <= run_.time_limit, "the heap loop did not end within the run's limit");  // idle polls go on for ever
  now_ = instant;
  exact_now_ = static_cast<double>(instant.count);
  while (!outcome_ && !events_.empty() && events_.top().instant == instant) {
    const Event next = events_.top();
    events_.pop();
    handle(next);
  }
}

void World::handle(const Event& event) {
  switch (event.what) {
    case Happening::hardclock_ticks:
      raise(Line::hardclock);
      return after(costs_.hardclock, Happening::hardclock_ticks);
    case Happening::statclock_waits: {
      const Nanoseconds until_look = any_instant_of(costs_.statclock);
      return after(until_look, Happening::statclock_looks, static_cast<std::uint64_t>(until_look.count));
    }
    case Happening::statclock_looks:
      raise(Line::statclock);
      return after(costs_.statclock - Nanoseconds(static_cast<std::int64_t>(event.tag)), Happening::statclock_waits);
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
      return on_transfer_end(event.tag);
    case Happening::card_looks:
      return start_dma(Master::card_input, {Bytes(0), 1, card_->descriptor_bytes});
    case Happening::card_output_begins:
      return on_output_begins();
    case Happening::card_engine_ends:
      return on_engine_end();
    case Happening::card_stores_rest:
      return store_rest();
    case Happening::packet_sent:
      return on_packet_sent();
    case Happening::packet_arrives:
      return on_packet_arrival();
    case Happening::lone_segment_waited:
      return on_lone_segment_waited();
    case Happening::peer_acknowledges:
      returning_.push_back(Bytes(static_cast<std::int64_t>(event.tag)));
      return send_acknowledgement();
    case Happening::acknowledgement_sent:
      return on_acknowledgement_sent();
    case Happening::acknowledgement_arrives:
      return on_acknowledgement_arrival();
    case Happening::coalescing_ends:
      if (event.tag != coalescing_) return;
      uncollected_ = 0;
      ++coalescing_;
      return raise(Line::nic);
  }
}

Nanoseconds World::any_instant_of(Nanoseconds interval) {
  return Nanoseconds(static_cast<std::int64_t>(clocks_() % static_cast<std::uint64_t>(interval.count)));
}

void World::finish_if_done() {
  if (outcome_ || !process_ended_ || !fin_sent_ || acknowledged_ != queued_ + Bytes(1)) return;
  charge(charged_);
  outcome_ = {now_, ledger_.snapshot()};  // what still happens at this instant comes after the end
}

Outcome run(const RunSpec& spec) { return World(spec).run(); }

}  // namespace cryptopath::heap_loop
