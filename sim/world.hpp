// One simulated machine with its kernel, one process that sends a file, and the peer that receives it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "cryptopath/simulate.hpp"
#include "hardware/peer.hpp"
#include "kernel/datagrams.hpp"
#include "kernel/openbsd/cryptosoft.hpp"
#include "kernel/openbsd/hifn.hpp"
#include "kernel/process.hpp"
#include "kernel/tcp.hpp"
#include "latency_record.hpp"
#include "operational_laws.hpp"
#include "user/program_interpreter.hpp"

namespace cryptopath::sim {

class World final : private TransferLog {
 public:
  World(const RunSpec& run, Session session, Progress progress, WireObserver* observer);
  Result run();

 private:
  struct Card {
    Card(World& world, VertexIndex vertex);
    Accelerator device;
    HifnDriver driver;
    InterruptLine line;
  };

  void accepted(Nanoseconds began, Bytes plaintext) override;
  void connect_interrupts();
  void start_tasks();
  std::unique_ptr<Transport> make_transport();
  void finish_if_done();
  RunFigures figures(const Counts& counts) const;
  [[noreturn]] void report_stuck() const;
  Result make_result(Counts counts);

  const RunSpec& spec_;
  Progress progress_;
  Clock clock_;
  Ledger ledger_;
  Buses buses_;
  Interconnect interconnect_;
  Cache cache_;
  BufferPool memory_;
  Processor processor_;
  Kernel kernel_;

  FileSource source_;
  std::optional<RecordTransform> transform_;
  Protection protection_;
  std::unique_ptr<WireVerifier> verifier_;

  Nic nic_;
  PeerHost peer_;
  std::unique_ptr<Disk> disk_;
  NicDriver nic_driver_;
  CryptoFramework framework_;
  SoftwareDriver software_;
  std::vector<std::unique_ptr<Card>> cards_;
  PageCache page_cache_;
  std::unique_ptr<Transport> transport_;
  Socket socket_;
  CryptoDevice crypto_device_;
  Process process_;
  CryptoLibrary library_;
  ProgramInterpreter interpreter_;
  std::vector<std::unique_ptr<InterruptLine>> lines_;

  LatencyRecord latencies_;
  Bytes accepted_;
  Bytes reported_;
  bool process_ended_ = false;
  std::optional<Nanoseconds> elapsed_;
  Counts counts_;
  Nursery tasks_;  // last, so that no task outlives what it uses
};

}  // namespace cryptopath::sim
