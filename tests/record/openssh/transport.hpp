// One end of SSH's transport (RFC 4253): the exchange of versions, packets in clear until the first keys are there, and
// from then on every packet through the project's RecordFraming, RecordTransform and RecordReader.
#pragma once

#include <algorithm>
#include <optional>
#include <string>

#include "cryptopath/record.hpp"
#include "record/handshakes/ssh_message.hpp"

namespace cryptopath::test {

using ByteVector = std::vector<std::byte>;
using ssh_2::MessageNumber;
using ssh_2::MessageReader;
using ssh_2::MessageWriter;

/// What has gone one way under keys.
struct Traffic {
  std::uint64_t packets = 0;
  std::size_t largest_payload = 0;

  void count(std::size_t payload) {
    ++packets;
    largest_payload = std::max(largest_payload, payload);
  }
};

enum class Role { client, server };

class Transport {
 public:
  /// `socket` stays the caller's. Sends and takes the lines of RFC 4253, 4.2.
  Transport(int socket, Role role);

  const std::string& client_version() const { return role_ == Role::client ? own_version_ : other_version_; }
  const std::string& server_version() const { return role_ == Role::server ? own_version_ : other_version_; }

  /// Sends a message in a packet. Throws Fault where the other end has ended the connection.
  void send(const MessageWriter& message);
  /// The packet that send() would put on the wire, for put(). It counts as sent.
  ByteVector packet_with(const MessageWriter& message);
  /// False where the other end has ended the connection.
  bool put(std::span<const std::byte> wire);

  /// The next message but for those that may come at any time and mean nothing here (ignore, debug, and the global
  /// requests with which OpenSSH shows its other host keys); nothing where the other end has ended the connection.
  /// Throws Fault for a packet that the project's reader rejects.
  std::optional<ByteVector> receive();
  /// The same, and Fault unless it is that message.
  ByteVector expect(MessageNumber number);
  /// The next packet as it came, enciphered; nothing where the other end has ended the connection.
  std::optional<ByteVector> take_packet();
  /// Opens what take_packet() has returned.
  Opened open(std::span<std::byte> packet);

  /// From the next packet on. The transport knows the keys' sequence number: that of the connection's packets, from the
  /// very first on (RFC 4253, 6.4).
  void protect_sending(const RecordFormat& format, TrafficKeys keys);
  void protect_receiving(const RecordFormat& format, TrafficKeys keys);

  const Traffic& sent() const { return sent_; }
  const Traffic& received() const { return received_; }

 private:
  struct Sender {
    RecordFraming framing;
    RecordTransform transform;
  };

  /// Reads until `buffer_` has `size` bytes. False where the other end has ended the connection.
  bool fill(std::size_t size);
  /// What next_size() needs at most: a block of AES.
  static constexpr std::size_t enough_to_tell = 16;
  std::size_t size_of_next();

  int socket_;
  Role role_;
  std::string own_version_ = "SSH-2.0-cryptopath";
  std::string other_version_;
  ByteVector buffer_;
  std::uint64_t next_sent_ = 0;
  std::uint64_t next_received_ = 0;
  std::optional<Sender> sender_;
  std::optional<RecordReader> reader_;
  Traffic sent_;
  Traffic received_;
};

}  // namespace cryptopath::test
