// The OpenBSD cryptographic framework, crypto(9) (Keromytis, Wright, de Raadt 2003; sys/crypto/crypto.c).
//
// Consumers open a session and dispatch requests; drivers register what they can do and process them. The crypto thread
// takes requests from a queue to the drivers and runs the completions; it is woken only when its queue was empty, and
// works at splimp, so that only interrupts of other levels reach it, until both queues are empty.
#pragma once

#include <cerrno>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cryptopath/record.hpp"
#include "engine/station.hpp"
#include "kernel/kernel.hpp"

namespace cryptopath::sim {

class CryptoDriver;

/// crypto_newsession(): one key with one driver.
struct CryptoSession {
  std::string algorithm;       // name of the suite, as drivers register it
  RecordTransform* transform;  // null with a modelled payload
  CryptoDriver* driver = nullptr;
};

/// struct cryptop with its descriptors: one record to protect.
struct CryptoRequest {
  const CryptoSession* session = nullptr;
  Frame frame;
  Segments source;       // the framed record
  Segments destination;  // of the same size; the same memory where the record is protected in place
  bool begins_buffer = true;
  int error = 0;  // an errno, valid once done
  bool done = false;
  WaitChannel* completion = nullptr;  // woken by crypto_done()'s callback
  Nanoseconds entered;
};

/// A producer: a card's driver, or the software one.
class CryptoDriver {
 public:
  virtual ~CryptoDriver() = default;
  virtual std::string name() const = 0;
  virtual bool hardware() const = 0;
  virtual bool supports(const std::string& algorithm) const = 0;
  /// How many more sessions it holds.
  virtual std::int64_t free_sessions() const = 0;
  virtual void session_opened() = 0;
  virtual void session_closed() = 0;
  /// Takes a request. Returns 0 when it will complete through CryptoFramework::done(), or the errno that it fails with.
  virtual Task<int> process(const Context& context, CryptoRequest& request) = 0;
};

class CryptoFramework {
 public:
  explicit CryptoFramework(Kernel& kernel);

  /// crypto_register().
  void register_driver(CryptoDriver& driver) { drivers_.push_back(&driver); }

  /// crypto_newsession(): hardware before software, the fewest sessions first. Throws InputError (EINVAL) when no
  /// driver has the algorithm.
  std::unique_ptr<CryptoSession> new_session(const std::string& algorithm, RecordTransform* transform);
  /// crypto_freesession().
  void free_session(std::unique_ptr<CryptoSession> session);

  /// crypto_dispatch(): queues the request; the thread will take it up.
  Task<> dispatch(const Context& context, CryptoRequest& request);
  /// crypto_done(): called by drivers, from an interrupt handler or the crypto thread.
  Task<> done(const Context& context, CryptoRequest& request, int error);

  /// crypto_proc(): the thread.
  Task<> run_thread();

  const Thread& thread() const { return thread_; }
  /// Its server is the thread.
  const Station& station() const { return station_; }
  /// Whoever dispatched so many requests has them back.
  void took_back(std::int64_t count) { taken_back_ += count; }
  std::int64_t taken_back() const { return taken_back_; }

 private:
  Task<> finish(const Context& context, CryptoRequest& request);

  Kernel& kernel_;
  std::vector<CryptoDriver*> drivers_;
  std::vector<std::int64_t> sessions_;  // open, by driver
  std::deque<CryptoRequest*> requests_;
  std::deque<CryptoRequest*> completed_;
  Thread thread_{"crypto", Priority::crypto_thread};
  WaitChannel work_{"crypto_wait"};
  Station station_;
  std::int64_t taken_back_ = 0;
};

/// Dispatches all of `requests` and sleeps until the last is done. Throws InputError naming the errno when one fails;
/// `call` is the system call that the process made.
Task<> run_requests(Kernel& kernel, CryptoFramework& framework, const Context& context,
                    std::vector<CryptoRequest>& requests, const std::string& call);

}  // namespace cryptopath::sim
