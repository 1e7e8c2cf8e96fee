// One simulated machine with its kernel, one process that sends a file, and the peer that receives it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "cryptopath/simulate.hpp"
#include "hardware/peer.hpp"
#include "host.hpp"
#include "kernel/datagrams.hpp"
#include "kernel/tcp.hpp"
#include "kernel/transfer_process.hpp"
#include "latency_record.hpp"
#include "user/program_interpreter.hpp"

namespace cryptopath::sim {

class World final : private TransferLog {
 public:
  World(const RunSpec& run, Session session, Progress progress, WireObserver* observer);
  Result run();

 private:
  void accepted(Nanoseconds began, Bytes plaintext) override;
  void connect_interrupts();
  void start_tasks();
  std::unique_ptr<Transport> make_transport();
  void finish_if_done();
  RunFigures figures(const Counts& counts) const;
  TransferFigures transfer_figures() const;
  [[noreturn]] void report_stuck() const;
  Result make_result(Counts counts);

  const RunSpec& spec_;
  Progress progress_;
  WireObserver* observer_;
  Host host_;

  FileSource source_;
  std::optional<RecordTransform> transform_;
  Protection protection_;
  std::unique_ptr<WireVerifier> verifier_;

  Nic nic_;
  PeerHost peer_;
  std::unique_ptr<Disk> disk_;
  NicDriver nic_driver_;
  PageCache page_cache_;
  std::unique_ptr<Transport> transport_;
  Socket socket_;
  TransferProcess process_;
  CryptoLibrary library_;
  ProgramInterpreter interpreter_;

  LatencyRecord latencies_;
  Bytes accepted_;
  Bytes reported_;
  bool process_ended_ = false;
  std::optional<Nanoseconds> elapsed_;
  Counts counts_;
  Nursery tasks_;  // last, so that no task outlives what it uses
};

}  // namespace cryptopath::sim
