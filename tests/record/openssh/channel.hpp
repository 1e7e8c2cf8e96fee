// What stands between the transport and SFTP: the user's authentication by a public key (RFC 4252, 7), and one channel
// with a subsystem on it (RFC 4254).
#pragma once

#include "record/handshakes/ssh_ed25519.hpp"
#include "transport.hpp"

namespace cryptopath::test {

/// Logs in as the user who runs the test. Throws Fault where the server does not let him in.
void authenticate(Transport& transport, std::span<const std::byte> session_id, EVP_PKEY* key);

class Channel {
 public:
  /// The largest data of a packet that the client takes, as OpenSSH's own does. What CHANNEL_DATA has in front of them
  /// comes on top, so that OpenSSH's largest payload is beyond the 32768 bytes that RFC 4253, 6.1, has every end take.
  static constexpr std::size_t largest_data = 32768;
  static constexpr std::size_t overhead = 9;

  Channel(Transport& transport, std::string_view subsystem);

  /// A message with `data`, which the server's window must hold. It counts as sent.
  MessageWriter data_message(std::span<const std::byte> data);
  /// The next data that the server sends; other messages of the channel are dealt with.
  ByteVector receive();
  /// Ends the subsystem and closes the channel from both ends.
  void close();

  Transport& transport() { return transport_; }

 private:
  /// The next message but for a wider window.
  ByteVector next();

  Transport& transport_;
  std::uint32_t server_channel_ = 0;
  std::uint64_t window_ = 0;
  std::size_t largest_data_ = 0;
};

}  // namespace cryptopath::test
