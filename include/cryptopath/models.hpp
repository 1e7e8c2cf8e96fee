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
  NanosecondsPerByte copy;  // copying from cache to cache
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

/// An accelerator that works through rings of descriptors in host memory (hifn(4)).
struct AcceleratorModel {
  std::string driver;  // "hifn": what of the card is code
  PciInterface pci;
  std::int64_t command_ring = 0;      // operations that the rings hold; a further one gets ENOMEM
  std::int64_t source_ring = 0;       // descriptors of input segments
  std::int64_t destination_ring = 0;  // descriptors of output segments
  std::int64_t result_ring = 0;
  Bytes command_bytes;        // moved from memory before each operation, beside the data
  Bytes result_bytes;         // moved to memory after each operation
  Bytes descriptor_bytes;     // one descriptor, read over PCI
  Nanoseconds poll_interval;  // how often an idle card looks for a new descriptor
  Nanoseconds setup;          // per operation, in the engine
  Bytes fifo;                 // the engine starts when so much has arrived
  std::int64_t sessions = 0;  // that the card's memory holds
  Bytes largest_request;
  std::map<std::string, BitsPerSecond> engines;  // by transform: "3des-ede-cbc-hmac-sha1"; what is absent it cannot do
};

/// Processor time that kernel code takes, beside copies and transforms.
struct KernelModel {
  std::string family;       // "openbsd": which simulated kernel
  Nanoseconds system_call;  // entry and exit together
  Nanoseconds process_switch;
  Nanoseconds wakeup;
  Nanoseconds interrupt;              // entry, interrupt controller, exit; the handler's own work is apart
  Nanoseconds device_interrupt_read;  // a register read over PCI, processor waiting
  Nanoseconds device_register_write;  // a posted register write
  Nanoseconds file_lookup;            // open(2): name lookup
  Nanoseconds file_read;              // per read(2) or sendfile step: buffer-cache lookup, uiomove set-up
  Nanoseconds crypto_dispatch;        // crypto_dispatch() and the crypto thread's work per request, each
  Nanoseconds crypto_driver;          // the driver's work per request: descriptors, dma maps
  Nanoseconds crypto_callback;        // completion per request
  Nanoseconds record_framing;         // header, IV and padding of one record, in the kernel or the user's library
  Nanoseconds kernel_malloc;          // malloc(9) and free(9) together
  Nanoseconds socket_send;            // sosend() per call
  Nanoseconds tcp_output;             // per segment, to the driver's ring included
  Nanoseconds tcp_input;              // per acknowledgement
  Nanoseconds datagram_output;        // per UDP or ESP packet, to the driver's ring included
  NanosecondsPerByte checksum;        // of TCP or UDP in software
  Nanoseconds quantum;                // round robin among user processes
  Bytes send_buffer;                  // so_snd.sb_hiwat unless the program sets it
  Bytes send_buffer_limit;            // sb_max
  Bytes mbuf_cluster;
  Bytes page;
  Bytes crypto_request_limit;    // CIOCCRYPT
  bool sendfile_copies = false;  // sendfile reads the file into a buffer of its own first
  bool completion_in_interrupt =
      false;  // completions run in the handler, as the 2001 code, instead of the crypto thread
};

/// A transform in software.
struct SoftwareCipherModel {
  CyclesPerByte per_byte;
  Cycles per_record;
};

}  // namespace cryptopath
