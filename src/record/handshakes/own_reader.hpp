// The project's own RecordReader as the peer, where no library at hand speaks protocol and suite.
#pragma once

#include "cryptopath/session.hpp"

namespace cryptopath {

class OwnReader final : public Peer {
 public:
  OwnReader(const RecordFormat& format, const TrafficKeys& keys) : format_(format), reader_(format, keys) {}

  void receive(std::span<const std::byte> wire, std::vector<std::byte>& plaintext) override;
  bool in_datagrams() const override { return cryptopath::in_datagrams(format_.protocol); }
  bool closed() const override { return closed_; }
  std::string name() const override { return "cryptopath's own reader"; }

 private:
  void open(std::span<std::byte> record, std::vector<std::byte>& plaintext);
  [[noreturn]] void reject(Rejection why);
  void take_alert(std::span<const std::byte> alert);

  RecordFormat format_;
  RecordReader reader_;
  std::vector<std::byte> waiting_;  // of a stream: less than a record
  bool rejected_ = false;
  bool closed_ = false;
};

}  // namespace cryptopath
