#include "libraries.hpp"

#include <gnutls/gnutls.h>
#include <openssl/ssl.h>

#include "../peer_exchange.hpp"
#include "record/formats.hpp"
#include "record/handshakes/handshake.hpp"
#include "record/openssl.hpp"

namespace cryptopath::test {

namespace {

/// libcrypto's name of the cipher, "NULL" for none; the project's single DES runs as 3DES.
std::string cipher_name(const SuiteFormat& suite) {
  if (suite.cipher.kind == CipherKind::none) return "NULL";
  return suite.cipher.key == Bytes(8) ? "DES-CBC" : suite.cipher.name;
}

/// DTLS 1.2 has what TLS 1.2 has.
bool before_tls_1_2(Protocol protocol) { return protocol == Protocol::tls_1_0 || protocol == Protocol::tls_1_1; }

bool openssl_has(Protocol protocol, const SuiteFormat& suite) {
  const Owned<SSL_CTX, SSL_CTX_free> context(SSL_CTX_new(TLS_method()));
  REQUIRE(context != nullptr);
  REQUIRE(SSL_CTX_set_cipher_list(context.get(), "ALL:COMPLEMENTOFALL:@SECLEVEL=0") == 1);
  const EVP_CIPHER* cipher = EVP_get_cipherbyname(cipher_name(suite).c_str());
  REQUIRE((cipher != nullptr) == (suite.cipher.kind != CipherKind::none));
  const int cipher_number = cipher == nullptr ? NID_undef : EVP_CIPHER_get_nid(cipher);
  const int digest_number = suite.mac.digest == nullptr ? NID_undef : OBJ_sn2nid(suite.mac.digest);
  const STACK_OF(SSL_CIPHER)* ciphers = SSL_CTX_get_ciphers(context.get());
  for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); ++i) {
    const SSL_CIPHER* has = sk_SSL_CIPHER_value(ciphers, i);
    if (before_tls_1_2(protocol) && SSL_CIPHER_get_version(has) == std::string_view("TLSv1.2")) continue;
    if (SSL_CIPHER_get_cipher_nid(has) == cipher_number && SSL_CIPHER_get_digest_nid(has) == digest_number) return true;
  }
  return false;
}

bool gnutls_has(Protocol protocol, const SuiteFormat& suite) {
  const std::string name = cipher_name(suite);
  const auto cipher = gnutls_cipher_get_id(name == "RC4"            ? "ARCFOUR-128"
                                           : name == "DES-EDE3-CBC" ? "3DES-CBC"
                                                                    : name.c_str());
  const auto mac = gnutls_mac_get_id(suite.mac.digest == nullptr ? "AEAD" : suite.mac.digest);
  REQUIRE(cipher != GNUTLS_CIPHER_UNKNOWN);
  REQUIRE(mac != GNUTLS_MAC_UNKNOWN);
  gnutls_cipher_algorithm_t has_cipher = GNUTLS_CIPHER_UNKNOWN;
  gnutls_mac_algorithm_t has_mac = GNUTLS_MAC_UNKNOWN;
  gnutls_protocol_t from = GNUTLS_VERSION_UNKNOWN;
  for (std::size_t i = 0; gnutls_cipher_suite_info(i, nullptr, nullptr, &has_cipher, &has_mac, &from) != nullptr; ++i) {
    if (before_tls_1_2(protocol) && from >= GNUTLS_TLS1_2) continue;
    if (has_cipher == cipher && has_mac == mac) return true;
  }
  return false;
}

using Handshake = Session (*)(const RecordFormat&, std::uint64_t);

Cell cell_of(const RecordFormat& format, Handshake handshake, bool (*has)(Protocol, const SuiteFormat&)) {
  const char* why_not = !is_tls(format)                                  ? "speaks TLS and DTLS only"
                        : !has(format.protocol, format_of(format.suite)) ? "has no such suite for this protocol"
                                                                         : nullptr;
  if (why_not != nullptr) {
    CHECK_THROWS_AS(handshake(format, 1), Fault);
    return {"", why_not};
  }
  {
    const Session session = handshake(format, 1);
    CHECK_FALSE(session.handshake.empty());
    check_received(format, session);
    check_sent(format, session);
  }
  const Refusal refusal = refusal_of(format, handshake(format, 2), 0.4);
  if (refusal == Refusal::ends_connection && in_datagrams(format.protocol)) {
    return {"yes", "a changed datagram ends the connection, where RFC 6347, 4.1.2.7, has it discarded"};
  }
  if (refusal == Refusal::discards_all_from_it_on) return {"yes", "discards all that follows a changed datagram"};
  return {"yes", ""};
}

/// "3.0" of "3.0.17".
std::string release_of(const std::string& version) {
  return version.substr(0, version.find('.', version.find('.') + 1));
}

}  // namespace

Cell openssl_cell(const RecordFormat& format) { return cell_of(format, openssl_handshake, openssl_has); }
Cell gnutls_cell(const RecordFormat& format) { return cell_of(format, gnutls_handshake, gnutls_has); }

std::string openssl_release() { return "OpenSSL " + release_of(OpenSSL_version(OPENSSL_VERSION_STRING)); }
std::string gnutls_release() { return "GnuTLS " + release_of(gnutls_check_version(nullptr)); }

}  // namespace cryptopath::test
