// A server for one connection of OpenSSH's sftp, all of whose packets under keys are the project's.
#pragma once

#include <map>

#include "key_exchange.hpp"
#include "sftp.hpp"

namespace cryptopath::test {

/// Lets in whoever comes, opens a channel, and keeps in memory what files the client writes.
class SftpServer {
 public:
  /// `socket` and `host_key` stay the caller's. Exchanges keys.
  SftpServer(int socket, const RecordFormat& format, EVP_PKEY* host_key);

  /// Serves until the client ends the connection. Throws Fault for what no sftp asks.
  void serve();
  /// From now on a bit is flipped in each packet with data of a file.
  void tamper() { tampers_ = true; }

  const ByteVector& file(const std::string& path) const { return files_.at(path); }
  void put_file(const std::string& path, ByteVector bytes) { files_[path] = std::move(bytes); }
  int key_exchanges() const { return key_exchanges_; }
  const Traffic& sent() const { return transport_.sent(); }
  const Traffic& received() const { return transport_.received(); }

 private:
  void take(const ByteVector& message);
  void open_channel(MessageReader fields);
  void take_data(std::span<const std::byte> data);
  void close_channel();
  void send_data(std::span<const std::byte> data, bool tampered);
  void send_tampered(ByteVector packet);

  void take_request(MessageReader request);
  void reply(SftpType type, const MessageWriter& fields);
  void reply_status(std::uint32_t id, std::uint32_t code);
  void reply_attributes(std::uint32_t id, const std::string& path);
  void open_file(std::uint32_t id, MessageReader fields);
  void write_file(std::uint32_t id, MessageReader fields);
  void read_file(std::uint32_t id, MessageReader fields);

  RecordFormat format_;
  EVP_PKEY* host_key_;
  Transport transport_;
  ssh_2::Digest session_id_;
  int key_exchanges_ = 1;
  std::uint32_t client_channel_ = 0;
  std::uint64_t window_ = 0;
  std::size_t largest_data_ = 0;
  ByteVector stream_;  // of SFTP: less than a request
  std::map<std::string, ByteVector> files_;
  bool tampers_ = false;
};

}  // namespace cryptopath::test
