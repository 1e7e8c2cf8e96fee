// The machine's buses at work: DMA over the routes that the machine's graph gives, processor cache misses, register
// accesses.
//
// A PCI transfer first holds each segment on its way for what it wastes of it (arbitration, the first word's latency,
// turnaround, lanes that a narrow card leaves unused), all at the same time, since bridges pass on while they take in;
// then it moves its bytes and descriptors over the whole route at once, sharing every bus with whatever else crosses
// it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cryptopath/ledger.hpp"
#include "cryptopath/machine.hpp"
#include "engine/bus.hpp"
#include "engine/task.hpp"

namespace cryptopath::sim {

/// Seen from the host, as the ledger counts.
enum class DmaDirection : std::uint8_t { host_to_device, device_to_host, device_to_device };

/// Data that moves in two parts is one transfer; TCP acknowledgements are counted apart.
enum class DmaContent : std::uint8_t { data, rest_of_data, acknowledgement };

class Interconnect {
 public:
  Interconnect(Buses& buses, Ledger& ledger, const Machine& machine);

  using Path = std::size_t;
  /// The way of a device's DMA; made before the buses are sealed. One end is a device, the other memory or a device.
  Path path(VertexIndex from, VertexIndex to);
  /// Puts `size` bytes on the wire, outgoing or returning: one packet a direction at a time. Nobody shares a direction
  /// with its one sender, so that this takes no bus.
  Task<> send(Bytes size);
  Task<> receive(Bytes size);
  /// What the processor's cache misses cross: its own limit, then memory.
  RouteIndex processor_to_memory() const { return processor_to_memory_; }

  /// One more processor on the front side bus; made before the buses are sealed. Returns what its misses cross.
  RouteIndex add_processor(const std::string& name, BitsPerSecond miss_rate);

  /// Moves `size` bytes of data (0 for none) together with `descriptors` reads or writes of control structures that are
  /// `descriptor_bytes` in all and count for memory in the direction of the data. Resumes when the last byte is there.
  Task<> dma(Path path, Bytes size, std::int64_t descriptors, Bytes descriptor_bytes,
             DmaContent content = DmaContent::data);
  /// The time of such a transfer on idle buses.
  Nanoseconds uncontended(Path path, Bytes size, std::int64_t descriptors = 0, Bytes descriptor_bytes = {}) const;
  /// What the processor's cache holds changed is written back as a device reads it, line by line: it loads memory
  /// beside the device's DMA, which begins at the same time.
  void write_back(Bytes dirty);
  /// What a processor's read of a device's register loads on the buses of its way, one after the other, while the
  /// processor waits. Account for each load with account_read() when it has crossed.
  struct RegisterRead {
    RouteIndex route = 0;
    Bytes load;
    VertexIndex segment = 0;
  };
  std::vector<RegisterRead> read_register(VertexIndex device);
  void account_read(const RegisterRead& read);
  /// It writes one, which is posted: nobody waits for it.
  void write_register(VertexIndex device);

  VertexIndex processor() const { return processor_; }
  VertexIndex memory() const { return memory_; }

  /// What each bus carried, beside what `counts` account for.
  std::vector<BusFigures> figures(const Counts& counts) const;

 private:
  struct Crossing {  // of a PCI segment
    Interconnect* interconnect = nullptr;
    std::size_t bus = 0;
    RouteIndex alone = 0;
    BusAccount account;
    Bytes burst;
    double wasted_per_transaction = 0;  // bytes of the segment's full width and clock
    double wasted_per_byte = 0;         // by lanes that the card does not have
  };
  struct Way {
    DmaDirection direction{};
    RouteIndex data = 0;
    std::vector<Crossing> crossings;
  };
  /// Loads each segment with what a transfer wastes of it, and waits for the slowest.
  Task<> waste(Way& way, Bytes size, std::int64_t descriptors, Bytes descriptor_bytes);
  Bytes wasted(const Crossing& crossing, Bytes size, std::int64_t descriptors, Bytes descriptor_bytes) const;
  const PciInterface* pci_of(VertexIndex device) const;

  Buses& buses_;
  Ledger& ledger_;
  const Machine& machine_;
  VertexIndex processor_ = 0;
  VertexIndex memory_ = 0;
  std::string wire_name_;
  BitsPerSecond wire_rate_;
  BusAccount wire_account_;
  Bytes wire_carried_;  // outgoing
  RouteIndex processor_to_memory_ = 0;
  std::map<VertexIndex, std::size_t> bus_of_;
  std::map<VertexIndex, RouteIndex> alone_;
  std::map<VertexIndex, BusAccount> accounts_;
  std::map<std::size_t, Bytes> wasted_;        // by bus: loads that move no byte of the ledger's
  std::map<std::size_t, Bytes> by_processor_;  // register accesses, which the ledger has and the link does not
  RouteIndex memory_alone_ = 0;
  const std::vector<VertexIndex>& register_route(VertexIndex device);
  std::map<VertexIndex, std::vector<VertexIndex>> register_routes_;
  std::vector<Way> ways_;
};

}  // namespace cryptopath::sim
