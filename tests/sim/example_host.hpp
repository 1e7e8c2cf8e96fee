// A small machine with all its devices and its kernel, in round numbers: PCI segments move 1 B/ns without overhead, the
// wire 1/8 B/ns, memory 8 B/ns, and kernel code takes no time unless a test gives it some.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "hardware/peer.hpp"
#include "kernel/openbsd/card_driver.hpp"
#include "kernel/openbsd/crypto_processor.hpp"
#include "kernel/tcp.hpp"
#include "kernel/transfer_process.hpp"

namespace cryptopath::test {

/// What a test may change of the machine before it is made.
struct HostModels {
  HostModels();
  KernelModel kernel;
  ProcessorModel processor;
  MemoryModel memory;
  PciSegmentModel card_segment;
  PciSegmentModel nic_segment;
  AcceleratorModel card;
  std::size_t cards = 1;
  std::string card_interrupt;  // the line that the machine's cards share; empty: each its own
  bool crypto_processor = false;
  NicModel nic;
  WireModel wire;
  DiskModel disk;
  std::map<std::string, SoftwareCipherModel> ciphers;
  FileToSend file;
  bool real_bytes = false;
  bool no_delay = false;
};

Machine example_machine(const HostModels& models);
/// Makes the card one of ubsec's family with room for one command of up to five requests in the chip.
void make_ubsec(AcceleratorModel& card);

inline constexpr const char* cipher_name = "3des-ede-cbc-hmac-sha1";

class ExampleHost {
 public:
  explicit ExampleHost(HostModels models = {});

  /// Starts `body` as what the process does, and all devices, and runs until nothing is left to do.
  void run(sim::Task<> body);
  /// The same without a process.
  void run_devices();

  struct Card {
    Card(ExampleHost& host, VertexIndex vertex);
    sim::Accelerator device;
    std::unique_ptr<sim::CardDriver> driver;
    sim::InterruptLine line;
  };

  const HostModels models;
  const Machine machine;
  sim::Clock clock;
  Ledger ledger;
  sim::Buses buses{clock};
  sim::Interconnect interconnect{buses, ledger, machine};
  sim::Cache cache{models.processor.cache};
  sim::BufferPool memory{models.real_bytes};
  sim::Processor processor{
      clock,
      buses,
      ledger,
      {models.kernel.process_switch, models.kernel.interrupt, models.kernel.quantum, models.kernel.isa_write},
      1};
  sim::Kernel kernel{clock, ledger, processor, interconnect, buses, cache, memory, models.kernel, models.processor};
  sim::FileSource source{models.file, 1};
  sim::Protection protection{RecordFraming({Protocol::tls_1_2, Suite::triple_des_cbc_hmac_sha1}, 0), nullptr,
                             cipher_name};
  sim::Nic nic{clock, ledger, interconnect, cache, machine, machine.find("nic0"), models.real_bytes};
  sim::PeerHost peer{clock, nic, nullptr};
  sim::Disk disk{clock, interconnect, machine, machine.find("disk0")};
  sim::NicDriver nic_driver{kernel, nic};
  sim::CryptoFramework framework{kernel};
  sim::SoftwareDriver software{kernel, framework, models.ciphers};
  std::unique_ptr<sim::CryptoProcessor> crypto_processor;
  std::vector<std::unique_ptr<Card>> cards;
  sim::PageCache page_cache{kernel, source, models.file.size, models.file.in_page_cache, &disk};
  sim::TcpConnection tcp{kernel, nic_driver, models.kernel.send_buffer, models.no_delay};
  sim::Socket socket{kernel, tcp, framework, protection};
  sim::TransferProcess process{kernel, framework, "process", page_cache, socket};
  sim::InterruptLine nic_line{"nic0", [this] { return nic_driver.on_interrupt(); }};
  sim::InterruptLine disk_line{"disk0", [this] { return page_cache.on_disk_interrupt(); }};
  Nanoseconds ended;          // when the process did; the last timer may expire later
  sim::Nursery tasks{clock};  // last, so that no task outlives what it uses

 private:
  sim::Task<> live(sim::Task<> body);
};

/// A request for `size` bytes in so many pieces of memory, worked on in place.
sim::CryptoRequest make_request(ExampleHost& host, sim::CryptoSession& session, Bytes size, std::int64_t segments = 1);
/// What the host's process does in the kernel: dispatches all at once and waits until the last is done.
sim::Task<> dispatch_all(ExampleHost& host, std::vector<sim::CryptoRequest>& requests);
/// The same with `count` requests of 1 KiB, of which none may fail.
sim::Task<> dispatch_some(ExampleHost& host, sim::CryptoSession& session, int count);

}  // namespace cryptopath::test
