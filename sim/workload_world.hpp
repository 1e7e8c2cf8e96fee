// One simulated machine on which processes ask /dev/crypto for one operation after the other, as `openssl speed` does
// with its cryptodev engine (Keromytis et al. 2006, 5.2 and 5.4).
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cryptopath/workload.hpp"
#include "host.hpp"
#include "kernel/process.hpp"
#include "latency_record.hpp"
#include "user/public_key.hpp"

namespace cryptopath::sim {

class WorkloadWorld {
 public:
  explicit WorkloadWorld(const WorkloadSpec& spec);
  Result run();

 private:
  struct Moment {  // what was observed up to an instant
    Nanoseconds instant;
    Counts counts;
    std::map<std::string, double> busy;  // in nanoseconds, by resource
  };
  /// One of those that do the operations.
  struct Worker : Process {
    using Process::Process;
    bool served = false;  // an operation of it has ended in the measured time
  };
  /// A process's life.
  Task<> work(Worker& process);
  /// Its operations, of the kind that is asked for, until the measured time is over.
  Task<> operate(Worker& process);
  Task<> encipher(Worker& process);
  /// With several calls in work at a time.
  Task<> encipher_ahead(Worker& process);
  Task<> encipher_in_user_mode(Worker& process);
  // Apart, so that what they wait with is not kept as long as the process enciphers.
  Task<> open_sessions(Process& process);
  Task<> close_sessions(Process& process);
  Task<> use_public_keys(Worker& process);
  Task<> use_public_keys_in_user_mode(Worker& process, const PublicKeyLoad& load);
  /// An operation that began then has ended: counts it, in the measured time.
  void completed(Worker& process, Nanoseconds began);
  /// What is taken from the machine at an instant: a card, or an algorithm of one.
  Task<> leave(VertexIndex card, std::optional<std::string> algorithm, Nanoseconds instant);
  /// Cuts the warm-up and ends the measured time: after the duration, or when the hog has computed for so long.
  Task<> measure();
  Moment observe();
  Result make_result();

  const WorkloadSpec& spec_;
  Host host_;
  std::deque<Worker> processes_;
  Process hog_;
  const std::vector<CryptoOperation> operations_;  // of a call, the same of every process
  EngineCalls engine_calls_;                       // of a public-key operation, the same of every process
  std::int64_t running_;
  bool measured_ = false;  // its time is over: each process ends with its request
  std::optional<Moment> begin_;
  std::optional<Moment> end_;
  std::int64_t completed_ = 0;  // requests or operations, in the measured time
  std::int64_t served_ = 0;     // of the processes
  std::vector<std::string> remarks_;
  LatencyRecord latencies_;
  Nursery tasks_;  // last, so that no task outlives what it uses
};

}  // namespace cryptopath::sim
