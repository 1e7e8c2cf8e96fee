#include "des_session.hpp"

#include <catch2/catch.hpp>
#include <sstream>

#include "../../capture/tshark.hpp"
#include "record/bytes.hpp"
#include "record/handshakes/handshake.hpp"
#include "record/handshakes/tls_keys.hpp"

namespace cryptopath::test {

namespace {

constexpr std::size_t header_size = 5;  // of a record
constexpr std::size_t random_at = 11;   // behind the headers of record and message, and the version
constexpr std::size_t random_size = 32;

ByteVector random_of(const Flight& hello) {
  const auto random = std::span(hello.bytes).subspan(random_at, random_size);
  return {random.begin(), random.end()};
}

/// Puts TLS_RSA_WITH_DES_CBC_SHA (RFC 2246, A.5) in the place of TLS_PSK_WITH_3DES_EDE_CBC_SHA (RFC 4279).
void choose_des(Flight& hello) {
  const std::size_t identifier_at = random_at + random_size;
  const std::size_t suite_at = identifier_at + 1 + std::to_integer<std::size_t>(hello.bytes[identifier_at]);
  REQUIRE(number_at(hello.bytes, suite_at) == 0x008b);
  hello.bytes[suite_at] = std::byte{0x00};
  hello.bytes[suite_at + 1] = std::byte{0x09};
}

/// What an end says up to its change_cipher_spec, and its Finished record behind that.
std::size_t finished_at(const Flight& flight) {
  for (std::size_t at = 0; at < flight.bytes.size();) {
    const bool changes = flight.bytes[at] == std::byte(ContentType::change_cipher_spec);
    at += header_size + number_at(flight.bytes, at + header_size - 2);
    if (changes) return at;
  }
  return flight.bytes.size();
}

}  // namespace

Session des_session(const RecordFormat& format, std::uint64_t seed) {
  Session session = gnutls_handshake({format.protocol, Suite::triple_des_cbc_hmac_sha1, format.encrypt_then_mac}, seed);
  std::vector<Flight>& flights = session.handshake;
  REQUIRE(flights.size() == 4);
  choose_des(flights[1]);
  std::istringstream key_log(session.key_log);
  std::string label;
  std::string client_random;
  std::string master;
  key_log >> label >> client_random >> master;
  const std::string octets = from_hexadecimal(master);
  MasterSecret secret;
  for (const char octet : octets) secret.master.push_back(static_cast<std::byte>(octet));
  secret.client_random = random_of(flights[0]);
  secret.server_random = random_of(flights[1]);

  std::vector<Flight> whole = flights;
  for (Flight& flight : flights) flight.bytes.resize(finished_at(flight));
  take_over(format, secret, session);
  for (std::size_t i = 2; i < flights.size(); ++i) {
    const TrafficKeys& keys = flights[i].from_sender ? session.sender : session.receiver;
    RecordTransform transform(format, keys);
    constexpr Bytes message{16};  // a header of 4 bytes and verify_data of 12
    const ByteVector finished =
        sealed(transform, RecordFraming(format, 0).layout(message, ContentType::handshake), pattern(16));
    REQUIRE(flights[i].bytes.size() + finished.size() == whole[i].bytes.size());
    flights[i].bytes.insert(flights[i].bytes.end(), finished.begin(), finished.end());
  }
  take_over(format, secret, session);
  return session;
}

}  // namespace cryptopath::test
