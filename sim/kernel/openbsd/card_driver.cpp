#include "kernel/openbsd/card_driver.hpp"

#include <fmt/format.h>

#include "kernel/openbsd/hifn.hpp"
#include "kernel/openbsd/lofn.hpp"
#include "kernel/openbsd/ubsec.hpp"

namespace cryptopath::sim {

CardDriver::CardDriver(Kernel& kernel, CryptoFramework& framework, Accelerator& card)
    : kernel_(kernel), framework_(framework), card_(card) {
  framework.register_driver(*this);
}

AcceleratorOperation CardDriver::operation_of(CryptoRequest& request) const {
  AcceleratorOperation operation;
  operation.source = request.source;
  operation.destination = request.output();
  operation.processed = request.processed;
  operation.rate = card_.model().engines.at(request.served().algorithm);
  operation.transform = request.transform;
  operation.begins_buffer = request.begins_buffer;
  operation.owner = &request;
  return operation;
}

Task<> CardDriver::complete_requests(const Context& context) {
  for (const AcceleratorOperation& operation : card_.reap()) {
    ++reaped_;
    co_await context.run(host_time(card_.model().driver_complete));
    co_await framework_.done(context, *static_cast<CryptoRequest*>(operation.owner), 0);
  }
}

std::string CardDriver::limits() const {
  const AcceleratorModel& model = card_.model();
  const std::int64_t at_once = model.queue > 0 ? model.queue : model.command_ring;
  return fmt::format("{} takes {} requests at once, if its descriptors last, of up to {} B each", name(), at_once,
                     model.largest_request.count);
}

namespace {

/// pci(4) found the card, and no driver matched.
class NoDriver final : public CardDriver {
 public:
  using CardDriver::CardDriver;
  using CardDriver::supports;
  bool supports(const std::string&) const override { return false; }
  Task<int> process(const Context&, CryptoRequest&) override { throw Fault(name() + " has no driver, and a request"); }
  Task<> on_interrupt() override { co_return; }
};

}  // namespace

std::unique_ptr<CardDriver> make_driver(Kernel& kernel, CryptoFramework& framework, Accelerator& card) {
  const std::string& driver = card.model().driver;
  if (driver == "none") return std::make_unique<NoDriver>(kernel, framework, card);
  if (driver == "ubsec") return std::make_unique<UbsecDriver>(kernel, framework, card);
  if (driver == "hifn") return std::make_unique<HifnDriver>(kernel, framework, card);
  ensure(driver == "lofn" || driver == "nofn", "no driver is named " + driver);
  return std::make_unique<LofnDriver>(kernel, framework, card);
}

}  // namespace cryptopath::sim
