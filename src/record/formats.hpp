// Ciphers, MACs, suites and protocols as tables: a suite is a row.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "cryptopath/record.hpp"

namespace cryptopath {

/// How a cipher is used, which decides how records are laid out and sealed.
enum class CipherKind : std::uint8_t {
  none,    // the plaintext as it is
  stream,  // RC4: one keystream from the first record to the last
  cbc,
  // AEADs (RFC 5116), each with a nonce of its own shape in each protocol.
  gcm,
  ccm,
  chacha20_poly1305,
};

struct Cipher {
  CipherKind kind = CipherKind::none;
  const char* name = nullptr;  // libcrypto's; nullptr for none
  Bytes key;
  Bytes block;  // of CBC
  Bytes tag;    // of an AEAD

  constexpr bool is_aead() const { return kind >= CipherKind::gcm; }
};

struct Mac {
  const char* digest = nullptr;  // HMAC's, libcrypto's name; nullptr for no MAC
  Bytes size;
};

struct SuiteFormat {
  Suite suite;
  std::string_view name;
  Cipher cipher;
  Mac mac;
  unsigned protocols;  // a bit for each Protocol that has the suite
};

struct ProtocolFormat {
  Protocol protocol;
  std::string_view name;
  bool in_datagrams;
  bool has_alerts;
  Bytes largest_plaintext;  // of one record
  Bytes largest_record;
  std::uint64_t sequence_mask;    // the bits that count records
  bool chooses_encrypt_then_mac;  // for suites with a MAC of their own
  /// Fills in all parts of the frame from its plaintext, sequence and content.
  void (*lay_out)(const RecordFormat&, const SuiteFormat&, Frame&);
  KeySizes (*key_sizes)(const RecordFormat&, const SuiteFormat&);
  std::unique_ptr<RecordCodec> (*make_codec)(const RecordFormat&, const SuiteFormat&, const TrafficKeys&);
};

const ProtocolFormat& format_of(Protocol protocol);
const SuiteFormat& format_of(Suite suite);

}  // namespace cryptopath
