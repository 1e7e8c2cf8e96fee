// What a socket sends through: the face that TCP and datagrams share.
#pragma once

#include <functional>

#include "hardware/nic.hpp"
#include "kernel/kernel.hpp"
#include "kernel/mbuf.hpp"

namespace cryptopath::sim {

class Transport {
 public:
  virtual ~Transport() = default;

  /// so_snd: space left, below zero where a chain was appended regardless.
  Bytes space() const { return high_water_ - buffered(); }
  Bytes high_water() const { return high_water_; }
  void set_high_water(Bytes size) { high_water_ = size; }
  /// Slept on by who waits for space ("netio").
  WaitChannel& space_available() { return space_available_; }
  /// Bytes handed to send() so far.
  Bytes queued() const { return queued_; }

  /// Whether each chain that is sent is a packet of its own, which must fit into one.
  virtual bool in_datagrams() const = 0;
  virtual Task<> send(const Context& context, MbufChain chain) = 0;
  /// The same for records that the NIC enciphers. Only of TCP.
  virtual Task<> send_records(const Context&, MbufChain, std::vector<RecordToEncipher>) {
    throw Fault("the NIC enciphers records of TCP only");
  }
  virtual const NicModel& nic() const = 0;
  /// The last of soclose().
  virtual Task<> shut_down(const Context& context) = 0;
  /// Shut down, and nothing more is to come from the other side.
  virtual bool closed() const = 0;

 protected:
  explicit Transport(Bytes send_buffer) : high_water_(send_buffer) {}
  void queue(Bytes size) { queued_ += size; }

 private:
  /// What takes up the send buffer.
  virtual Bytes buffered() const = 0;

  Bytes high_water_;
  Bytes queued_;
  WaitChannel space_available_{"netio"};
};

}  // namespace cryptopath::sim
