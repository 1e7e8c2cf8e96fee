// What of a chip works on public keys. Of ubsec a few units beside its engine for packets, with a queue of commands of
// their own (MCR2); of lofn and nofn one arithmetic unit.
//
// A free unit takes the oldest command, reads its context and operands by DMA, computes, and writes the result and the
// command's flags back. An operation whose numbers are in the chip's registers is computed alone. Each command is one
// operation and ends with an interrupt.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "cryptopath/models.hpp"
#include "engine/station.hpp"
#include "engine/task.hpp"
#include "hardware/buffer.hpp"
#include "hardware/cache.hpp"
#include "hardware/interconnect.hpp"

namespace cryptopath::sim {

/// One modular exponentiation, or the two half as long that CRT makes of it.
struct KeyOperation {
  Segments source;       // operands; those behind the first hang from it in a chain of descriptors; none: in registers
  Segments destination;  // one, or none likewise
  Bytes context;         // read beside them: what is to be done, the modulus or the key
  std::int64_t modulus_bits = 0;
  std::int64_t exponent_bits = 0;
  std::int64_t exponentiations = 1;
  void* owner = nullptr;  // the driver's
};

class KeyEngine {
 public:
  /// The card's DMA goes `input` and `output`; `pin` is its interrupt. `card` outlives the engine.
  KeyEngine(Clock& clock, Ledger& ledger, Interconnect& interconnect, Cache& cache, const AcceleratorModel& card,
            const std::string& name, Interconnect::Path input, Interconnect::Path output, std::function<void()> pin);

  /// Whether the chip takes no further command; its status register says so.
  bool full() const { return commands_used_ >= model().commands; }
  /// Hands the chip a command. It must not be full.
  void submit(KeyOperation operation);
  /// Whether a command has ended since the last reap().
  bool interrupting() const { return interrupting_; }
  /// Takes the operations that have ended, in the order in which they did.
  std::vector<KeyOperation> reap();

  std::size_t units() const { return units_.size(); }
  /// The life of one of the units.
  Task<> work(std::size_t unit);
  /// What one of them was busy with. Its requests are those that it took up and the driver reaped.
  StationFigures figures(std::size_t unit) const;
  /// The time of an operation in a unit.
  Nanoseconds service(const KeyOperation& operation) const;

 private:
  struct Unit {
    Station station;
    std::int64_t reaped = 0;
    Nanoseconds least_busy;
  };
  struct Finished {
    KeyOperation operation;
    std::size_t unit;
  };
  const KeyEngineModel& model() const { return card_.key_engine; }
  Task<> fetch(const KeyOperation& operation);
  Task<> store(const KeyOperation& operation);

  Clock& clock_;
  Ledger& ledger_;
  Interconnect& interconnect_;
  Cache& cache_;
  const AcceleratorModel& card_;
  Interconnect::Path input_;
  Interconnect::Path output_;
  std::function<void()> pin_;
  std::vector<Unit> units_;
  std::int64_t commands_used_ = 0;
  std::deque<KeyOperation> submitted_;
  std::deque<Finished> finished_;
  Signal submitted_signal_;
  bool interrupting_ = false;
};

}  // namespace cryptopath::sim
