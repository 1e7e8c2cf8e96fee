#include "kernel/openbsd/cryptosoft.hpp"

namespace cryptopath::sim {

SoftwareDriver::SoftwareDriver(Kernel& kernel, CryptoFramework& framework,
                               const std::map<std::string, SoftwareCipherModel>& ciphers)
    : CryptoDriver(framework), kernel_(kernel), ciphers_(ciphers) {
  for (const auto& [algorithm, cost] : ciphers) framework.crypto_register(id(), algorithm);
}

Nanoseconds software_cost(const SoftwareCipherModel& cipher, Bytes enciphered, Hertz clock) {
  return time_at(cipher.per_record, clock) + time_at(enciphered, cipher.per_byte, clock);
}

void run_transform(const CryptoRequest& request) {
  if (!request.transform) return;
  std::vector<std::byte> bytes(static_cast<std::size_t>(total_size(request.source).count));
  gather(request.source, bytes);
  request.transform(bytes);
  scatter(bytes, request.output());
}

Task<int> SoftwareDriver::process(const Context& context, CryptoRequest& request) {
  const SoftwareCipherModel& cipher = ciphers_.at(request.served().algorithm);
  co_await context.run(software_cost(cipher, request.processed, kernel_.processor_model.clock));
  // The cipher reads the source and writes the destination through the cache.
  co_await pass_through_cache(kernel_, context, request.source, request.output());
  run_transform(request);
  co_await framework().crypto_done(context, request, 0);
  co_return 0;
}

}  // namespace cryptopath::sim
