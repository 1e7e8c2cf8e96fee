#include "hardware/accelerator.hpp"

#include <algorithm>
#include <utility>

namespace cryptopath::sim {

Accelerator::Accelerator(Clock& clock, Ledger& ledger, Interconnect& interconnect, Cache& cache, const Machine& machine,
                         VertexIndex vertex, bool real_bytes, std::uint64_t seed)
    : clock_(clock),
      ledger_(ledger),
      interconnect_(interconnect),
      cache_(cache),
      model_(std::get<AcceleratorModel>(machine.vertex(vertex).data)),
      name_(machine.vertex(vertex).name),
      vertex_(vertex),
      real_bytes_(real_bytes),
      random_(seed << 32 | vertex),
      input_(interconnect.path(interconnect.memory(), vertex)),
      output_(interconnect.path(vertex, interconnect.memory())),
      submitted_signal_(clock),
      fetched_signal_(clock),
      engine_signal_(clock),
      computed_signal_(clock),
      station_(clock, name_),
      key_engine_(clock, ledger, interconnect, cache, model_, name_, input_, output_, [this] { pin_(); }) {}

Accelerator::InFlight Accelerator::in_flight(AcceleratorOperation operation, bool begins_command, bool ends_command) {
  InFlight entry;
  const std::int64_t sources = std::ssize(operation.source);
  const std::int64_t destinations = std::ssize(operation.destination);
  if (has_rings()) {
    // hifn_crypto(): a command, the sources, the destinations, a result. The chip reads the descriptor of each, and
    // writes it back when it is done with it.
    const std::int64_t descriptors = 1 + sources + destinations + 1;
    entry.reads = 1 + descriptors;
    entry.control = model_.command_bytes + model_.descriptor_bytes * descriptors;
    entry.writes = 1 + descriptors;
    entry.result = model_.result_bytes + model_.descriptor_bytes * descriptors;
  } else {
    // ubsec_process(): an MCR names each packet's first segment, from which the further ones hang in a chain.
    const std::int64_t chained = sources - 1 + destinations - 1;
    entry.reads = (begins_command ? 1 : 0) + 1 + chained;
    entry.control = (begins_command ? model_.command_bytes : model_.packet_bytes) + model_.context_bytes +
                    model_.descriptor_bytes * chained;
    entry.writes = ends_command ? 1 : 0;
    entry.result = ends_command ? model_.result_bytes : Bytes(0);
  }
  entry.operation = std::move(operation);
  entry.ends_command = ends_command;
  entry.entered = station_.enter();
  return entry;
}

bool Accelerator::submit(std::vector<AcceleratorOperation> command) {
  std::int64_t sources = 0;
  std::int64_t destinations = 0;
  for (const AcceleratorOperation& operation : command) {
    sources += std::ssize(operation.source);
    destinations += std::ssize(operation.destination) + 1;  // hifn_crypto() wants one more than there are segments
  }
  if (full() || commands_used_ >= model_.result_ring || sources_used_ + sources > model_.source_ring ||
      destinations_used_ + destinations > model_.destination_ring) {
    return false;
  }
  ++commands_used_;
  sources_used_ += sources;
  destinations_used_ += destinations;
  for (std::size_t i = 0; i < command.size(); ++i) {
    submitted_.push_back(in_flight(std::move(command[i]), i == 0, i + 1 == command.size()));
  }
  submitted_signal_.notify();
  // A card that polls will find it; nobody else may be left to keep the run alive until then.
  if (model_.poll_interval.count > 0) {
    clock_.after(
        model_.poll_interval, [](void*, std::uint64_t) {}, nullptr);
  }
  return true;
}

std::vector<AcceleratorOperation> Accelerator::reap() {
  std::vector<AcceleratorOperation> operations;
  interrupting_ = false;
  for (InFlight& entry : finished_) {
    if (has_rings()) --commands_used_;
    sources_used_ -= std::ssize(entry.operation.source);
    destinations_used_ -= std::ssize(entry.operation.destination) + 1;
    operations.push_back(std::move(entry.operation));
  }
  finished_.clear();
  return operations;
}

Task<> Accelerator::look_for_commands() {
  if (model_.poll_interval.count == 0) {
    co_await submitted_signal_.wait();
    co_return;
  }
  // Its timer is in step with nothing on the host: the first look comes at any instant of the interval.
  Nanoseconds until_look = model_.poll_interval;
  if (std::exchange(worked_, false)) {
    until_look = Nanoseconds(1 + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(until_look.count)));
  }
  if (interrupts_when_waiting_) {
    co_await clock_.delay(until_look);  // something comes of it
  } else {
    co_await clock_.idle_delay(until_look);
  }
  co_await interconnect_.dma(input_, Bytes(0), 1, model_.descriptor_bytes);
  if (!interrupts_when_waiting_ || !submitted_.empty()) co_return;
  waiting_ = true;
  pin_();
}

Task<> Accelerator::fetch_operations() {
  for (;;) {
    if (std::ssize(fetched_) + (engine_works_ ? 1 : 0) > model_.fetch_ahead) {
      co_await engine_signal_.wait();
      continue;
    }
    if (submitted_.empty()) {
      co_await look_for_commands();
      continue;
    }
    InFlight entry = std::move(submitted_.front());
    submitted_.pop_front();
    worked_ = true;
    interconnect_.write_back(device_read(cache_, entry.operation.source));
    const Nanoseconds began = clock_.now();
    co_await interconnect_.dma(input_, total_size(entry.operation.source), entry.reads, entry.control);
    if (entry.operation.begins_buffer) ledger_.add(Act::paper_dma);
    entry.input_ended = clock_.now();
    const Bytes first = std::clamp(entry.operation.processed, Bytes(1), std::max(model_.fifo, Bytes(1)));
    entry.filled =
        std::min(entry.input_ended, began + interconnect_.uncontended(input_, first, entry.reads, entry.control));
    if (real_bytes_) {
      entry.data.resize(static_cast<std::size_t>(total_size(entry.operation.source).count));
      gather(entry.operation.source, entry.data);
    }
    fetched_.push_back(std::move(entry));
    fetched_signal_.notify();
  }
}

Task<> Accelerator::run_engine() {
  for (;;) {
    if (fetched_.empty()) {
      co_await fetched_signal_.wait();
      continue;
    }
    InFlight entry = std::move(fetched_.front());
    fetched_.pop_front();
    engine_works_ = true;
    engine_signal_.notify();
    const Bytes size = entry.operation.processed;
    const Bytes first = std::min(size, model_.fifo);
    const Nanoseconds service = model_.setup + time_at(size, entry.operation.rate);
    const Nanoseconds begins = std::max(engine_free_, entry.filled);
    // A bus slower than the engine starves it: the last FIFO's worth still has to pass after it arrived.
    entry.engine_ends = std::max(begins + service, entry.input_ended + time_at(first, entry.operation.rate));
    engine_free_ = entry.engine_ends;
    least_busy_ += service;
    // While it waits for the bus it works on nothing: then its time is counted at the end.
    const bool starved = entry.engine_ends > begins + service;
    if (!starved) station_.begin_service(begins);
    // The output moves in bursts behind the engine: all but the last FIFO's worth has twice the time that it needs on
    // an idle bus, so that a bus up to half busy does not hold up the end.
    const Bytes output = total_size(entry.operation.destination);
    entry.output_at_end = std::min(std::max(first, Bytes(1)), output);
    const Nanoseconds first_out = begins + model_.setup + time_at(first, entry.operation.rate);
    const Nanoseconds needed = interconnect_.uncontended(output_, output - entry.output_at_end);
    entry.output_begins =
        output == entry.output_at_end ? entry.engine_ends : std::max(first_out, entry.engine_ends - needed * 2);
    if (real_bytes_ && entry.operation.transform) entry.operation.transform(entry.data);
    const Nanoseconds output_begins = entry.output_begins;
    const Nanoseconds engine_ends = entry.engine_ends;
    computed_.push_back(std::move(entry));
    co_await clock_.delay(std::max(Nanoseconds(0), output_begins - clock_.now()));
    computed_signal_.notify();
    co_await clock_.delay(std::max(Nanoseconds(0), engine_ends - clock_.now()));
    if (starved) station_.begin_service(engine_ends - service);
    station_.end_service();
    engine_works_ = false;
    engine_signal_.notify();
  }
}

Task<> Accelerator::store_results() {
  for (;;) {
    if (computed_.empty() || computed_.front().output_begins > clock_.now()) {
      co_await computed_signal_.wait();
      continue;
    }
    InFlight entry = std::move(computed_.front());
    computed_.pop_front();
    const Segments& destination = entry.operation.destination;
    const Bytes early = total_size(destination) - entry.output_at_end;
    if (early.count > 0) co_await interconnect_.dma(output_, early, 0, Bytes(0));
    if (entry.engine_ends > clock_.now()) co_await clock_.delay(entry.engine_ends - clock_.now());
    co_await interconnect_.dma(output_, entry.output_at_end, entry.writes, entry.result,
                               early.count > 0 ? DmaContent::rest_of_data : DmaContent::data);
    if (entry.operation.begins_buffer) ledger_.add(Act::paper_dma);
    if (real_bytes_) scatter(entry.data, destination);
    interconnect_.write_back(device_write(cache_, destination));
    station_.leave(entry.entered);
    const bool ends_command = entry.ends_command;
    finished_.push_back(std::move(entry));
    if (!ends_command) continue;
    if (!has_rings()) --commands_used_;
    interrupting_ = true;
    pin_();
  }
}

}  // namespace cryptopath::sim
