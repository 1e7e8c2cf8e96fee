#include "formats.hpp"

#include <algorithm>
#include <array>
#include <type_traits>

#include "bytes.hpp"
#include "codec.hpp"
#include "cryptopath/errors.hpp"
#include "cryptopath/header_sizes.hpp"
#include "protocols/dtls_1_2.hpp"
#include "protocols/esp.hpp"
#include "protocols/plain.hpp"
#include "protocols/ssh_2.hpp"
#include "protocols/tls.hpp"
#include "protocols/tls_1_3.hpp"

namespace cryptopath {

using namespace literals;

namespace {

constexpr Cipher no_cipher{};
constexpr Cipher rc4{CipherKind::stream, "RC4", 16_B, 0_B, 0_B};
// Single DES runs as 3DES with one key: see CbcKey.
constexpr Cipher des{CipherKind::cbc, "DES-EDE3-CBC", 8_B, 8_B, 0_B};
constexpr Cipher triple_des{CipherKind::cbc, "DES-EDE3-CBC", 24_B, 8_B, 0_B};
constexpr Cipher aes_128{CipherKind::cbc, "AES-128-CBC", 16_B, 16_B, 0_B};
constexpr Cipher aes_192{CipherKind::cbc, "AES-192-CBC", 24_B, 16_B, 0_B};
constexpr Cipher aes_256{CipherKind::cbc, "AES-256-CBC", 32_B, 16_B, 0_B};
constexpr Cipher gcm_128{CipherKind::gcm, "AES-128-GCM", 16_B, 0_B, 16_B};
constexpr Cipher gcm_256{CipherKind::gcm, "AES-256-GCM", 32_B, 0_B, 16_B};
constexpr Cipher ccm_128{CipherKind::ccm, "AES-128-CCM", 16_B, 0_B, 16_B};
constexpr Cipher ccm_256{CipherKind::ccm, "AES-256-CCM", 32_B, 0_B, 16_B};
constexpr Cipher chacha20{CipherKind::chacha20_poly1305, "ChaCha20-Poly1305", 32_B, 0_B, 16_B};

constexpr Mac no_mac{};
constexpr Mac md5{"MD5", 16_B};
constexpr Mac sha1{"SHA1", 20_B};
constexpr Mac sha256{"SHA256", 32_B};

constexpr unsigned in(Protocol protocol) { return 1U << static_cast<unsigned>(protocol); }
constexpr unsigned tls_1_0_and_1_1 = in(Protocol::tls_1_0) | in(Protocol::tls_1_1);
constexpr unsigned tls_1_2_and_dtls = in(Protocol::tls_1_2) | in(Protocol::dtls_1_2);
constexpr unsigned up_to_tls_1_2 = tls_1_0_and_1_1 | tls_1_2_and_dtls;
constexpr unsigned tls_1_3 = in(Protocol::tls_1_3);
constexpr unsigned esp = in(Protocol::esp_transport) | in(Protocol::esp_tunnel);
constexpr unsigned ssh = in(Protocol::ssh_2);

// What IANA's registry has for TLS, RFC 8221 and the RFCs that it names for ESP, RFC 4253, 6668, 5647 and OpenSSH's own
// names for SSH. RC4 is a stream, which datagrams cannot carry.
constexpr std::array suite_formats = {
    SuiteFormat{Suite::null, "null", no_cipher, no_mac, in(Protocol::none)},
    SuiteFormat{Suite::null_hmac_md5, "null-hmac-md5", no_cipher, md5, up_to_tls_1_2 | esp | ssh},
    SuiteFormat{Suite::null_hmac_sha1, "null-hmac-sha1", no_cipher, sha1, up_to_tls_1_2 | esp | ssh},
    SuiteFormat{Suite::null_hmac_sha256, "null-hmac-sha256", no_cipher, sha256, up_to_tls_1_2 | esp | ssh},
    SuiteFormat{Suite::rc4_hmac_sha1, "rc4-hmac-sha1", rc4, sha1, tls_1_0_and_1_1 | in(Protocol::tls_1_2) | ssh},
    SuiteFormat{Suite::des_cbc_hmac_md5, "des-cbc-hmac-md5", des, md5, esp},
    SuiteFormat{Suite::des_cbc_hmac_sha1, "des-cbc-hmac-sha1", des, sha1, tls_1_0_and_1_1 | esp},
    SuiteFormat{Suite::des_cbc_hmac_sha256, "des-cbc-hmac-sha256", des, sha256, esp},
    SuiteFormat{Suite::triple_des_cbc_hmac_md5, "3des-ede-cbc-hmac-md5", triple_des, md5, esp | ssh},
    SuiteFormat{Suite::triple_des_cbc_hmac_sha1, "3des-ede-cbc-hmac-sha1", triple_des, sha1, up_to_tls_1_2 | esp | ssh},
    SuiteFormat{Suite::triple_des_cbc_hmac_sha256, "3des-ede-cbc-hmac-sha256", triple_des, sha256, esp | ssh},
    SuiteFormat{Suite::aes_128_cbc_hmac_md5, "aes-128-cbc-hmac-md5", aes_128, md5, esp | ssh},
    SuiteFormat{Suite::aes_128_cbc_hmac_sha1, "aes-128-cbc-hmac-sha1", aes_128, sha1, up_to_tls_1_2 | esp | ssh},
    SuiteFormat{Suite::aes_128_cbc_hmac_sha256, "aes-128-cbc-hmac-sha256", aes_128, sha256, up_to_tls_1_2 | esp | ssh},
    SuiteFormat{Suite::aes_192_cbc_hmac_md5, "aes-192-cbc-hmac-md5", aes_192, md5, esp | ssh},
    SuiteFormat{Suite::aes_192_cbc_hmac_sha1, "aes-192-cbc-hmac-sha1", aes_192, sha1, esp | ssh},
    SuiteFormat{Suite::aes_192_cbc_hmac_sha256, "aes-192-cbc-hmac-sha256", aes_192, sha256, esp | ssh},
    SuiteFormat{Suite::aes_256_cbc_hmac_md5, "aes-256-cbc-hmac-md5", aes_256, md5, esp | ssh},
    SuiteFormat{Suite::aes_256_cbc_hmac_sha1, "aes-256-cbc-hmac-sha1", aes_256, sha1, up_to_tls_1_2 | esp | ssh},
    SuiteFormat{Suite::aes_256_cbc_hmac_sha256, "aes-256-cbc-hmac-sha256", aes_256, sha256,
                tls_1_2_and_dtls | esp | ssh},
    SuiteFormat{Suite::aes_128_gcm, "aes-128-gcm", gcm_128, no_mac, tls_1_2_and_dtls | tls_1_3 | esp | ssh},
    SuiteFormat{Suite::aes_256_gcm, "aes-256-gcm", gcm_256, no_mac, tls_1_2_and_dtls | tls_1_3 | esp | ssh},
    SuiteFormat{Suite::aes_128_ccm, "aes-128-ccm", ccm_128, no_mac, tls_1_2_and_dtls | tls_1_3 | esp},
    SuiteFormat{Suite::aes_256_ccm, "aes-256-ccm", ccm_256, no_mac, tls_1_2_and_dtls | esp},
    SuiteFormat{Suite::chacha20_poly1305, "chacha20-poly1305", chacha20, no_mac,
                tls_1_2_and_dtls | tls_1_3 | esp | ssh},
};

constexpr std::uint64_t all_bits = ~std::uint64_t{0};
constexpr std::uint64_t dtls_bits = (std::uint64_t{1} << 48) - 1;
constexpr std::uint64_t four_bytes = 0xffff'ffff;
constexpr Bytes without_bound{std::int64_t{1} << 53};
constexpr Bytes ip_largest = 65535_B - header_sizes::ipv4;  // what IPv4's total length leaves behind its header
constexpr Bytes udp_largest = ip_largest - header_sizes::udp;

constexpr std::array protocol_formats = {
    ProtocolFormat{Protocol::none, "none", false, false, without_bound, without_bound, all_bits, false, plain::lay_out,
                   plain::key_sizes, plain::make_codec},
    ProtocolFormat{Protocol::tls_1_0, "tls-1.0", false, true, 16_KiB, without_bound, all_bits, true, tls::lay_out,
                   tls::key_sizes, tls::make_codec},
    ProtocolFormat{Protocol::tls_1_1, "tls-1.1", false, true, 16_KiB, without_bound, all_bits, true, tls::lay_out,
                   tls::key_sizes, tls::make_codec},
    ProtocolFormat{Protocol::tls_1_2, "tls-1.2", false, true, 16_KiB, without_bound, all_bits, true, tls::lay_out,
                   tls::key_sizes, tls::make_codec},
    ProtocolFormat{Protocol::tls_1_3, "tls-1.3", false, true, 16_KiB, without_bound, all_bits, false, tls_1_3::lay_out,
                   tls_1_3::key_sizes, tls_1_3::make_codec},
    ProtocolFormat{Protocol::dtls_1_2, "dtls-1.2", true, true, 16_KiB, udp_largest, dtls_bits, true, dtls_1_2::lay_out,
                   dtls_1_2::key_sizes, dtls_1_2::make_codec},
    ProtocolFormat{Protocol::esp_transport, "esp-transport", true, false, ip_largest, ip_largest, four_bytes, false,
                   esp::lay_out, esp::key_sizes, esp::make_codec},
    ProtocolFormat{Protocol::esp_tunnel, "esp-tunnel", true, false, ip_largest, ip_largest, four_bytes, false,
                   esp::lay_out, esp::key_sizes, esp::make_codec},
    ProtocolFormat{Protocol::ssh_2, "ssh-2", false, false, 32_KiB, without_bound, four_bytes, true, ssh_2::lay_out,
                   ssh_2::key_sizes, ssh_2::make_codec},
};

template <const auto& formats, auto member>
constexpr auto column() {
  std::array<std::remove_cvref_t<decltype(formats.front().*member)>, formats.size()> values{};
  std::transform(formats.begin(), formats.end(), values.begin(), [](const auto& row) { return row.*member; });
  return values;
}
constexpr auto protocols = column<protocol_formats, &ProtocolFormat::protocol>();
constexpr auto suites = column<suite_formats, &SuiteFormat::suite>();

/// Rows stand in the order of the enumeration, so that looking one up is an index.
template <const auto& formats, auto member>
constexpr bool in_order() {
  for (std::size_t i = 0; i < formats.size(); ++i) {
    if (static_cast<std::size_t>(formats[i].*member) != i) return false;
  }
  return true;
}
static_assert(in_order<protocol_formats, &ProtocolFormat::protocol>());
static_assert(in_order<suite_formats, &SuiteFormat::suite>());

std::vector<RecordFormat> supported_formats() {
  std::vector<RecordFormat> formats;
  for (const Protocol protocol : protocols) {
    for (const Suite suite : suites) {
      for (const bool encrypt_then_mac : {false, true}) {
        const RecordFormat format{protocol, suite, encrypt_then_mac};
        if (supports(format)) formats.push_back(format);
      }
    }
  }
  return formats;
}

}  // namespace

const ProtocolFormat& format_of(Protocol protocol) {
  const auto row = static_cast<std::size_t>(protocol);
  ensure(row < protocol_formats.size(), "every protocol has a row in the table");
  return protocol_formats[row];
}

const SuiteFormat& format_of(Suite suite) {
  const auto row = static_cast<std::size_t>(suite);
  ensure(row < suite_formats.size(), "every suite has a row in the table");
  return suite_formats[row];
}

std::string_view name_of(Protocol protocol) { return format_of(protocol).name; }
std::string_view name_of(Suite suite) { return format_of(suite).name; }
std::span<const Protocol> all_protocols() { return protocols; }
std::span<const Suite> all_suites() { return suites; }
bool supports(Protocol protocol, Suite suite) { return (format_of(suite).protocols & in(protocol)) != 0; }

bool supports(const RecordFormat& format) {
  if (!supports(format.protocol, format.suite)) return false;
  if (!format.encrypt_then_mac) return true;
  if (!format_of(format.protocol).chooses_encrypt_then_mac) return false;
  const SuiteFormat& suite = format_of(format.suite);
  // RFC 7366 is for block ciphers only; SSH's names are for every MAC.
  return suite.cipher.kind == CipherKind::cbc || (format.protocol == Protocol::ssh_2 && !suite.cipher.is_aead());
}

std::string name_of(const RecordFormat& format) {
  return std::string(name_of(format.protocol)) + " / " + std::string(name_of(format.suite)) +
         (format.encrypt_then_mac ? ", encrypt-then-MAC" : "");
}

std::span<const RecordFormat> all_formats() {
  static const std::vector<RecordFormat> formats = supported_formats();
  return formats;
}

bool in_datagrams(Protocol protocol) { return format_of(protocol).in_datagrams; }
bool has_alerts(Protocol protocol) { return format_of(protocol).has_alerts; }

KeySizes key_sizes(const RecordFormat& format) {
  ensure(supports(format), "the protocol has the suite");
  return format_of(format.protocol).key_sizes(format, format_of(format.suite));
}

std::unique_ptr<RecordCodec> make_codec(const RecordFormat& format, const TrafficKeys& keys) {
  const KeySizes sizes = key_sizes(format);
  ensure(size_of(keys.cipher_key) == sizes.cipher_key && size_of(keys.mac_key) == sizes.mac_key &&
             size_of(keys.implicit_iv) == sizes.implicit_iv,
         "the keys have the suite's sizes");
  return format_of(format.protocol).make_codec(format, format_of(format.suite), keys);
}

}  // namespace cryptopath
