#include "kernel/openbsd/hifn.hpp"

#include <cerrno>

namespace cryptopath::sim {

HifnDriver::HifnDriver(Kernel& kernel, CryptoFramework& framework, Accelerator& card)
    : kernel_(kernel), framework_(framework), card_(card) {
  framework.register_driver(*this);
}

bool HifnDriver::supports(const std::string& algorithm) const { return card_.model().engines.contains(algorithm); }

Task<int> HifnDriver::process(const Context& context, CryptoRequest& request) {
  co_await context.run(kernel_.costs.crypto_driver);
  if (request.frame.size() > card_.model().largest_request) co_return EINVAL;
  AcceleratorOperation operation;
  operation.source = request.source;
  operation.destination = request.destination;
  operation.processed = request.frame.enciphered();
  operation.rate = card_.model().engines.at(request.session->algorithm);
  operation.begins_buffer = request.begins_buffer;
  operation.owner = &request;
  if (request.session->transform != nullptr) {
    operation.transform = [&request](std::span<std::byte> record) {
      request.session->transform->seal_in_place(request.frame, record);
    };
  }
  co_return card_.submit(std::move(operation)) ? 0 : ENOMEM;
}

Task<> HifnDriver::on_interrupt() {
  const Context context(kernel_.processor);
  kernel_.interconnect.register_access(card_.vertex());
  kernel_.interconnect.register_access(card_.vertex());
  co_await context.run(kernel_.costs.device_interrupt_read + kernel_.costs.device_register_write);
  for (const AcceleratorOperation& operation : card_.reap()) {
    ++reaped_;
    co_await framework_.done(context, *static_cast<CryptoRequest*>(operation.owner), 0);
  }
}

}  // namespace cryptopath::sim
