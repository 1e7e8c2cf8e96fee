// Record protection: what a protocol and its suite make of a piece of plaintext, and how a receiver takes it apart.
//
// Framing (header, IV, padding, where the MAC or tag goes) and transform (running cipher and MAC) are apart, so that
// whoever runs the transform, a library, the kernel, a card or a NIC, leaves the same bytes on the wire.
// docs/records.md draws each format.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "cryptopath/record_format.hpp"
#include "cryptopath/units.hpp"

namespace cryptopath {

/// Where things stand in one record. Wire order: header, IV, prefix, plaintext, MAC, trailer, tag; each may be empty.
struct Frame {
  ContentType content = ContentType::application_data;
  /// The number that MAC or nonce takes. DTLS: epoch and sequence number, 16 and 48 bits, as on the wire.
  std::uint64_t sequence = 0;
  Bytes header;  // in clear
  Bytes iv;      // explicit IV or nonce, in clear
  Bytes prefix;  // enciphered in front of the plaintext: SSH's lengths, the headers inside ESP
  Bytes plaintext;
  Bytes mac;      // enciphered together with the plaintext (MAC-then-encrypt)
  Bytes trailer;  // enciphered too: padding with its length, TLS 1.3's content type, ESP's next header
  Bytes tag;      // behind the ciphertext: an AEAD's tag, or a MAC over ciphertext or, in SSH, plaintext

  Bytes plaintext_offset() const { return header + iv + prefix; }
  Bytes size() const { return header + iv + enciphered() + tag; }
  /// What the cipher runs over, from enciphered_offset() on. The tag is its output only.
  Bytes enciphered_offset() const { return header + iv; }
  Bytes enciphered() const { return prefix + plaintext + mac + trailer; }

  bool operator==(const Frame&) const = default;
};

/// One direction's secrets, as a handshake leaves them.
struct TrafficKeys {
  std::vector<std::byte> cipher_key;
  std::vector<std::byte> mac_key;       // empty for an AEAD
  std::vector<std::byte> implicit_iv;   // an AEAD's salt or IV; the first IV where CBC chains from record to record
  std::uint64_t sequence = 0;           // of the next record, as Frame::sequence
  std::uint64_t keystream_used = 0;     // RC4: bytes of keystream that earlier records have taken
  std::uint32_t association = 0;        // ESP's security parameters index
  std::array<std::byte, 32> iv_seed{};  // explicit IVs and random padding are drawn from it, so that a run repeats

  TrafficKeys() = default;
  TrafficKeys(const TrafficKeys&) = default;
  TrafficKeys(TrafficKeys&&) = default;
  // These wipe what they drop.
  TrafficKeys& operator=(const TrafficKeys&);
  TrafficKeys& operator=(TrafficKeys&&) noexcept;
  ~TrafficKeys();
};

/// The sizes that TrafficKeys must have.
struct KeySizes {
  Bytes cipher_key;
  Bytes mac_key;
  Bytes implicit_iv;
};
KeySizes key_sizes(const RecordFormat&);

/// Lays out the records of one direction. Knows no key: a run without bytes uses only this.
class RecordFraming {
 public:
  /// Throws Fault unless supports(format).
  RecordFraming(RecordFormat format, std::uint64_t first_sequence);
  /// The same, with records of at most `largest_record`: what one packet holds, for protocols in datagrams.
  RecordFraming(RecordFormat format, std::uint64_t first_sequence, Bytes largest_record);

  /// The most plaintext that one record holds: 16 KiB for TLS, 32 KiB for SSH, what one IPv4 packet holds for DTLS and
  /// ESP, without bound (2^53) for Protocol::none.
  Bytes largest_plaintext() const { return largest_plaintext_; }
  /// The layout of a record with `plaintext` bytes. Does not advance the sequence. 0 <= plaintext <= largest.
  Frame layout(Bytes plaintext, ContentType content = ContentType::application_data) const;
  /// The same, taking the next sequence number. Throws Fault when sequence numbers run out: 2^64 - 1 for TLS, 2^48 - 1
  /// within DTLS's epoch, 2^32 - 1 for ESP and SSH. A new handshake would have to make new keys before.
  Frame next(Bytes plaintext, ContentType content = ContentType::application_data);

  const RecordFormat& format() const { return format_; }

 private:
  RecordFormat format_;
  std::uint64_t sequence_;
  Bytes largest_plaintext_;
  /// The last of next(). Records mostly have one size, and a layout depends on no sequence number.
  std::optional<Frame> last_;
};

class RecordCodec;  // one protocol with a suite and keys; src/record/codec.hpp

/// Runs cipher and MAC over framed records of one direction. Holds cipher contexts and keys, so use it from one thread
/// at a time. Sealing does not allocate.
///
/// A sealed record depends on its frame, plaintext and keys alone, in whatever order records are sealed, except where a
/// suite chains from record to record: CBC in TLS 1.0 and SSH, RC4. These must be sealed in the order of their sequence
/// numbers, each once; otherwise Fault. Fault too for a sequence number that the protocol does not have: of a stream,
/// the last and beyond, which nobody reads; of DTLS, another epoch; of ESP, 0 and above 2^32 - 1.
class RecordTransform {
 public:
  /// Throws Fault unless supports(format) and the keys have key_sizes(format).
  RecordTransform(RecordFormat format, const TrafficKeys& keys);
  ~RecordTransform();
  RecordTransform(RecordTransform&&) noexcept;
  RecordTransform& operator=(RecordTransform&&) noexcept;

  /// Writes header, IV, prefix and trailer of `frame` around the plaintext, which already stands at its place (or will:
  /// the order of the two does not matter). `record` is frame.size() bytes.
  void write_framing(const Frame& frame, std::span<std::byte> record);
  /// Computes MAC or tag and enciphers in place. The framing must stand.
  void seal_in_place(const Frame& frame, std::span<std::byte> record);
  /// frame + transform: `record` is frame.size() bytes, `plaintext` frame.plaintext bytes.
  void seal(const Frame& frame, std::span<const std::byte> plaintext, std::span<std::byte> record);

 private:
  void ensure_fits(const Frame& frame, std::span<const std::byte> record);

  RecordFormat format_;
  std::unique_ptr<RecordCodec> codec_;
  std::uint64_t last_sequence_;  // that a frame may have
  /// The last frame that was laid out anew to see that it is of this format. Most are the same but for their number,
  /// and laying one out took 12 ns, 5 % of a record of 256 B.
  std::optional<Frame> fitting_;
};

/// Why a receiver does not take a record.
enum class Rejection : std::uint8_t {
  none,
  malformed,       // too short, or lengths that do not fit each other
  wrong_version,   // TLS, DTLS
  wrong_type,      // no content type of the protocol, or TLS 1.3 plaintext of zeros
  too_long,        // more than the protocol's limit
  not_authentic,   // MAC, tag or padding; which of them, an attacker does not learn
  wrong_epoch,     // DTLS
  unknown_sender,  // ESP: no such security parameters index
  replayed,        // DTLS, ESP: seen before, or too old for the window of 64 to know
  exhausted,       // sequence numbers have run out
  closed,          // after a rejection that ends the connection, nothing is read any more
};
/// The name that the protocol's RFC has for it: for TLS its alert ("bad_record_mac"), for SSH its disconnect reason
/// ("SSH_DISCONNECT_MAC_ERROR"), for ESP and DTLS that the record is discarded, and why.
std::string_view name_of(Rejection, Protocol);

/// What became of one record.
struct Opened {
  Rejection rejection = Rejection::none;
  ContentType content = ContentType::application_data;
  std::uint64_t sequence = 0;
  std::span<std::byte> plaintext;  // within the record, now in clear; empty when rejected

  explicit operator bool() const { return rejection == Rejection::none; }
};

/// The receiving end of one direction: takes records off the wire, in order for streams, in any order for datagrams.
class RecordReader {
 public:
  /// Throws Fault unless supports(format) and the keys have key_sizes(format).
  RecordReader(RecordFormat format, const TrafficKeys& keys);
  ~RecordReader();
  RecordReader(RecordReader&&) noexcept;
  RecordReader& operator=(RecordReader&&) noexcept;

  /// Opens one record, of which `record` is all, where it stands. A rejected record leaves no plaintext behind. MACs
  /// and tags are compared in constant time, and so is CBC padding under MAC-then-encrypt. Streams (TLS, SSH): a record
  /// out of its order does not authenticate, and after a rejection the connection is closed (RFC 5246, 7.2.2).
  /// Datagrams (DTLS, ESP): a rejected record changes nothing, the next may be good.
  Opened open_in_place(std::span<std::byte> record);

  /// Streams: how many bytes the next record has, as `start`, its first bytes and perhaps more, tells; nothing while
  /// they are too few to tell. A claim only, of which nothing has been authenticated. Changes no byte.
  std::optional<Bytes> next_size(std::span<const std::byte> start);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cryptopath
