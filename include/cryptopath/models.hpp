// What hardware and kernels cost: plain data, read from models/*.json, where every number carries its unit and its
// origin. Nothing here knows a clock or a file format.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "cryptopath/units.hpp"

namespace cryptopath {

struct ProcessorModel {
  Hertz clock;
  Bytes cache;              // of the last level; copies between cached buffers do not touch memory
  std::int64_t cache_ways;  // of each of its sets
  NanosecondsPerByte copy;  // copying from cache to cache
  NanosecondsPerByte zero;  // clearing memory that is in the cache
  BitsPerSecond miss_rate;  // what one processor draws from an idle memory when every line misses
};

struct MemoryModel {
  Bytes size;
  BitsPerSecond bandwidth;  // sustained, reads and writes together
};

struct PciSegmentModel {  // half duplex, shared: one transfer of data at a time crosses it
  int width_bits = 32;    // of the widest slot
  Hertz clock;            // of the segment; a slower card slows the whole segment
  Bytes burst;            // what a master moves in one transaction
  Cycles read_overhead;   // arbitration, address, turnaround and the bridge's first-word latency, a read transaction
  Cycles write_overhead;  // the same for a write transaction
};

struct BridgeModel {
  Cycles latency;  // added to each transaction that crosses it, in cycles of the segment below
};

struct DiskModel {
  Nanoseconds positioning;  // average seek and rotation before a read that does not follow the last one
  BitsPerSecond rate;       // of the media
  Bytes read_ahead;         // what one request fetches
};

/// The PCI interface of a card; what it plugs into may be wider or faster.
struct PciInterface {
  int width_bits = 32;
  Hertz clock;
};

struct NicModel {
  PciInterface pci;
  std::int64_t transmit_ring = 0;  // descriptors; one a packet
  std::int64_t receive_ring = 0;
  std::int64_t coalesced_packets = 0;            // an interrupt after so many packets, transmitted or received,
  Nanoseconds coalescing_delay;                  // or so long after the first of them
  bool checksum_offload = false;                 // TCP checksum by the card
  Bytes maximum_packet;                          // MTU: IP header and payload
  std::map<std::string, BitsPerSecond> engines;  // by transform, as AcceleratorModel::engines; empty: no cipher
  Nanoseconds setup;                             // per record, in the engine
};

struct WireModel {  // full duplex
  BitsPerSecond rate;
  Nanoseconds propagation;      // cable, both PHYs and the peer's card
  Bytes framing;                // preamble, Ethernet header, FCS and gap a packet
  Nanoseconds peer_turnaround;  // from a segment's arrival to the peer's acknowledgement
  Bytes peer_receive_window;
};

/// What a model's count is where nothing limits it.
inline constexpr std::int64_t no_limit = std::int64_t{1} << 62;

/// What a chip works on public keys with: ubsec, units with a queue of commands of their own (MCR2); lofn and nofn, an
/// arithmetic unit (ALU) with registers that the processor fills.
struct KeyEngineModel {
  std::int64_t units = 0;              // that work in parallel, each on one operation; 0: the card has none
  std::int64_t commands = 0;           // that the chip holds, of one operation each
  Nanoseconds modular_exponentiation;  // of one unit, modulus and exponent of 1024 bits; others grow with the exponent
                                       // and with the modulus squared, or with the modulus where registers_wide
  std::int64_t largest_modulus = 0;    // bits; what lofn's and nofn's registers hold stands in the driver
  bool normalizes = true;              // ubsec: otherwise the driver has to, and exponents are as long as the modulus
  bool registers_wide = false;         // lofn, nofn: adds whole registers, whatever the number's size
  Cycles driver_submit;                // of the host's processor, an operation: as AcceleratorModel's
  Cycles driver_complete;
};

/// An accelerator. Those of hifn(4) and ubsec(4) move data by DMA: the first polls rings of descriptors in host memory,
/// the other is told of commands of several packets (MCRs). Those of lofn(4) and nofn(4) have public keys alone.
struct AcceleratorModel {
  std::string driver;  // "hifn", "ubsec", "lofn" or "nofn": what of the card is code; "none" where no kernel knows it
  PciInterface pci;
  std::int64_t command_ring = 0;             // hifn: operations that the rings hold; ubsec: MCRs in the chip
  std::int64_t source_ring = no_limit;       // hifn: descriptors of input segments
  std::int64_t destination_ring = no_limit;  // hifn: descriptors of output segments
  std::int64_t result_ring = no_limit;       // hifn
  std::int64_t packets_per_command = 1;      // ubsec: what one MCR takes
  std::int64_t queue = 0;                    // ubsec: requests in driver and chip; a further one gets ENOMEM
  Bytes command_bytes;                       // read before each command, beside descriptors and data: hifn's command
                                             // and IV, ubsec's MCR with its first packet
  Bytes packet_bytes;                        // ubsec: read for each further packet of an MCR
  Bytes context_bytes;                       // ubsec: read for each packet
  Bytes result_bytes;                        // written after each command
  Bytes descriptor_bytes;                    // one descriptor, read over PCI
  Nanoseconds poll_interval;                 // hifn: how often an idle card looks for a new descriptor
  std::int64_t fetch_ahead = 0;              // operations that are read while the engine works on another one
  Nanoseconds setup;                         // per operation, in the engine
  Bytes fifo;                                // the engine starts when so much has arrived
  std::int64_t sessions = no_limit;          // that the card's memory holds; ubsec: they live on the host
  Bytes largest_request;
  Cycles driver_submit;                          // of the host's processor: what the driver does to hand over a request
  Cycles driver_complete;                        // and to take it back, in the handler
  std::map<std::string, BitsPerSecond> engines;  // by algorithm (algorithm.hpp); what is absent it cannot do
  KeyEngineModel key_engine;                     // ubsec; of lofn and nofn it is all
};

/// How the crypto framework shares its work among cards: a new session goes to the card with the fewest, as in the
/// source, or with the fewest for its engine's rate; or each request to the card that has the least work pending for
/// its rate, for which a session is opened with every card that has room (Keromytis et al. 2006, 6.4).
enum class CryptoBalance : std::uint8_t { sessions, rated_speed, pending_work };

/// Processor time that kernel code takes, beside copies and transforms.
struct KernelModel {
  std::string family;       // "openbsd": which simulated kernel
  Nanoseconds system_call;  // entry and exit together
  Nanoseconds process_switch;
  Nanoseconds wakeup;
  Nanoseconds interrupt;              // entry and exit; the controller's and the handler's own work are apart
  Nanoseconds isa_write;              // a write to the interrupt controller, on the ISA bus
  Nanoseconds device_register_read;   // of a register read, what is not on a bus; the processor waits for both
  Nanoseconds device_register_write;  // a posted register write
  Nanoseconds file_lookup;            // open(2): name lookup
  Nanoseconds file_read;              // per read(2) or sendfile step: buffer-cache lookup, uiomove set-up
  Nanoseconds crypto_dispatch;        // crypto_dispatch() and the crypto thread's work per request, each
  Nanoseconds crypto_callback;        // completion per request
  Nanoseconds engine_call;            // user mode, OpenSSL's EVP and its cryptodev engine around one ioctl
  Nanoseconds record_framing;         // header, IV and padding of one record, in the kernel or the user's library
  Nanoseconds kernel_malloc;          // malloc(9) and free(9) together
  Bytes malloc_free_lists;            // up to so much comes from free lists; more is mapped anew, page by page
  Nanoseconds malloc_page;            // mapping and unmapping one such page
  Nanoseconds socket_send;            // sosend() per call
  Nanoseconds tcp_output;             // per segment, to the driver's ring included
  Nanoseconds tcp_input;              // per acknowledgement
  Nanoseconds datagram_output;        // per UDP or ESP packet, to the driver's ring included
  NanosecondsPerByte checksum;        // of TCP or UDP in software
  Nanoseconds quantum;                // round robin among user processes
  Nanoseconds hardclock;              // from one of its interrupts to the next
  Nanoseconds hardclock_handler;      // with what softclock() finds to do
  Nanoseconds statclock;              // from one of its interrupts to the next, on average
  Nanoseconds statclock_handler;
  Bytes send_buffer;        // so_snd.sb_hiwat unless the program sets it
  Bytes send_buffer_limit;  // sb_max
  Bytes mbuf_cluster;
  Bytes page;
  Bytes crypto_request_limit;  // CIOCCRYPT
  /// From this size on CIOCCRYPT maps the pages of a process's buffer into the kernel, and back when it is done, in
  /// place of copying it (Keromytis et al. 2006, 6.4); each time at malloc_page's cost a page. Nothing: it copies.
  std::optional<Bytes> page_flipping_from = {};
  Bytes software_below = {};  // requests of less the framework gives to the software driver (6.4)
  CryptoBalance crypto_balance = CryptoBalance::sessions;
  /// A session for cipher and MAC that no card has together is two sessions, each with its best driver, and a request
  /// goes through one after the other (6.4), unless neither would be a card's.
  bool crypto_chains_producers = false;
  Bytes crypto_iovecs;           // a session's array of iovecs, zeroed at each CIOCCRYPT
  bool sendfile_copies = false;  // sendfile reads the file into a buffer of its own first
  bool completion_in_interrupt =
      false;  // completions run in the handler, as the 2001 code, instead of the crypto thread
};

/// What public-key operations take in software, by operation (public_key.hpp) and bits of the modulus.
using SoftwarePublicKeys = std::map<std::string, std::map<std::int64_t, Cycles>>;

/// A transform in software.
struct SoftwareCipherModel {
  CyclesPerByte per_byte;
  Cycles per_record;
};

}  // namespace cryptopath
