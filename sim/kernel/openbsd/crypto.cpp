#include "kernel/openbsd/crypto.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <type_traits>

#include "cryptopath/algorithm.hpp"

namespace cryptopath::sim {

namespace {

// sys/crypto/cryptodev.h on i386.
constexpr Bytes session_op{28};

void check_key(const std::string& algorithm, const KeyLengths& taken, Bytes length) {
  if (taken.take(length)) return;
  throw SystemCallError(EINVAL, fmt::format("a session for {} has a key of {}{} B and not of {} B (EINVAL)", algorithm,
                                            taken.least == taken.most ? "" : fmt::format("{} to ", taken.least.count),
                                            taken.most.count, length.count));
}

}  // namespace

Task<> copy_in_keys(Kernel& kernel, const Context& context, std::string algorithm, std::optional<Bytes> key_length) {
  co_await copy_argument(kernel, context, session_op);
  const auto [cipher, mac] = session_keys(algorithm);
  for (const auto& key : {cipher, mac}) {
    if (!key) continue;
    const Bytes length = key_length.value_or(key->own);
    key_length.reset();
    check_key(algorithm, *key, length);
    if (length.count > 0) co_await copy_argument(kernel, context, length);
  }
}

CryptoDriver::CryptoDriver(CryptoFramework& framework)
    : framework_(framework), id_(framework.crypto_get_driverid(*this)) {}

Task<int> CryptoDriver::process(const Context&, CryptoRequest&) {
  throw Fault(name() + " has been handed a request, and has registered no algorithm");
}

Task<int> CryptoDriver::kprocess(const Context&, KeyRequest&) {
  throw Fault(name() + " has been handed a public-key operation, and has registered none");
}

CryptoFramework::CryptoFramework(Kernel& kernel) : kernel_(kernel), station_(kernel.clock, "crypto framework") {}

std::int32_t CryptoFramework::crypto_get_driverid(CryptoDriver& driver) {
  drivers_.push_back({&driver});
  return static_cast<std::int32_t>(drivers_.size()) - 1;
}

void CryptoFramework::crypto_register(std::int32_t id, const std::string& algorithm) {
  registered(id).algorithms.insert(algorithm);
}

void CryptoFramework::crypto_kregister(std::int32_t id, KeyAlgorithm algorithm) {
  registered(id).key_algorithms.insert(algorithm);
}

void CryptoFramework::crypto_unregister(std::int32_t id, const std::string& algorithm) {
  Registered& of = registered(id);
  ensure(of.algorithms.erase(algorithm) == 1, of.driver->name() + " has not registered " + algorithm);
  for (CryptoSession* session : sessions_) {
    if (session->algorithm == algorithm && session->open_with(*of.driver)) leave(*session);
  }
}

void CryptoFramework::crypto_unregister(std::int32_t id, KeyAlgorithm algorithm) {
  Registered& of = registered(id);
  ensure(of.key_algorithms.erase(algorithm) == 1,
         fmt::format("{} has not registered {}", of.driver->name(), name_of(algorithm)));
}

void CryptoFramework::crypto_unregister_all(std::int32_t id) {
  const Registered all = registered(id);
  for (const std::string& algorithm : all.algorithms) crypto_unregister(id, algorithm);
  for (const KeyAlgorithm algorithm : all.key_algorithms) crypto_unregister(id, algorithm);
}

double CryptoFramework::load(const Registered& registered, const std::string& algorithm) const {
  const auto sessions = static_cast<double>(registered.sessions);
  if (kernel_.costs.crypto_balance != CryptoBalance::rated_speed || !registered.driver->hardware()) return sessions;
  return (sessions + 1) / static_cast<double>(registered.driver->rated_speed(algorithm).count);
}

CryptoFramework::Registered* CryptoFramework::place(const std::string& algorithm, bool hardware_only) {
  Registered* best = nullptr;
  for (Registered& candidate : drivers_) {
    const bool hardware = candidate.driver->hardware();
    if (!candidate.algorithms.contains(algorithm) || (hardware_only && !hardware)) continue;
    // Among equals the last one registered wins, as the source's comparison has it.
    const bool better = best == nullptr || (hardware && !best->driver->hardware()) ||
                        (hardware == best->driver->hardware() && load(candidate, algorithm) <= load(*best, algorithm));
    if (better) best = &candidate;
  }
  return best;
}

SystemCallError CryptoFramework::no_session(const Registered* placed, const std::string& algorithm,
                                            bool hardware_only) {
  if (placed == nullptr) {
    return {EINVAL, fmt::format("no card{} of this machine has a session for {} (EINVAL)",
                                hardware_only ? "" : " and no software", algorithm)};
  }
  return {ENOMEM, fmt::format("{} has no memory for a session beside the {} that are open with it (ENOMEM); fewer "
                              "sessions at once, or a further card, would do",
                              placed->driver->name(), placed->sessions)};
}

CryptoFramework::Registered& CryptoFramework::place_with_room(const std::string& algorithm, bool hardware_only) {
  Registered* const placed = place(algorithm, hardware_only);
  if (placed == nullptr || placed->driver->free_sessions() == 0) throw no_session(placed, algorithm, hardware_only);
  return *placed;
}

void CryptoFramework::join(CryptoSession& session, Registered& registered) {
  const auto open = [](Registered& with) {
    ++with.sessions;
    with.driver->session_opened();
  };
  open(registered);
  session.driver = registered.driver;
  if (kernel_.costs.crypto_balance != CryptoBalance::pending_work || !session.driver->hardware()) return;
  for (Registered& other : drivers_) {
    if (&other == &registered || !other.driver->hardware() || !other.algorithms.contains(session.algorithm)) continue;
    if (other.driver->free_sessions() == 0) continue;
    open(other);
    session.also.push_back(other.driver);
  }
}

void CryptoFramework::leave(CryptoSession& session) {
  if (session.driver == nullptr) return;
  session.also.push_back(session.driver);
  for (CryptoDriver* driver : session.also) {
    --registered(*driver).sessions;
    driver->session_closed();
  }
  session.also.clear();
  session.driver = nullptr;
}

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

std::unique_ptr<CryptoSession> CryptoFramework::open(const std::string& algorithm, bool hardware_only) {
  auto session = std::make_unique<CryptoSession>(CryptoSession{algorithm, hardware_only});
  join(*session, place_with_room(algorithm, hardware_only));
  sessions_.insert(session.get());
  return session;
}

std::vector<std::unique_ptr<CryptoSession>> CryptoFramework::chain_of(const std::string& algorithm,
                                                                      bool hardware_only) {
  const auto is_hardware = [](const Registered* placed) { return placed != nullptr && placed->driver->hardware(); };
  std::vector<std::unique_ptr<CryptoSession>> chain;
  const auto parts = parts_of(algorithm);
  if (!parts || is_hardware(place(algorithm, hardware_only))) return chain;
  const Registered* const mac = place(parts->mac, hardware_only);
  const Registered* const cipher = place(parts->cipher, hardware_only);
  if (mac == nullptr || cipher == nullptr || (!is_hardware(mac) && !is_hardware(cipher))) return chain;
  chain.push_back(open(parts->mac, hardware_only));
  try {
    // Placed again: the card of the MAC has one session more now.
    chain.push_back(open(parts->cipher, hardware_only));
  } catch (const SystemCallError&) {
    crypto_freesession(std::move(chain.front()));
    throw;
  }
  return chain;
}

std::unique_ptr<CryptoSession> CryptoFramework::crypto_newsession(const std::string& algorithm, bool hardware_only) {
  if (kernel_.costs.crypto_chains_producers) {
    auto chain = chain_of(algorithm, hardware_only);
    if (!chain.empty()) {
      auto session = std::make_unique<CryptoSession>(CryptoSession{algorithm, hardware_only});
      session->chain = std::move(chain);
      return session;
    }
  }
  return open(algorithm, hardware_only);
}

Task<std::unique_ptr<CryptoSession>> CryptoFramework::open_session(const Context& context, std::string algorithm,
                                                                   bool hardware_only,
                                                                   std::optional<Bytes> key_length) {
  co_await copy_in_keys(kernel_, context, algorithm, key_length);
  co_await context.run(kernel_.costs.crypto_dispatch);
  co_return crypto_newsession(algorithm, hardware_only);
}

void CryptoFramework::crypto_freesession(std::unique_ptr<CryptoSession> session) {
  for (auto& link : session->chain) crypto_freesession(std::move(link));
  if (!session->chain.empty()) return;
  ensure(sessions_.erase(session.get()) == 1, "a session was freed that is not open");
  leave(*session);
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
