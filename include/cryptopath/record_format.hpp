// Which protocols and suites there are, and which protocol has which suite.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace cryptopath {

enum class Protocol : std::uint8_t {
  none,           // plaintext as it is
  tls_1_0,        // RFC 2246
  tls_1_1,        // RFC 4346
  tls_1_2,        // RFC 5246
  tls_1_3,        // RFC 8446
  dtls_1_2,       // RFC 6347, over UDP
  esp_transport,  // RFC 4303 around UDP
  esp_tunnel,     // RFC 4303 around IPv4 and UDP
  ssh_2,          // RFC 4253, the binary packet protocol
};

enum class Suite : std::uint8_t {
  null,  // no cipher, no MAC; only with Protocol::none
  null_hmac_md5,
  null_hmac_sha1,
  null_hmac_sha256,
  rc4_hmac_sha1,
  des_cbc_hmac_md5,
  des_cbc_hmac_sha1,
  des_cbc_hmac_sha256,
  triple_des_cbc_hmac_md5,
  triple_des_cbc_hmac_sha1,
  triple_des_cbc_hmac_sha256,
  aes_128_cbc_hmac_md5,
  aes_128_cbc_hmac_sha1,
  aes_128_cbc_hmac_sha256,
  aes_192_cbc_hmac_md5,
  aes_192_cbc_hmac_sha1,
  aes_192_cbc_hmac_sha256,
  aes_256_cbc_hmac_md5,
  aes_256_cbc_hmac_sha1,
  aes_256_cbc_hmac_sha256,
  aes_128_gcm,
  aes_256_gcm,
  aes_128_ccm,
  aes_256_ccm,
  chacha20_poly1305,
};

std::string_view name_of(Protocol);  // "none", "tls-1.2", "esp-tunnel"
std::string_view name_of(Suite);     // "null", "aes-128-gcm", "3des-ede-cbc-hmac-sha1"
std::span<const Protocol> all_protocols();
std::span<const Suite> all_suites();

/// What two ends have agreed on.
struct RecordFormat {
  Protocol protocol = Protocol::none;
  Suite suite = Suite::null;
  /// MAC over the ciphertext where the protocol leaves a choice: TLS up to 1.2 and DTLS (RFC 7366), and SSH
  /// (*-etm@openssh.com). ESP always does, without a choice.
  bool encrypt_then_mac = false;

  bool operator==(const RecordFormat&) const = default;
};

/// "tls-1.2 / 3des-ede-cbc-hmac-sha1", with ", encrypt-then-MAC" where that was chosen.
std::string name_of(const RecordFormat&);

/// Whether an RFC or OpenSSH defines the suite for the protocol, and a peer proves it: docs/records.md says why others
/// are not there.
bool supports(Protocol, Suite);
/// The same, and encrypt_then_mac only where it is a choice.
bool supports(const RecordFormat&);
/// Every format that is supported, in the order of protocols and suites.
std::span<const RecordFormat> all_formats();

/// Whether each record is a packet of its own, which may be lost, repeated or reordered: DTLS and ESP.
bool in_datagrams(Protocol);
/// Whether an end says in a record of its own that it closes the connection, or why: TLS and DTLS.
bool has_alerts(Protocol);

/// TLS's content types (RFC 8446, 5.1), which DTLS shares. Records of other protocols are application data.
enum class ContentType : std::uint8_t {
  change_cipher_spec = 20,
  alert = 21,
  handshake = 22,
  application_data = 23,
};

}  // namespace cryptopath
