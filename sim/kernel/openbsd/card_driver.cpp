#include "kernel/openbsd/card_driver.hpp"

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

std::unique_ptr<CardDriver> make_driver(Kernel& kernel, CryptoFramework& framework, Accelerator& card) {
  const std::string& driver = card.model().driver;
  if (driver == "ubsec") return std::make_unique<UbsecDriver>(kernel, framework, card);
  if (driver == "hifn") return std::make_unique<HifnDriver>(kernel, framework, card);
  ensure(driver == "lofn" || driver == "nofn", "no driver is named " + driver);
  return std::make_unique<LofnDriver>(kernel, framework, card);
}

}  // namespace cryptopath::sim
