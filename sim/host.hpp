// What every simulated world has: a machine with its buses, its processor, its kernel and its crypto cards.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cryptopath/scenario.hpp"
#include "kernel/openbsd/card_driver.hpp"
#include "kernel/openbsd/crypto_processor.hpp"
#include "operational_laws.hpp"

namespace cryptopath::sim {

/// The vertices of a machine that are a `Model`, in its order.
template <class Model>
std::vector<VertexIndex> vertices_of(const Machine& machine) {
  std::vector<VertexIndex> found;
  for (VertexIndex i = 0; i < machine.vertices().size(); ++i) {
    if (std::holds_alternative<Model>(machine.vertex(i).data)) found.push_back(i);
  }
  return found;
}

/// The first of them. Throws InputError when the machine has no such `what`.
template <class Model>
VertexIndex first_of(const Machine& machine, const std::string& what) {
  const auto found = vertices_of<Model>(machine);
  if (found.empty()) throw InputError("machine " + machine.name() + " has no " + what);
  return found.front();
}

class Host {
 public:
  /// Takes the spec's models by reference.
  explicit Host(const HostSpec& spec);
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  const Machine& machine() const { return *spec_.machine; }

  /// The line of a device, which those that name the same one share. Hooks a handler to it.
  InterruptLine& hook(VertexIndex device, InterruptLine::Handler handler);
  /// No further device may be connected. Starts cards, interrupts and the crypto thread.
  void start(Nursery& tasks);

  /// The card's driver leaves the framework. What the card has in work it still hands back.
  void eject(VertexIndex card);
  /// The same of one algorithm that it has registered, for packets or of key_algorithm_names.
  void deregister(VertexIndex card, const std::string& algorithm);

  /// Adds what was observed of the framework, the cards, the buses and the processor in `counts`.
  void add_figures(RunFigures& figures, const Counts& counts) const;
  /// "crypto sleeps on "crypto_wait"", for a run that ends with work outstanding.
  static std::string wait_of(const Thread& thread);

 private:
  struct Card {
    Card(Host& host, VertexIndex at);
    VertexIndex vertex;
    Accelerator device;
    std::unique_ptr<CardDriver> driver;
  };

  std::int32_t driver_of(VertexIndex card) const;

  const HostSpec& spec_;

 public:
  Clock clock;
  Ledger ledger;
  Buses buses;
  Interconnect interconnect;
  Cache cache;
  BufferPool memory;
  Processor processor;
  Kernel kernel;
  CryptoFramework framework;
  SoftwareDriver software;

 private:
  std::unique_ptr<CryptoProcessor> crypto_processor_;
  std::vector<std::unique_ptr<Card>> cards_;
  std::map<std::string, std::unique_ptr<InterruptLine>> lines_;
};

}  // namespace cryptopath::sim
