// Record protection: what a protocol and its suite make of a piece of plaintext.
//
// Framing (header, IV, padding, where the MAC or tag goes) and transform (running cipher and MAC) are apart, so that
// whoever runs the transform, a library, the kernel or a card, leaves the same bytes on the wire.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cryptopath/units.hpp"

namespace cryptopath {

enum class Protocol : std::uint8_t {
  none,     // plaintext as it is
  tls_1_2,  // RFC 5246
};

enum class Suite : std::uint8_t {
  null,                      // no cipher, no MAC; only with Protocol::none
  aes_128_gcm,               // RFC 5288
  triple_des_cbc_hmac_sha1,  // RFC 5246, MAC-then-encrypt, an explicit IV a record
};

std::string_view name_of(Protocol);  // "none", "tls-1.2"
std::string_view name_of(Suite);     // "null", "aes-128-gcm", "3des-ede-cbc-hmac-sha1"
std::span<const Protocol> all_protocols();
std::span<const Suite> all_suites();
/// Whether the protocol has the suite.
bool supports(Protocol, Suite);

/// Where things stand in one record. Wire order: header, IV, plaintext, MAC, padding, tag; each part may be empty.
struct Frame {
  std::uint64_t sequence = 0;
  Bytes header;
  Bytes iv;  // explicit IV or nonce
  Bytes plaintext;
  Bytes mac;      // encrypted together with the plaintext
  Bytes padding;  // including the length byte
  Bytes tag;      // of an AEAD

  Bytes plaintext_offset() const { return header + iv; }
  Bytes size() const { return header + iv + plaintext + mac + padding + tag; }
  /// What the cipher runs over, from plaintext_offset() on: plaintext, MAC and padding; the tag is its output only.
  Bytes enciphered() const { return plaintext + mac + padding; }

  bool operator==(const Frame&) const = default;
};

/// One direction's secrets, as a handshake leaves them.
struct TrafficKeys {
  std::vector<std::byte> cipher_key;
  std::vector<std::byte> mac_key;       // empty for an AEAD
  std::vector<std::byte> implicit_iv;   // GCM's salt; empty where the IV is explicit
  std::uint64_t sequence = 0;           // of the next record
  std::array<std::byte, 32> iv_seed{};  // explicit CBC IVs are drawn from it, so that a run repeats bit for bit

  ~TrafficKeys();  // wipes
  TrafficKeys() = default;
  TrafficKeys(const TrafficKeys&) = default;
  TrafficKeys(TrafficKeys&&) = default;
  TrafficKeys& operator=(const TrafficKeys&) = default;
  TrafficKeys& operator=(TrafficKeys&&) = default;
};

/// Lays out the records of one direction. Knows no key: a run without bytes uses only this.
class RecordFraming {
 public:
  RecordFraming(Protocol protocol, Suite suite, std::uint64_t first_sequence);

  /// The most plaintext that one record holds: 16 KiB for TLS, without bound (2^53) for Protocol::none.
  Bytes largest_plaintext() const;
  /// The layout of a record with `plaintext` bytes. Does not advance the sequence. 0 <= plaintext <= largest.
  Frame layout(Bytes plaintext) const;
  /// The same, taking the next sequence number. Throws Fault when sequence numbers run out.
  Frame next(Bytes plaintext);

  Protocol protocol() const { return protocol_; }
  Suite suite() const { return suite_; }

 private:
  Protocol protocol_;
  Suite suite_;
  std::uint64_t sequence_;
};

/// Runs cipher and MAC over framed records. Holds one cipher context and keys, so use it from one thread at a time.
/// Sealing does not allocate per record, apart from two small blocks inside OpenSSL 3.0's HMAC.
class RecordTransform {
 public:
  RecordTransform(Protocol protocol, Suite suite, const TrafficKeys& keys);
  ~RecordTransform();
  RecordTransform(RecordTransform&&) noexcept;
  RecordTransform& operator=(RecordTransform&&) noexcept;

  /// Writes header, IV and padding of `frame` around the plaintext, which already stands at its place (or will:
  /// the order of the two does not matter). `record` is frame.size() bytes.
  void write_framing(const Frame& frame, std::span<std::byte> record) const;
  /// Computes MAC or tag and enciphers in place. The framing must stand.
  void seal_in_place(const Frame& frame, std::span<std::byte> record) const;
  /// frame + transform: `record` is frame.size() bytes, `plaintext` frame.plaintext bytes.
  void seal(const Frame& frame, std::span<const std::byte> plaintext, std::span<std::byte> record) const;
  /// The reverse, for records that the same suite and keys sealed with sequence number `sequence`. Returns the
  /// plaintext's place in `record`, now in clear, or nothing when the record is malformed, truncated or tampered with;
  /// which of these it was, an attacker does not learn (RFC 5246, 6.2.3.2: bad_record_mac).
  std::optional<std::span<std::byte>> open_in_place(std::uint64_t sequence, std::span<std::byte> record) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The receiving end of a real connection, by an implementation that this project did not write.
class Peer {
 public:
  virtual ~Peer() = default;
  /// Takes bytes off the wire, in any pieces; hands out the plaintext it accepts, through `plaintext`.
  /// Throws Fault, with the peer's own words, for a record that the peer rejects.
  virtual void receive(std::span<const std::byte> wire, std::vector<std::byte>& plaintext) = 0;
  /// "OpenSSL 3.0.17", "GnuTLS 3.7.9".
  virtual std::string name() const = 0;
};

/// Both ends after a real handshake in this process: what the sender needs, and the peer that will read.
struct Session {
  TrafficKeys sender;
  std::unique_ptr<Peer> peer;
};

/// Performs the handshake: OpenSSL for AES-GCM, GnuTLS for 3DES, none for Protocol::none, whose peer hands out the
/// wire itself. `seed` fixes every random number in it, so that keys, and with them the wire, repeat bit for bit.
/// Never use such a session outside a simulation.
Session handshake(Protocol protocol, Suite suite, std::uint64_t seed);

}  // namespace cryptopath
