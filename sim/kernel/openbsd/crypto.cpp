#include "kernel/openbsd/crypto.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <type_traits>

#include "cryptopath/algorithm.hpp"

namespace cryptopath::sim {

CryptoDriver::CryptoDriver(CryptoFramework& framework)
    : framework_(framework), id_(framework.crypto_get_driverid(*this)) {}

Task<int> CryptoDriver::process(const Context&, CryptoRequest&) {
  throw Fault(name() + " has been handed a request, and has registered no algorithm");
}

Task<int> CryptoDriver::kprocess(const Context&, KeyRequest&) {
  throw Fault(name() + " has been handed a public-key operation, and has registered none");
}

CryptoFramework::CryptoFramework(Kernel& kernel) : kernel_(kernel), station_(kernel.clock, "crypto framework") {}

CryptoFramework::Registered& CryptoFramework::producer_for(const CryptoRequest& request) {
  const CryptoSession& session = request.served();
  if (request.processed < kernel_.costs.software_below && !session.hardware_only) {
    for (Registered& each : drivers_) {
      if (!each.driver->hardware() && each.algorithms.contains(session.algorithm)) return each;
    }
  }
  Registered* best = &registered(*session.driver);
  const auto time_until_done = [&](const Registered& each) {
    return static_cast<double>((each.pending + request.processed).count) /
           static_cast<double>(each.driver->rated_speed(session.algorithm).count);
  };
  for (const CryptoDriver* driver : session.also) {
    Registered& other = registered(*driver);
    if (time_until_done(other) < time_until_done(*best)) best = &other;
  }
  return *best;
}

void CryptoFramework::work_ended(const CryptoRequest& request) {
  registered(*request.producer).pending -= request.processed;
}

template <class Request>
Task<> CryptoFramework::enqueue(const Context& context, std::deque<Request*>& queue, Request& request) {
  const bool was_empty = queue.empty();
  queue.push_back(&request);
  if (was_empty) co_await wakeup(kernel_, context, work_);
}

template <class Request>
Task<> CryptoFramework::accept(const Context& context, std::deque<Request*>& requests, Request& request) {
  co_await context.run(kernel_.costs.crypto_dispatch);
  request.done = false;
  request.entered = station_.enter();
  co_await enqueue(context, requests, request);
}

template <class Request>
Task<> CryptoFramework::complete(const Context& context, std::deque<Request*>& completed, Request& request, int error) {
  request.error = error;
  if (kernel_.costs.completion_in_interrupt) {
    co_await context.run(kernel_.costs.crypto_callback);
    co_await finish(context, request);
    co_return;
  }
  co_await enqueue(context, completed, request);
}

template <class Request>
Task<> CryptoFramework::hand_over(const Context& context, std::deque<Request*>& requests,
                                  std::deque<Request*>& completed) {
  Request& request = *requests.front();
  requests.pop_front();
  station_.begin_service();
  co_await context.run(kernel_.costs.crypto_dispatch);
  const int error = co_await invoke(context, request);
  station_.end_service();
  if (error != 0) co_await complete(context, completed, request, error);
}

template <class Request>
Task<> CryptoFramework::call_back(const Context& context, std::deque<Request*>& completed) {
  Request& request = *completed.front();
  completed.pop_front();
  station_.begin_service();
  co_await context.run(kernel_.costs.crypto_callback);
  station_.end_service();
  co_await finish(context, request);
}

Task<> CryptoFramework::crypto_dispatch(const Context& context, CryptoRequest& request) {
  if (request.has_further_links() && request.mac.empty()) {
    ensure(!request.transform, "a chain of producers has real bytes, which one transform seals");
    // All of it, since what takes it into a record is the next link, as TLS has it, and no copy to a process.
    const Bytes size = mac_size(request.served().algorithm).value();
    request.mac = {{kernel_.memory.allocate(size), Bytes(0), size}};
  }
  co_await accept(context, requests_, request);
}
Task<> CryptoFramework::crypto_kdispatch(const Context& context, KeyRequest& request) {
  co_await accept(context, key_requests_, request);
}

Task<> CryptoFramework::crypto_done(const Context& context, CryptoRequest& request, int error) {
  work_ended(request);
  co_await complete(context, completed_, request, error);
}
Task<> CryptoFramework::crypto_kdone(const Context& context, KeyRequest& request, int error) {
  co_await complete(context, key_completed_, request, error);
}

template <class Request>
Task<> CryptoFramework::finish(const Context& context, Request& request) {
  station_.leave(request.entered);
  if constexpr (std::is_same_v<Request, CryptoRequest>) {
    // Every consumer's callback dispatches again: cryptodev_cb(), and what sosend() waits for.
    const bool migrates = request.error == EAGAIN;
    const bool goes_on = request.error == 0 && request.has_further_links();
    if (migrates) kernel_.ledger.add(Act::crypto_migrations);
    if (goes_on) ++request.link;
    if (migrates || goes_on) {
      ++taken_back_;
      co_await crypto_dispatch(context, request);
      co_return;
    }
  }
  kernel_.ledger.add(Act::crypto_requests);
  request.done = true;
  co_await wakeup(kernel_, context, *request.completion);
}

Task<int> CryptoFramework::invoke(const Context& context, CryptoRequest& request) {
  CryptoSession& session = request.served();
  if (session.driver != nullptr) {
    Registered& producer = producer_for(request);
    producer.pending += request.processed;
    request.producer = producer.driver;
    const int error = co_await request.producer->process(context, request);
    if (error != 0) work_ended(request);
    co_return error;
  }
  try {
    join(session, place_with_room(session.algorithm, session.hardware_only));
  } catch (const SystemCallError& refused) {
    request.refusal = std::make_unique<const std::string>(refused.what());
    co_return refused.error();
  }
  co_return EAGAIN;
}

Task<int> CryptoFramework::invoke(const Context& context, KeyRequest& request) {
  const auto first = std::ranges::find_if(
      drivers_, [&request](const Registered& each) { return each.key_algorithms.contains(request.algorithm); });
  if (first == drivers_.end()) co_return ENODEV;
  co_return co_await first->driver->kprocess(context, request);
}

Task<> CryptoFramework::run_thread() {
  co_await kernel_.processor.begin(thread_);
  const Context context(kernel_.processor, thread_, ProcessorClass::crypto_thread);
  for (;;) {
    thread_.level = InterruptLevel::network;
    while (!requests_.empty() || !key_requests_.empty() || !completed_.empty() || !key_completed_.empty()) {
      if (!requests_.empty()) co_await hand_over(context, requests_, completed_);
      if (!key_requests_.empty()) co_await hand_over(context, key_requests_, key_completed_);
      if (!completed_.empty()) co_await call_back(context, completed_);
      if (!key_completed_.empty()) co_await call_back(context, key_completed_);
    }
    co_await kernel_.processor.sleep(thread_, work_);
  }
}

void throw_if_failed(const std::vector<CryptoRequest>& requests, const char* call) {
  for (const CryptoRequest& request : requests) {
    if (request.error == 0) continue;
    if (request.refusal != nullptr) {
      throw SystemCallError(request.error,
                            fmt::format("{} failed: its session's card has left, and {}", call, *request.refusal));
    }
    const std::string limits = request.producer == nullptr ? "" : request.producer->limits();
    throw SystemCallError(
        request.error,
        fmt::format(
            "{} failed: {} ({}), {} B in one request of {} in the call{}", call, strerrorname_np(request.error),
            std::generic_category().message(request.error), total_size(request.source).count, requests.size(),
            limits.empty() ? "" : fmt::format("; {}: fewer at once, or fewer bytes in a call would do", limits)));
  }
}

Task<> run_requests(Kernel& kernel, CryptoFramework& framework, const Context& context,
                    std::vector<CryptoRequest>& requests, const char* call) {
  WaitChannel completion("crydev", Priority::socket);
  for (CryptoRequest& request : requests) {
    request.completion = &completion;
    co_await framework.crypto_dispatch(context, request);
  }
  while (!std::ranges::all_of(requests, &CryptoRequest::done)) {
    co_await kernel.processor.sleep(context.thread(), completion);
  }
  framework.took_back(std::ssize(requests));
  throw_if_failed(requests, call);
}

}  // namespace cryptopath::sim
