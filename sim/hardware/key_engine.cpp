#include "hardware/key_engine.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

namespace cryptopath::sim {

KeyEngine::KeyEngine(Clock& clock, Ledger& ledger, Interconnect& interconnect, Cache& cache,
                     const AcceleratorModel& card, const std::string& name, Interconnect::Path input,
                     Interconnect::Path output, std::function<void()> pin)
    : clock_(clock),
      ledger_(ledger),
      interconnect_(interconnect),
      cache_(cache),
      card_(card),
      input_(input),
      output_(output),
      pin_(std::move(pin)),
      submitted_signal_(clock) {
  for (std::int64_t i = 1; i <= model().units; ++i) {
    units_.push_back({Station(clock, fmt::format("{}.key{}", name, i)), 0, Nanoseconds(0)});
  }
}

void KeyEngine::submit(KeyOperation operation) {
  ensure(!full(), "a chip that is full takes no further public-key operation");
  ++commands_used_;
  submitted_.push_back(std::move(operation));
  submitted_signal_.notify();
}

std::vector<KeyOperation> KeyEngine::reap() {
  std::vector<KeyOperation> operations;
  interrupting_ = false;
  for (Finished& entry : finished_) {
    ++units_[entry.unit].reaped;
    operations.push_back(std::move(entry.operation));
  }
  finished_.clear();
  return operations;
}

Nanoseconds KeyEngine::service(const KeyOperation& operation) const {
  // As many multiplications as the exponent has bits, each of as many additions as the modulus has, and an addition of
  // as many words; of one where a word is a register.
  const double modulus = static_cast<double>(operation.modulus_bits) / 1024;
  const double exponent = static_cast<double>(operation.exponent_bits) / 1024;
  const double words = model().registers_wide ? 1 : modulus;
  const double one = static_cast<double>(model().modular_exponentiation.count) * modulus * words * exponent;
  return Nanoseconds(std::llround(std::ceil(one * static_cast<double>(operation.exponentiations))));
}

Task<> KeyEngine::fetch(const KeyOperation& operation) {
  // The MCR, the context, and a descriptor of each operand that hangs behind the first.
  const std::int64_t chained = std::ssize(operation.source) - 1;
  interconnect_.write_back(device_read(cache_, operation.source));
  co_await interconnect_.dma(input_, total_size(operation.source), 2 + chained,
                             card_.command_bytes + operation.context + card_.descriptor_bytes * chained);
  ledger_.add(Act::paper_dma);
}

Task<> KeyEngine::store(const KeyOperation& operation) {
  co_await interconnect_.dma(output_, total_size(operation.destination), 1, card_.result_bytes);
  ledger_.add(Act::paper_dma);
  interconnect_.write_back(device_write(cache_, operation.destination));
}

Task<> KeyEngine::work(std::size_t unit) {
  Unit& own = units_[unit];
  for (;;) {
    if (submitted_.empty()) {
      co_await submitted_signal_.wait();
      continue;
    }
    KeyOperation operation = std::move(submitted_.front());
    submitted_.pop_front();
    const Nanoseconds entered = own.station.enter();
    if (!operation.source.empty()) co_await fetch(operation);
    const Nanoseconds duration = service(operation);
    own.station.begin_service();
    own.least_busy += duration;
    co_await clock_.delay(duration);
    own.station.end_service();
    if (!operation.destination.empty()) co_await store(operation);
    own.station.leave(entered);
    --commands_used_;
    finished_.push_back({std::move(operation), unit});
    interrupting_ = true;
    pin_();
  }
}

StationFigures KeyEngine::figures(std::size_t unit) const {
  return units_[unit].station.figures(units_[unit].reaped, units_[unit].least_busy);
}

}  // namespace cryptopath::sim
