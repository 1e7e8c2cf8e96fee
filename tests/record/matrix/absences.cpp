#include "absences.hpp"

#include <algorithm>

#include "record/formats.hpp"

namespace cryptopath::test {

namespace {

using enum Protocol;

/// The suites of which `holds`.
std::vector<Suite> suites_where(bool (*holds)(const SuiteFormat&)) {
  std::vector<Suite> suites;
  std::ranges::copy_if(all_suites(), std::back_inserter(suites),
                       [holds](Suite suite) { return suite != Suite::null && holds(format_of(suite)); });
  return suites;
}

bool is_aead(const SuiteFormat& suite) { return suite.cipher.is_aead(); }
bool is_no_aead(const SuiteFormat& suite) { return !suite.cipher.is_aead(); }
bool is_single_des(const SuiteFormat& suite) { return suite.name.starts_with("des-"); }
bool is_aes_without_a_number(const SuiteFormat& suite) {
  return suite.name.starts_with("aes-192-") || (suite.name.starts_with("aes-") && suite.name.ends_with("-hmac-md5"));
}

constexpr const char* with_kerberos =
    "IANA's number is for Kerberos (RFC 2712), of which OpenSSL and GnuTLS have no suite and tshark deciphers none";

std::vector<Suite> without(std::vector<Suite> suites, Suite excepted) {
  std::erase(suites, excepted);
  return suites;
}

}  // namespace

std::span<const Absence> absences() {
  static const std::vector<Absence> table = {
      {{tls_1_0, tls_1_1}, {Suite::des_cbc_hmac_md5}, with_kerberos},
      {{tls_1_0, tls_1_1, tls_1_2, dtls_1_2}, {Suite::triple_des_cbc_hmac_md5}, with_kerberos},
      {{tls_1_2, dtls_1_2},
       {Suite::des_cbc_hmac_md5, Suite::des_cbc_hmac_sha1},
       "TLS 1.2 has lost single DES (RFC 5246, 1.2; RFC 5469)"},
      {{tls_1_0, tls_1_1, tls_1_2, dtls_1_2},
       {Suite::des_cbc_hmac_sha256, Suite::triple_des_cbc_hmac_sha256},
       "IANA has no number for them"},
      {{tls_1_0, tls_1_1, tls_1_2, dtls_1_2}, suites_where(is_aes_without_a_number), "IANA has no number for them"},
      {{tls_1_0, tls_1_1},
       {Suite::aes_256_cbc_hmac_sha256},
       "its numbers came with TLS 1.2 (RFC 5246, A.5); those for every version (RFC 5487, RFC 5489) have SHA-384 with "
       "AES-256"},
      {{tls_1_0, tls_1_1}, suites_where(is_aead), "AEADs came with TLS 1.2 (RFC 5246, 6.2.3.3)"},
      {{dtls_1_2}, {Suite::rc4_hmac_sha1}, "forbidden, as datagrams get lost (RFC 6347, 4.1.2.2)"},
      {{tls_1_3},
       without(suites_where(is_no_aead), Suite::null_hmac_sha256),
       "TLS 1.3 has AEADs alone (RFC 8446, B.4)"},
      {{tls_1_3},
       {Suite::null_hmac_sha256},
       "RFC 9150 has it; no peer here has: OpenSSL 3.0 and GnuTLS 3.7 lack it, and tshark 4.0 knows its name alone"},
      {{tls_1_3}, {Suite::aes_256_ccm}, "IANA has no number for it"},
      {{esp_transport, esp_tunnel},
       {Suite::rc4_hmac_sha1},
       "no RFC has it: each packet must be deciphered without those before (RFC 4303, 2.3)"},
      {{ssh_2},
       suites_where(is_single_des),
       "IANA lists des-cbc as historic (RFC 4250, 4.11.1); no RFC and no peer here has it"},
      {{ssh_2}, {Suite::aes_128_ccm, Suite::aes_256_ccm}, "neither an RFC nor OpenSSH has it"},
  };
  return table;
}

}  // namespace cryptopath::test
