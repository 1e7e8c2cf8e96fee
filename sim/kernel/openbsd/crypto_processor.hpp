// A second processor that only enciphers (Keromytis et al. 2006, 6.4, asymmetric multiprocessing): a producer of the
// framework as a card is, whose engine is the software of cryptosoft. The kernel and all processes stay on the first.
//
// It looks for work in a queue in memory, so that nothing has to tell it, and ends each request with an interrupt from
// processor to processor, which the controller on the ISA bus has no part in. Both share the front side bus's memory:
// what the first processor has written it reads over that bus, and what it writes the first one reads again.
#pragma once

#include <deque>
#include <map>
#include <string>

#include "engine/clock.hpp"
#include "engine/station.hpp"
#include "kernel/openbsd/cryptosoft.hpp"

namespace cryptopath::sim {

class CryptoProcessor final : public CryptoDriver {
 public:
  /// Registers them. `ciphers` says what it can do and is held by reference. Made before the buses are
  /// sealed.
  CryptoProcessor(Kernel& kernel, CryptoFramework& framework,
                  const std::map<std::string, SoftwareCipherModel>& ciphers);

  std::string name() const override { return station_.name(); }
  bool hardware() const override { return true; }
  BitsPerSecond rated_speed(const std::string& algorithm) const override;
  std::int64_t free_sessions() const override { return 1; }  // they live in memory
  void session_opened() override {}
  void session_closed() override {}
  /// Puts the request into the queue.
  Task<int> process(const Context& context, CryptoRequest& request) override;

  /// What the processor does all its life.
  Task<> work();
  StationFigures figures() const { return station_.figures(taken_back_, least_busy_); }

 private:
  struct Entry {
    CryptoRequest* request;
    Nanoseconds entered;
  };
  /// The request's data come from memory or from the first processor's cache, and its results go back.
  Task<> cross_memory(const Segments& source, const Segments& destination);
  /// The handler of its interrupt, on the first processor.
  Task<> on_interrupt();

  Kernel& kernel_;
  const std::map<std::string, SoftwareCipherModel>& ciphers_;
  Station station_;
  RouteIndex to_memory_;
  InterruptLine interrupt_;
  std::deque<Entry> queue_;
  std::deque<CryptoRequest*> finished_;
  Signal queued_;
  std::int64_t taken_back_ = 0;
  Nanoseconds least_busy_;
};

}  // namespace cryptopath::sim
