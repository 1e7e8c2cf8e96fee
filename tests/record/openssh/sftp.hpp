// Version 3 of the SSH File Transfer Protocol (draft-ietf-secsh-filexfer-02), as much as a file needs to be written and
// read. Each request is one packet; answers are waited for, so that packets have the sizes that the test wants.
#pragma once

#include "channel.hpp"

namespace cryptopath::test {

enum class SftpType : std::uint8_t {
  init = 1,
  version = 2,
  open = 3,
  close = 4,
  read = 5,
  write = 6,
  lstat = 7,
  fstat = 8,
  setstat = 9,
  fsetstat = 10,
  realpath = 16,
  stat = 17,
  status = 101,
  handle = 102,
  data = 103,
  name = 104,
  attrs = 105,
};

/// The client.
class Sftp {
 public:
  /// What a packet's payload has in front of the data of a WRITE, with a handle of four bytes, as OpenSSH's are.
  static constexpr std::size_t write_overhead = Channel::overhead + 29;
  /// The same for the DATA that answer a READ.
  static constexpr std::size_t data_overhead = Channel::overhead + 13;

  explicit Sftp(Channel& channel);

  /// Opens a file, a new one where there is none, for reading and writing. Returns its handle.
  ByteVector open(const std::string& path);
  void write(std::span<const std::byte> handle, std::uint64_t offset, std::span<const std::byte> data);
  /// Packets with these requests, for Transport::put(). They count as sent.
  ByteVector write_packet(std::span<const std::byte> handle, std::uint64_t offset, std::span<const std::byte> data);
  ByteVector read_packet(std::span<const std::byte> handle, std::uint64_t offset, std::size_t size);
  ByteVector read(std::span<const std::byte> handle, std::uint64_t offset, std::size_t size);
  void close(std::span<const std::byte> handle);

 private:
  MessageWriter request(SftpType type);
  MessageWriter write_request(std::span<const std::byte> handle, std::uint64_t offset, std::span<const std::byte> data);
  MessageWriter read_request(std::span<const std::byte> handle, std::uint64_t offset, std::size_t size);
  ByteVector packet(const MessageWriter& request);
  /// Sends a request and returns what stands behind the answer's type.
  ByteVector answer(const MessageWriter& request, SftpType type);
  void expect_ok(const MessageWriter& request);

  Channel& channel_;
  std::uint32_t next_id_ = 0;
  ByteVector stream_;
};

}  // namespace cryptopath::test
