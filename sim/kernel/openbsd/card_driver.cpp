#include "kernel/openbsd/card_driver.hpp"

#include <fmt/format.h>

#include "kernel/openbsd/hifn.hpp"
#include "kernel/openbsd/lofn.hpp"
#include "kernel/openbsd/ubsec.hpp"

namespace cryptopath::sim {

CardDriver::CardDriver(Kernel& kernel, CryptoFramework& framework, Accelerator& card)
    : CryptoDriver(framework), kernel_(kernel), card_(card) {
  for (const auto& [algorithm, speed] : card.model().engines) framework.crypto_register(id(), algorithm);
  for (const KeyAlgorithm algorithm : key_algorithms_of(card.model())) framework.crypto_kregister(id(), algorithm);
}

AcceleratorOperation CardDriver::operation_of(CryptoRequest& request) const {
  AcceleratorOperation operation;
  operation.source = paged(request.source, kernel_.costs.page);
  operation.destination = paged(request.output(), kernel_.costs.page);
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
    co_await framework().crypto_done(context, *static_cast<CryptoRequest*>(operation.owner), 0);
  }
}

std::string CardDriver::limits() const {
  const AcceleratorModel& model = card_.model();
  const std::int64_t at_once = model.queue > 0 ? model.queue : model.command_ring;
  return fmt::format("{} takes {} requests at once, if its descriptors last, of up to {} B each", name(), at_once,
                     model.largest_request.count);
}

std::unique_ptr<CardDriver> make_driver(Kernel& kernel, CryptoFramework& framework, Accelerator& card) {
  const std::string& driver = card.model().driver;
  if (driver == "none") return std::make_unique<CardDriver>(kernel, framework, card);  // pci(4) found it, that is all
  if (driver == "ubsec") return std::make_unique<UbsecDriver>(kernel, framework, card);
  if (driver == "hifn") return std::make_unique<HifnDriver>(kernel, framework, card);
  ensure(driver == "lofn" || driver == "nofn", "no driver is named " + driver);
  return std::make_unique<LofnDriver>(kernel, framework, card);
}

}  // namespace cryptopath::sim
