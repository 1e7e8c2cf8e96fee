// Of the framework: who can do what, and the sessions, with their placement.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "cryptopath/algorithm.hpp"
#include "kernel/openbsd/crypto.hpp"

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

}  // namespace cryptopath::sim
