// The OpenBSD cryptographic framework, crypto(9) (Keromytis, Wright, de Raadt 2003; Keromytis et al. 2006, section 3
// and appendix A; sys/crypto/crypto.c).
//
// Consumers open a session and dispatch requests; drivers register what they can do and process them. The calls have
// the names of the article's appendix. The crypto thread takes requests from a queue to the drivers and runs the
// completions; it is woken only when its queue was empty, and works at splimp, so that only interrupts of other levels
// reach it, until both queues are empty.
//
// Public-key operations have queues of their own beside those of requests, and neither sessions nor balancing: the
// first driver that has the operation takes it.
//
// Where the kernel chains producers, a session for cipher and MAC that no card has together is virtual: two sessions in
// order, the MAC first, as TLS and SSH have it, and each request goes through both before its consumer is called back.
//
// A driver may unregister an algorithm at any time; with the last one it has left. The algorithm's sessions then have
// no driver until their next request, which finds them another one and comes back with EAGAIN, to be dispatched again.
#pragma once

#include <algorithm>
#include <cerrno>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "engine/station.hpp"
#include "kernel/kernel.hpp"
#include "kernel/openbsd/key_request.hpp"

namespace cryptopath::sim {

class CryptoDriver;
class CryptoFramework;

/// What crypto_newsession() made: an algorithm and key with one driver.
struct CryptoSession {
  std::string algorithm;                 // as drivers register it
  bool hardware_only = false;            // no software may serve it
  CryptoDriver* driver = nullptr;        // null: it has left
  std::vector<CryptoDriver*> also = {};  // further ones that it is open with, to balance by pending work
  std::vector<std::unique_ptr<CryptoSession>> chain = {};  // what it is made of where it is virtual, in order

  bool open_with(CryptoDriver& one) const { return driver == &one || std::ranges::count(also, &one) > 0; }
};

/// struct cryptop with its descriptors: what to run, over which memory.
struct CryptoRequest {
  CryptoSession* session = nullptr;
  Segments source;
  Segments destination;  // of the same size, or a MAC's place; empty where the work is done in place
  Bytes processed;       // what cipher and MAC run over
  /// Runs them on real bytes, those of source; empty with a modelled payload.
  std::function<void(std::span<std::byte>)> transform;
  bool begins_buffer = true;
  bool done = false;
  int error = 0;                                    // an errno, valid once done
  CryptoDriver* producer = nullptr;                 // that has it in work
  std::size_t link = 0;                             // of a virtual session's chain, that it is at
  Segments mac = {};                                // of a virtual session: where the first of them leaves the MAC
  std::unique_ptr<const std::string> refusal = {};  // why its session found no other driver when its own had left
  WaitChannel* completion = nullptr;                // woken by crypto_done()'s callback
  Nanoseconds entered;

  /// What drivers serve: its session, or the link of the chain that it is at.
  CryptoSession& served() const { return session->chain.empty() ? *session : *session->chain.at(link); }
  bool has_further_links() const { return link + 1 < session->chain.size(); }
  const Segments& output() const {
    if (has_further_links()) return mac;
    return destination.empty() ? source : destination;
  }
};

/// A producer: a card's driver, or the software one. It registers its algorithms by the id that it gets.
class CryptoDriver {
 public:
  explicit CryptoDriver(CryptoFramework& framework);
  CryptoDriver(const CryptoDriver&) = delete;
  CryptoDriver& operator=(const CryptoDriver&) = delete;
  virtual ~CryptoDriver() = default;

  std::int32_t id() const { return id_; }
  virtual std::string name() const = 0;
  virtual bool hardware() const = 0;
  /// Of its engine for an algorithm that it has registered; 0 for the software driver, which is not balanced with
  /// others.
  virtual BitsPerSecond rated_speed(const std::string& algorithm) const = 0;
  /// How many more sessions it holds.
  virtual std::int64_t free_sessions() const = 0;
  virtual void session_opened() = 0;
  virtual void session_closed() = 0;
  /// Takes a request, where it has registered an algorithm. Returns 0 when it will complete through crypto_done(), or
  /// the errno that it fails with.
  virtual Task<int> process(const Context& context, CryptoRequest& request);

  /// For the message about a request that it has refused: what it takes. Empty where that is anything.
  virtual std::string limits() const { return {}; }

  /// The same of a public-key operation; the other end is crypto_kdone().
  virtual Task<int> kprocess(const Context& context, KeyRequest& request);

 protected:
  CryptoFramework& framework() { return framework_; }

 private:
  CryptoFramework& framework_;
  const std::int32_t id_;
};

/// What a process hands over for a session: struct session_op, or an option of that form, and the keys that it points
/// to. Throws SystemCallError (EINVAL) where the first of them is `key_length` long and the kernel takes none of that.
Task<> copy_in_keys(Kernel& kernel, const Context& context, std::string algorithm,
                    std::optional<Bytes> key_length = std::nullopt);

class CryptoFramework {
 public:
  explicit CryptoFramework(Kernel& kernel);

  /// An id for a driver, which has nothing registered yet. None is given twice.
  std::int32_t crypto_get_driverid(CryptoDriver& driver);
  void crypto_register(std::int32_t id, const std::string& algorithm);
  void crypto_kregister(std::int32_t id, KeyAlgorithm algorithm);
  /// Of an algorithm that is registered. What the driver has in work it completes. When it was the last one, nothing
  /// more comes to the driver: it has left.
  void crypto_unregister(std::int32_t id, const std::string& algorithm);
  void crypto_unregister(std::int32_t id, KeyAlgorithm algorithm);
  /// The same of all that are, as opencrypto(9) has it.
  void crypto_unregister_all(std::int32_t id);

  /// Hardware before software, the fewest sessions first, the last registered of equals. Throws
  /// SystemCallError: EINVAL when no driver has the algorithm, ENOMEM when that one's card has no memory for a further
  /// session, whatever room there is with others.
  std::unique_ptr<CryptoSession> crypto_newsession(const std::string& algorithm, bool hardware_only = false);
  /// The same within a system call of a process, which hands over the keys. Throws as copy_in_keys() too.
  Task<std::unique_ptr<CryptoSession>> open_session(const Context& context, std::string algorithm,
                                                    bool hardware_only = false,
                                                    std::optional<Bytes> key_length = std::nullopt);
  void crypto_freesession(std::unique_ptr<CryptoSession> session);

  /// Queues the request; the thread will take it up.
  Task<> crypto_dispatch(const Context& context, CryptoRequest& request);
  /// Called by drivers, from an interrupt handler or the crypto thread.
  Task<> crypto_done(const Context& context, CryptoRequest& request, int error);

  /// The same for a public-key operation. It fails with ENODEV when no driver has it.
  Task<> crypto_kdispatch(const Context& context, KeyRequest& request);
  Task<> crypto_kdone(const Context& context, KeyRequest& request, int error);

  /// crypto_proc(): the thread.
  Task<> run_thread();

  const Thread& thread() const { return thread_; }
  /// Its server is the thread.
  const Station& station() const { return station_; }
  /// Whoever dispatched so many requests has them back.
  void took_back(std::int64_t count) { taken_back_ += count; }
  std::int64_t taken_back() const { return taken_back_; }

 private:
  struct Registered {
    CryptoDriver* driver;
    std::set<std::string> algorithms = {};
    std::set<KeyAlgorithm> key_algorithms = {};
    std::int64_t sessions = 0;  // open
    Bytes pending = {};         // handed over and not done
  };
  /// The best driver for a new session, or null. Whether it has room is not looked at, as in the source.
  Registered* place(const std::string& algorithm, bool hardware_only);
  /// The same. Throws as crypto_newsession().
  Registered& place_with_room(const std::string& algorithm, bool hardware_only);
  static SystemCallError no_session(const Registered* placed, const std::string& algorithm, bool hardware_only);
  Registered& registered(std::int32_t id) { return drivers_.at(static_cast<std::size_t>(id)); }
  Registered& registered(const CryptoDriver& driver) { return registered(driver.id()); }
  /// By sessions, for placing one more.
  double load(const Registered& registered, const std::string& algorithm) const;
  /// Who takes the request: the session's driver, or another one as the kernel's settings have it.
  Registered& producer_for(const CryptoRequest& request);
  void work_ended(const CryptoRequest& request);
  /// The two sessions of a virtual one for cipher and MAC, the MAC's first; empty where it is to be one session.
  std::vector<std::unique_ptr<CryptoSession>> chain_of(const std::string& algorithm, bool hardware_only);
  std::unique_ptr<CryptoSession> open(const std::string& algorithm, bool hardware_only);
  void join(CryptoSession& session, Registered& registered);
  void leave(CryptoSession& session);
  /// crypto_invoke(): hands the request to its driver, or its session to another one. Returns the request's errno.
  Task<int> invoke(const Context& context, CryptoRequest& request);
  /// crypto_kinvoke(): to the first driver that has the operation.
  Task<int> invoke(const Context& context, KeyRequest& request);
  /// The consumer's callback.
  template <class Request>
  Task<> finish(const Context& context, Request& request);

  // What is the same for both kinds of request: what crypto_dispatch() and crypto_done() do, and what the thread does
  // with the first of a queue.
  template <class Request>
  Task<> accept(const Context& context, std::deque<Request*>& requests, Request& request);
  template <class Request>
  Task<> complete(const Context& context, std::deque<Request*>& completed, Request& request, int error);
  template <class Request>
  Task<> hand_over(const Context& context, std::deque<Request*>& requests, std::deque<Request*>& completed);
  template <class Request>
  Task<> call_back(const Context& context, std::deque<Request*>& completed);
  /// Wakes the thread if the queue was empty.
  template <class Request>
  Task<> enqueue(const Context& context, std::deque<Request*>& queue, Request& request);

  Kernel& kernel_;
  std::vector<Registered> drivers_;  // by id
  std::set<CryptoSession*> sessions_;
  std::deque<CryptoRequest*> requests_;
  std::deque<CryptoRequest*> completed_;
  std::deque<KeyRequest*> key_requests_;
  std::deque<KeyRequest*> key_completed_;
  Thread thread_{"crypto"};
  WaitChannel work_{"crypto_wait", Priority::lock};
  Station station_;
  std::int64_t taken_back_ = 0;
};

/// Throws SystemCallError when one has failed; `call` is the system call that the process made.
void throw_if_failed(const std::vector<CryptoRequest>& requests, const char* call);

/// Dispatches all of `requests` and sleeps until the last is done. Throws as throw_if_failed().
Task<> run_requests(Kernel& kernel, CryptoFramework& framework, const Context& context,
                    std::vector<CryptoRequest>& requests, const char* call);

}  // namespace cryptopath::sim
