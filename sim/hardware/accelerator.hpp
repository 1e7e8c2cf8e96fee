// A crypto card that works through rings of descriptors in host memory, as hifn(4) and ubsec(4) chips do.
//
// An operation passes three stages: DMA of the command and the input, the engine, DMA of the output and the result. The
// engine starts when its FIFO has filled once and the output follows a FIFO behind it, so that the stages of one
// operation overlap; while the engine works, the next operation's input is fetched.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "cryptopath/machine.hpp"
#include "engine/station.hpp"
#include "engine/task.hpp"
#include "hardware/buffer.hpp"
#include "hardware/cache.hpp"
#include "hardware/interconnect.hpp"

namespace cryptopath::sim {

/// One operation, as its descriptors give it.
struct AcceleratorOperation {
  Segments source;
  Segments destination;  // of the same size; may be the same memory
  Bytes processed;       // what the engine runs over
  BitsPerSecond rate;    // of the engine for this transform
  /// Runs the transform on the card's copy of the data; not called with a modelled payload.
  std::function<void(std::span<std::byte>)> transform;
  bool begins_buffer = true;  // carries the first byte of a data buffer, as the papers count DMA
  void* owner = nullptr;      // the driver's
};

class Accelerator {
 public:
  Accelerator(Clock& clock, Ledger& ledger, Interconnect& interconnect, Cache& cache, const Machine& machine,
              VertexIndex vertex, bool real_bytes);

  /// Puts an operation into the rings; false when they are full. The card finds it by polling.
  bool submit(AcceleratorOperation operation);
  /// Takes the operations that have ended, oldest first. Their descriptors are free again.
  std::vector<AcceleratorOperation> reap();
  /// Called at each operation's end: the card's interrupt pin.
  void on_interrupt(std::function<void()> pin) { pin_ = std::move(pin); }

  Task<> fetch_operations();  // stage 1
  Task<> run_engine();        // stage 2
  Task<> store_results();     // stage 3

  const AcceleratorModel& model() const { return model_; }
  const std::string& name() const { return name_; }
  VertexIndex vertex() const { return vertex_; }
  const Station& station() const { return station_; }
  /// What the engine's rate and set-up alone ask for.
  Nanoseconds least_busy() const { return least_busy_; }

 private:
  struct InFlight {
    AcceleratorOperation operation;
    std::vector<std::byte> data;  // on the card
    Nanoseconds entered;
    Nanoseconds filled;  // the FIFO, for the first time
    Nanoseconds input_ended;
    Nanoseconds engine_ends;
    Nanoseconds output_begins;
  };
  static std::int64_t descriptors(const Segments& segments) { return static_cast<std::int64_t>(segments.size()); }

  Clock& clock_;
  Ledger& ledger_;
  Interconnect& interconnect_;
  Cache& cache_;
  const AcceleratorModel& model_;
  std::string name_;
  VertexIndex vertex_;
  bool real_bytes_;
  Interconnect::Path input_;
  Interconnect::Path output_;

  std::int64_t commands_used_ = 0;
  std::int64_t sources_used_ = 0;
  std::int64_t destinations_used_ = 0;
  std::deque<InFlight> submitted_;
  std::deque<InFlight> fetched_;
  std::deque<InFlight> computed_;
  std::deque<InFlight> finished_;
  Signal submitted_signal_;
  Signal fetched_signal_;
  Signal engine_signal_;
  Signal computed_signal_;
  Nanoseconds engine_free_;
  Nanoseconds least_busy_;
  std::function<void()> pin_;
  Station station_;
};

}  // namespace cryptopath::sim
