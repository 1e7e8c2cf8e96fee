// What a socket sends through: the face that TCP and datagrams share.
#pragma once

#include <vector>

#include "kernel/mbuf.hpp"
#include "kernel/nic_driver.hpp"

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
  const Nic& nic() const { return driver_.nic(); }

  /// Whether each chain that is sent is a packet of its own, which must fit into one.
  virtual bool in_datagrams() const = 0;
  virtual Task<> send(const Context& context, MbufChain chain) = 0;
  /// The same for records that the NIC enciphers: all of the chain, and of every chain from here on. Throws Fault for
  /// datagrams, which a NIC does not encipher.
  virtual Task<> send_records(const Context& context, MbufChain chain, std::vector<RecordToEncipher> records) = 0;
  /// The last of soclose().
  virtual Task<> shut_down(const Context& context) = 0;
  /// Shut down, and nothing more is to come from the other side.
  virtual bool closed() const = 0;

 protected:
  Transport(NicDriver& driver, Bytes send_buffer) : driver_(driver), high_water_(send_buffer) {}
  NicDriver& driver() { return driver_; }
  void queue(Bytes size) { queued_ += size; }

 private:
  /// What takes up the send buffer.
  virtual Bytes buffered() const = 0;

  NicDriver& driver_;
  Bytes high_water_;
  Bytes queued_;
  WaitChannel space_available_{"netio", Priority::socket};
};

}  // namespace cryptopath::sim
