// A crypto card that moves what it works on by DMA. Chips of hifn(4) poll rings of descriptors in host memory; chips of
// ubsec(4) are told of commands of several operations (MCRs) by a register write.
//
// An operation passes three stages: DMA of the command and the input, the engine, DMA of the output and the result. The
// engine starts when its FIFO has filled once and the output follows a FIFO behind it, so that the stages of one
// operation overlap; while the engine works, so many further operations are fetched as the chip has room for. Public
// keys are for units of their own (key_engine.hpp); a chip of lofn(4) or nofn(4) has nothing else.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "cryptopath/machine.hpp"
#include "engine/station.hpp"
#include "engine/task.hpp"
#include "hardware/buffer.hpp"
#include "hardware/cache.hpp"
#include "hardware/interconnect.hpp"
#include "hardware/key_engine.hpp"

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
              VertexIndex vertex, bool real_bytes, std::uint64_t seed);

  /// Whether the card takes no further command; ubsec's status register says so.
  bool full() const { return commands_used_ >= model_.command_ring; }
  /// Hands the card a command of one operation or more; false when it, or a ring, is full.
  bool submit(std::vector<AcceleratorOperation> command);
  /// Whether a command has ended since the last reap(): what the handler asks where a line is shared.
  bool interrupting() const { return interrupting_; }
  /// Whether it has looked for a command, found none, and is to interrupt for that: hifn's "command wait".
  bool waiting() const { return waiting_; }
  /// The same bit of the interrupt enable register.
  void interrupt_when_waiting(bool enabled) { interrupts_when_waiting_ = enabled; }
  /// Clears waiting(), which is back with the next look in vain.
  void acknowledge_waiting() { waiting_ = false; }
  /// Commands whose results have not been taken.
  std::int64_t commands() const { return commands_used_; }
  /// Takes the operations that have ended, oldest first. Their descriptors are free again.
  std::vector<AcceleratorOperation> reap();
  /// Called at each command's end, of either queue, and when it is waiting(): the card's interrupt pin.
  void on_interrupt(std::function<void()> pin) { pin_ = std::move(pin); }

  Task<> fetch_operations();  // stage 1
  Task<> run_engine();        // stage 2
  Task<> store_results();     // stage 3

  KeyEngine& key_engine() { return key_engine_; }
  const KeyEngine& key_engine() const { return key_engine_; }
  const AcceleratorModel& model() const { return model_; }
  const std::string& name() const { return name_; }
  VertexIndex vertex() const { return vertex_; }
  const Station& station() const { return station_; }
  /// What the engine's rate and set-up alone ask for.
  Nanoseconds least_busy() const { return least_busy_; }

 private:
  struct InFlight {
    AcceleratorOperation operation;
    Bytes control;  // read beside the data, in so many transactions
    std::int64_t reads = 0;
    Bytes result;  // written beside the data
    std::int64_t writes = 0;
    bool ends_command = false;
    std::vector<std::byte> data;  // on the card
    Nanoseconds entered;
    Nanoseconds filled;  // the FIFO, for the first time
    Nanoseconds input_ended;
    Nanoseconds engine_ends;
    Nanoseconds output_begins;
    Bytes output_at_end;  // what is left of the output when the engine has ended
  };
  /// Whether it works through rings, whose entries are free when the driver has taken the results.
  bool has_rings() const { return model_.source_ring != no_limit; }
  InFlight in_flight(AcceleratorOperation operation, bool begins_command, bool ends_command);
  /// Nothing is submitted: waits until there may be something.
  Task<> look_for_commands();

  Clock& clock_;
  Ledger& ledger_;
  Interconnect& interconnect_;
  Cache& cache_;
  const AcceleratorModel& model_;
  std::string name_;
  VertexIndex vertex_;
  bool real_bytes_;
  std::mt19937_64 random_;  // for the instant at which an idle card looks first
  bool worked_ = true;      // since it last looked for commands
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
  bool engine_works_ = false;
  bool interrupting_ = false;
  bool waiting_ = false;
  bool interrupts_when_waiting_ = false;
  std::function<void()> pin_;
  Station station_;
  KeyEngine key_engine_;
};

}  // namespace cryptopath::sim
