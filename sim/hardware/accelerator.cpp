#include "hardware/accelerator.hpp"

#include <algorithm>
#include <utility>

namespace cryptopath::sim {

Accelerator::Accelerator(Clock& clock, Ledger& ledger, Interconnect& interconnect, Cache& cache, const Machine& machine,
                         VertexIndex vertex, bool real_bytes)
    : clock_(clock),
      ledger_(ledger),
      interconnect_(interconnect),
      cache_(cache),
      model_(std::get<AcceleratorModel>(machine.vertex(vertex).data)),
      name_(machine.vertex(vertex).name),
      vertex_(vertex),
      real_bytes_(real_bytes),
      input_(interconnect.path(interconnect.memory(), vertex)),
      output_(interconnect.path(vertex, interconnect.memory())),
      submitted_signal_(clock),
      fetched_signal_(clock),
      engine_signal_(clock),
      computed_signal_(clock),
      station_(clock, name_) {}

bool Accelerator::submit(AcceleratorOperation operation) {
  const std::int64_t sources = descriptors(operation.source);
  const std::int64_t destinations = descriptors(operation.destination);
  // hifn_crypto(): a command, a result, the sources, and one destination more than there are segments.
  if (commands_used_ + 1 > std::min(model_.command_ring, model_.result_ring) ||
      sources_used_ + sources > model_.source_ring || destinations_used_ + destinations + 1 > model_.destination_ring) {
    return false;
  }
  ++commands_used_;
  sources_used_ += sources;
  destinations_used_ += destinations + 1;
  InFlight entry;
  entry.operation = std::move(operation);
  entry.entered = station_.enter();
  submitted_.push_back(std::move(entry));
  submitted_signal_.notify();
  return true;
}

std::vector<AcceleratorOperation> Accelerator::reap() {
  std::vector<AcceleratorOperation> operations;
  for (InFlight& entry : finished_) {
    --commands_used_;
    sources_used_ -= descriptors(entry.operation.source);
    destinations_used_ -= descriptors(entry.operation.destination) + 1;
    operations.push_back(std::move(entry.operation));
  }
  finished_.clear();
  return operations;
}

Task<> Accelerator::fetch_operations() {
  for (;;) {
    if (submitted_.empty()) {
      co_await submitted_signal_.wait();
      // An idle card sees a new descriptor when it next looks: it has looked at fixed intervals all along.
      const std::int64_t interval = model_.poll_interval.count;
      if (interval > 0) co_await clock_.delay(Nanoseconds(interval - clock_.now().count % interval));
      continue;
    }
    // One operation is fetched ahead of the engine.
    if (!fetched_.empty()) {
      co_await engine_signal_.wait();
      continue;
    }
    InFlight entry = std::move(submitted_.front());
    submitted_.pop_front();
    co_await interconnect_.write_back(device_read(cache_, entry.operation.source));
    const Nanoseconds began = clock_.now();
    const std::int64_t count = 1 + descriptors(entry.operation.source);
    const Bytes control = model_.command_bytes + model_.descriptor_bytes * count;
    co_await interconnect_.dma(input_, total_size(entry.operation.source), count, control);
    if (entry.operation.begins_buffer) ledger_.add(Act::paper_dma);
    entry.input_ended = clock_.now();
    const Bytes first = std::clamp(entry.operation.processed, Bytes(1), std::max(model_.fifo, Bytes(1)));
    entry.filled = std::min(entry.input_ended, began + interconnect_.uncontended(input_, first, count, control));
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
    engine_signal_.notify();
    const Bytes size = entry.operation.processed;
    const Bytes first = std::min(size, model_.fifo);
    const Nanoseconds service = model_.setup + time_at(size, entry.operation.rate);
    const Nanoseconds begins = std::max(engine_free_, entry.filled);
    // A bus slower than the engine starves it: the last FIFO's worth still has to pass after it arrived.
    entry.engine_ends = std::max(begins + service, entry.input_ended + time_at(first, entry.operation.rate));
    engine_free_ = entry.engine_ends;
    least_busy_ += service;
    station_.begin_service(begins);
    // The output moves in bursts behind the engine, so that on an idle bus its last FIFO's worth is left at the end.
    const Bytes output = total_size(entry.operation.destination);
    const Nanoseconds first_out = begins + model_.setup + time_at(first, entry.operation.rate);
    const Nanoseconds last_out = entry.engine_ends + interconnect_.uncontended(output_, std::max(first, Bytes(1)));
    entry.output_begins = std::max(first_out, last_out - interconnect_.uncontended(output_, output));
    if (real_bytes_ && entry.operation.transform) entry.operation.transform(entry.data);
    const Nanoseconds output_begins = entry.output_begins;
    const Nanoseconds engine_ends = entry.engine_ends;
    computed_.push_back(std::move(entry));
    co_await clock_.delay(std::max(Nanoseconds(0), output_begins - clock_.now()));
    computed_signal_.notify();
    co_await clock_.delay(std::max(Nanoseconds(0), engine_ends - clock_.now()));
    station_.end_service();
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
    const std::int64_t count = 1 + descriptors(destination);
    co_await interconnect_.dma(output_, total_size(destination), count,
                               model_.result_bytes + model_.descriptor_bytes * count);
    if (entry.engine_ends > clock_.now()) co_await clock_.delay(entry.engine_ends - clock_.now());
    if (entry.operation.begins_buffer) ledger_.add(Act::paper_dma);
    if (real_bytes_) scatter(entry.data, destination);
    for (const Segment& segment : destination) cache_.device_write(segment.buffer->identity());
    station_.leave(entry.entered);
    finished_.push_back(std::move(entry));
    pin_();
  }
}

}  // namespace cryptopath::sim
