// Real handshakes in this process: keys for the project's record code, and a peer that reads what it seals.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cryptopath/record.hpp"

namespace cryptopath {

/// The receiving end of a real connection.
class Peer {
 public:
  virtual ~Peer() = default;
  /// Takes bytes off the wire and appends the plaintext it accepts to `plaintext`: in any pieces for streams, one
  /// datagram a call for protocols in datagrams. Throws Fault, with the peer's own words, for a record that it rejects
  /// and for a fatal alert. Datagrams that DTLS or ESP discard are discarded in silence: nothing is appended.
  /// OpenSSL 3.0 throws and ends the connection under encrypt-then-MAC and without a cipher; GnuTLS 3.7 discards all
  /// that follows under MAC-then-encrypt.
  virtual void receive(std::span<const std::byte> wire, std::vector<std::byte>& plaintext) = 0;
  /// Whether each call of receive() is a datagram.
  virtual bool in_datagrams() const { return false; }
  /// Whether the peer has seen the sender's close_notify (TLS and DTLS), after which receive() must not be called.
  virtual bool closed() const { return false; }

  /// The other direction. Appends to `wire` what the peer makes of `plaintext`, not empty: its own records, or one
  /// datagram, with at most 1 KiB of plaintext. Call it from the thread that made the handshake: random numbers come
  /// from its seed. Throws Fault for a peer that only receives: those that are no library.
  virtual void send(std::span<const std::byte> plaintext, std::vector<std::byte>& wire);
  /// Ends the peer's direction: appends its close_notify alert to `wire`. As send().
  virtual void close(std::vector<std::byte>& wire);

  /// "OpenSSL 3.0.17", "GnuTLS 3.7.9"; "cryptopath's own reader" where no library at hand speaks protocol and suite.
  virtual std::string name() const = 0;

 private:
  std::string decline() const;
};

/// What one end said during the handshake: a piece of a stream, or one datagram.
struct Flight {
  bool from_sender = false;  // the sender of the file: the server
  std::vector<std::byte> bytes;
};

/// Both ends after a handshake: what the sender needs, and the peer that will read. Keys stand where the handshake has
/// left them, as kTLS takes them over: the next record is the first of data.
struct Session {
  TrafficKeys sender;
  TrafficKeys receiver;  // of the peer's own direction; empty where it only receives
  std::unique_ptr<Peer> peer;
  std::vector<Flight> handshake;  // empty where keys were made without one
  /// What tshark and Wireshark need to decipher: lines of NSS's key log format for TLS and DTLS; where Wireshark 4.0
  /// has the suite, a row of its esp_sa table for ESP, and a line for its ssh.keylog_file for SSH (the cookie of the
  /// server's SSH_MSG_KEXINIT and the server's private key); empty for others. Secret.
  std::string key_log;

  Session() = default;
  Session(Session&&) = default;
  Session& operator=(Session&&) noexcept;
  ~Session();  // wipes the key log; TrafficKeys wipe themselves
};

/// Performs the handshake, the sender being the server. OpenSSL, or GnuTLS for what Debian's libssl lacks (3DES, RC4).
/// SSH's is the project's own, up to NEWKEYS, and the peer a RecordReader. It is that for ESP too, and for TLS with
/// DES, which neither library has: there keys come from the seed alone. `seed` fixes every random number that keys
/// depend on, so that keys, and with them the wire, repeat bit for bit. The transcript repeats too, but for the
/// Finished messages of 3DES from TLS 1.1 on and in DTLS: GnuTLS draws their explicit IVs. Never use such a session
/// outside a simulation. Throws Fault unless supports(format).
Session handshake(const RecordFormat& format, std::uint64_t seed);

}  // namespace cryptopath
