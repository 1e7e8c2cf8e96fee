// Checks the wire while it is being written: a real peer deciphers it in a thread of its own, and what the peer accepts
// is compared with what was to be sent. So the sender's cipher and the peer's run side by side.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "cryptopath/session.hpp"
#include "cryptopath/units.hpp"

namespace cryptopath {

/// What a peer found on the wire.
struct WireReport {
  Bytes wire;
  std::string wire_sha256;  // lower-case hexadecimal
  Bytes plaintext;
  std::string plaintext_sha256;
  std::string verified_by;  // the peer's name
};

/// Takes the bytes of one connection's wire in order. Use it from one thread, and make it after the last fork():
/// threads do not survive one. At most 4 MiB of wire wait for the peer; then feed() waits.
class WireVerifier {
 public:
  /// Fills `into` with the bytes that were to be sent, from `offset` of the plaintext on. Called in the verifier's
  /// thread, in ascending order without gaps, and never beyond the expected size. What it throws (InputError for a file
  /// that has shrunk) comes out of feed() or finish().
  using ReadExpected = std::function<void(std::uint64_t offset, std::span<std::byte> into)>;

  /// `expected` is how much plaintext the peer must accept in all.
  WireVerifier(std::unique_ptr<Peer> peer, Bytes expected, ReadExpected read_expected);
  /// Gives up what finish() has not seen through, without an error. Waits for the peer's piece in hand, 64 KiB at most.
  ~WireVerifier();
  WireVerifier(const WireVerifier&) = delete;
  WireVerifier& operator=(const WireVerifier&) = delete;

  /// Takes the next bytes off the wire, which are copied: pieces of any size, or, where the peer reads datagrams, one.
  /// Throws what has gone wrong with earlier ones: Fault when the peer rejects a record, or when its plaintext differs
  /// or is longer than expected. Throws the same again when called again.
  void feed(std::span<const std::byte> wire);
  /// Waits for the peer to have read everything. Throws as feed(), and Fault when the peer accepted less than expected.
  /// `close_notify`, a record with this alert where the protocol has one, is then given to the peer: not as part of the
  /// wire, but to see that sender and peer are still in step. Throws Fault when the peer does not take the connection
  /// for closed. Call it once; nothing can be fed after it.
  WireReport finish(std::span<const std::byte> close_notify = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cryptopath
