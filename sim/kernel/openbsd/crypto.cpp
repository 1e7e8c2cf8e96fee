#include "kernel/openbsd/crypto.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace cryptopath::sim {

CryptoFramework::CryptoFramework(Kernel& kernel) : kernel_(kernel), station_(kernel.clock, "crypto framework") {}

std::unique_ptr<CryptoSession> CryptoFramework::new_session(const std::string& algorithm, RecordTransform* transform) {
  sessions_.resize(drivers_.size());
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < drivers_.size(); ++i) {
    const CryptoDriver& driver = *drivers_[i];
    if (!driver.supports(algorithm) || driver.free_sessions() <= 0) continue;
    // Among equals the last one registered wins, as the source's comparison has it.
    const bool better = !best || (driver.hardware() && !drivers_[*best]->hardware()) ||
                        (driver.hardware() == drivers_[*best]->hardware() && sessions_[i] <= sessions_[*best]);
    if (better) best = i;
  }
  if (!best) {
    throw InputError(fmt::format("no card and no software of this machine has a session for {} (EINVAL)", algorithm));
  }
  ++sessions_[*best];
  drivers_[*best]->session_opened();
  return std::make_unique<CryptoSession>(CryptoSession{algorithm, transform, drivers_[*best]});
}

void CryptoFramework::free_session(std::unique_ptr<CryptoSession> session) {
  const auto driver = std::find(drivers_.begin(), drivers_.end(), session->driver);
  ensure(driver != drivers_.end(), "a session belongs to no driver");
  --sessions_[static_cast<std::size_t>(driver - drivers_.begin())];
  session->driver->session_closed();
}

Task<> CryptoFramework::dispatch(const Context& context, CryptoRequest& request) {
  co_await context.run(kernel_.costs.crypto_dispatch);
  request.done = false;
  request.entered = station_.enter();
  const bool was_empty = requests_.empty();
  requests_.push_back(&request);
  if (was_empty) co_await wakeup(kernel_, context, work_);
}

Task<> CryptoFramework::done(const Context& context, CryptoRequest& request, int error) {
  request.error = error;
  if (kernel_.costs.completion_in_interrupt) {
    co_await context.run(kernel_.costs.crypto_callback);
    co_await finish(context, request);
    co_return;
  }
  const bool was_empty = completed_.empty();
  completed_.push_back(&request);
  if (was_empty) co_await wakeup(kernel_, context, work_);
}

Task<> CryptoFramework::finish(const Context& context, CryptoRequest& request) {
  kernel_.ledger.add(Act::crypto_requests);
  station_.leave(request.entered);
  request.done = true;
  co_await wakeup(kernel_, context, *request.completion);
}

Task<> CryptoFramework::run_thread() {
  co_await kernel_.processor.begin(thread_);
  const Context context(kernel_.processor, thread_, ProcessorClass::crypto_thread);
  for (;;) {
    thread_.level = InterruptLevel::network;
    while (!requests_.empty() || !completed_.empty()) {
      if (!requests_.empty()) {
        CryptoRequest& request = *requests_.front();
        requests_.pop_front();
        station_.begin_service();
        co_await context.run(kernel_.costs.crypto_dispatch);
        const int error = co_await request.session->driver->process(context, request);
        station_.end_service();
        if (error != 0) co_await done(context, request, error);
      }
      if (!completed_.empty()) {
        CryptoRequest& request = *completed_.front();
        completed_.pop_front();
        station_.begin_service();
        co_await context.run(kernel_.costs.crypto_callback);
        station_.end_service();
        co_await finish(context, request);
      }
    }
    co_await kernel_.processor.sleep(thread_, work_);
  }
}

Task<> run_requests(Kernel& kernel, CryptoFramework& framework, const Context& context,
                    std::vector<CryptoRequest>& requests, const std::string& call) {
  WaitChannel completion("crydev");
  for (CryptoRequest& request : requests) {
    request.completion = &completion;
    co_await framework.dispatch(context, request);
  }
  const auto all_done = [&requests] {
    return std::all_of(requests.begin(), requests.end(), [](const CryptoRequest& request) { return request.done; });
  };
  co_await sleep_until(kernel, context, completion, all_done);
  framework.took_back(std::ssize(requests));
  for (const CryptoRequest& request : requests) {
    if (request.error == 0) continue;
    const char* const remedy =
        request.error == ENOMEM ? "; the card's rings have no room for so many: a smaller \"buffer\" would do" : "";
    throw InputError(fmt::format("{} failed: {} ({}), {} B in one record, {} records at once{}", call,
                                 strerrorname_np(request.error), std::strerror(request.error),
                                 request.frame.size().count, requests.size(), remedy));
  }
  kernel.ledger.add(Act::records, static_cast<std::int64_t>(requests.size()));
}

}  // namespace cryptopath::sim
