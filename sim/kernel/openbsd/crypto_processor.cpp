#include "kernel/openbsd/crypto_processor.hpp"

#include <algorithm>
#include <utility>

namespace cryptopath::sim {

namespace {

constexpr const char* processor_name = "crypto-processor";

}  // namespace

CryptoProcessor::CryptoProcessor(Kernel& kernel, CryptoFramework& framework,
                                 const std::map<std::string, SoftwareCipherModel>& ciphers)
    : CryptoDriver(framework),
      kernel_(kernel),
      ciphers_(ciphers),
      station_(kernel.clock, processor_name),
      to_memory_(kernel.interconnect.add_processor(processor_name, kernel.processor_model.miss_rate)),
      interrupt_(InterruptLine::between_processors(processor_name, [this] { return on_interrupt(); })),
      queued_(kernel.clock) {
  for (const auto& [algorithm, cost] : ciphers) framework.crypto_register(id(), algorithm);
}

BitsPerSecond CryptoProcessor::rated_speed(const std::string& algorithm) const {
  constexpr Bytes sample(1 << 20);
  const Nanoseconds cost = software_cost(ciphers_.at(algorithm), sample, kernel_.processor_model.clock);
  return BitsPerSecond(sample.count * 8 * 1'000'000'000 / std::max(cost, Nanoseconds(1)).count);
}

Task<int> CryptoProcessor::process(const Context&, CryptoRequest& request) {
  queue_.push_back({&request, station_.enter()});
  queued_.notify();
  co_return 0;
}

Task<> CryptoProcessor::cross_memory(const Segments& source, const Segments& destination) {
  const Bytes in_first_cache = device_read(kernel_.cache, source);
  kernel_.interconnect.write_back(device_write(kernel_.cache, destination));
  // What the other cache holds changed it passes on while it is written back: one crossing for both.
  const Bytes read = total_size(source);
  const Bytes written = total_size(destination);
  co_await kernel_.buses.transfer(to_memory_, read + written);
  const Bytes passed_on = std::min(in_first_cache, read);
  kernel_.ledger.add(Act::memory_read_bytes, (read - passed_on).count);
  kernel_.ledger.add(Act::memory_write_bytes, (passed_on + written).count);
}

Task<> CryptoProcessor::work() {
  for (;;) {
    if (queue_.empty()) {
      co_await queued_.wait();
      continue;
    }
    const Entry entry = queue_.front();
    queue_.pop_front();
    CryptoRequest& request = *entry.request;
    const SoftwareCipherModel& cipher = ciphers_.at(request.served().algorithm);
    const Nanoseconds cost = software_cost(cipher, request.processed, kernel_.processor_model.clock);
    station_.begin_service();
    co_await kernel_.clock.delay(cost);
    co_await cross_memory(request.source, request.output());
    station_.end_service();
    least_busy_ += cost;
    run_transform(request);
    station_.leave(entry.entered);
    finished_.push_back(&request);
    kernel_.processor.raise(interrupt_);
  }
}

Task<> CryptoProcessor::on_interrupt() {
  const Context context(kernel_.processor);
  while (!finished_.empty()) {
    CryptoRequest& request = *finished_.front();
    finished_.pop_front();
    ++taken_back_;
    co_await framework().crypto_done(context, request, 0);
  }
}

}  // namespace cryptopath::sim
