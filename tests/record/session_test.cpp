// Every format that the record code has, between the project and a peer: OpenSSL or GnuTLS where they have it.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <iostream>
#include <map>
#include <set>
#include <sstream>

#include "cryptopath/wire_verifier.hpp"
#include "peer_exchange.hpp"

using namespace cryptopath;
using namespace cryptopath::test;
using Catch::Matchers::Contains;

namespace {

bool is_library(const Peer& peer) {
  return peer.name().starts_with("OpenSSL 3.") || peer.name().starts_with("GnuTLS 3.");
}

ByteVector sealed_alert(const Session& session, const RecordFormat& format, std::uint8_t level, std::uint8_t what) {
  RecordTransform transform(format, session.sender);
  const Frame frame = RecordFraming(format, session.sender.sequence).layout(Bytes(2), ContentType::alert);
  return sealed(transform, frame, std::array{std::byte(level), std::byte(what)});
}

/// Whether the peer discards a datagram that does not authenticate, as RFC 6347, 4.1.2.7, and RFC 4303 have it. OpenSSL
/// 3.0 ends the connection of DTLS with encrypt-then-MAC and without a cipher.
bool discards(const RecordFormat& format, const Peer& peer) {
  const bool null = name_of(format.suite).starts_with("null");
  return in_datagrams(format.protocol) && !(peer.name().starts_with("OpenSSL") && (format.encrypt_then_mac || null));
}
/// Whether it then accepts the next one. GnuTLS 3.7 does not under MAC-then-encrypt: what it hashes for an equal time
/// stays in its HMAC.
bool recovers(const RecordFormat& format, const Peer& peer) {
  return !peer.name().starts_with("GnuTLS") || format.encrypt_then_mac;
}

bool repeats(const RecordFormat& format) {  // the transcript does, see handshake()
  return format.suite != Suite::triple_des_cbc_hmac_sha1 || format.protocol == Protocol::tls_1_0;
}

bool same_keys(const TrafficKeys& a, const TrafficKeys& b) {
  return a.cipher_key == b.cipher_key && a.mac_key == b.mac_key && a.implicit_iv == b.implicit_iv &&
         a.sequence == b.sequence && a.keystream_used == b.keystream_used && a.association == b.association &&
         a.iv_seed == b.iv_seed;
}

bool same_flights(const std::vector<Flight>& a, const std::vector<Flight>& b) {
  return std::ranges::equal(
      a, b, [](const Flight& x, const Flight& y) { return x.from_sender == y.from_sender && x.bytes == y.bytes; });
}

}  // namespace

TEST_CASE("every format has a session whose keys have its sizes") {
  for (const RecordFormat& format : all_formats()) {
    INFO(name_of(format));
    const Session session = handshake(format, 1);
    const KeySizes sizes = key_sizes(format);
    CHECK(size_of(session.sender.cipher_key) == sizes.cipher_key);
    CHECK(size_of(session.sender.mac_key) == sizes.mac_key);
    CHECK(size_of(session.sender.implicit_iv) == sizes.implicit_iv);
    CHECK((is_library(*session.peer) || format.protocol == Protocol::ssh_2) == !session.handshake.empty());
    CHECK(session.peer->in_datagrams() == in_datagrams(format.protocol));
    if (!is_library(*session.peer)) continue;
    CHECK(size_of(session.receiver.cipher_key) == sizes.cipher_key);
    CHECK(size_of(session.receiver.mac_key) == sizes.mac_key);
    CHECK(size_of(session.receiver.implicit_iv) == sizes.implicit_iv);
  }
}

TEST_CASE("peers accept what the project seals in every format") {
  std::map<std::string, int> proven;
  for (const RecordFormat& format : all_formats()) {
    INFO(name_of(format));
    const Session session = handshake(format, 1);
    check_received(format, session);
    ++proven[session.peer->name()];
  }
  for (const auto& [peer, formats] : proven) std::cout << fmt::format("{:3} formats read by {}\n", formats, peer);
}

TEST_CASE("OpenSSL or GnuTLS is the peer of every format of TLS and DTLS but those with DES") {
  for (const RecordFormat& format : all_formats()) {
    if (!has_alerts(format.protocol)) continue;
    INFO(name_of(format));
    CHECK(is_library(*handshake(format, 1).peer) == (format.suite != Suite::des_cbc_hmac_sha1));
  }
}

TEST_CASE("the project opens what peers send and their close_notify") {
  for (const RecordFormat& format : all_formats()) {
    const Session session = handshake(format, 1);
    if (!is_library(*session.peer)) continue;
    INFO(name_of(format));
    check_sent(format, session);
  }
}

TEST_CASE("peers that are no library decline to send") {
  const Session session = handshake({Protocol::tls_1_0, Suite::des_cbc_hmac_sha1}, 1);
  ByteVector wire;
  CHECK_THROWS_WITH(session.peer->send(pattern(1), wire), "cryptopath's own reader only receives");
  CHECK_THROWS_WITH(session.peer->close(wire), "cryptopath's own reader only receives");
}

TEST_CASE("a close_notify that the project seals closes the connection") {
  for (const RecordFormat& format : all_formats()) {
    if (!has_alerts(format.protocol)) continue;
    INFO(name_of(format));
    const Session session = handshake(format, 1);
    CHECK_FALSE(session.peer->closed());
    CHECK(received(*session.peer, {sealed_alert(session, format, 1, 0)}).empty());
    CHECK(session.peer->closed());
    CHECK_THROWS_AS(received(*session.peer, {pattern(1)}), Fault);
  }
}

TEST_CASE("a fatal alert that the project seals is an error of the peer") {
  for (const RecordFormat& format : all_formats()) {
    if (!has_alerts(format.protocol)) continue;
    INFO(name_of(format));
    const Session session = handshake(format, 1);
    constexpr std::uint8_t internal_error = 80;
    CHECK_THROWS_WITH(received(*session.peer, {sealed_alert(session, format, 2, internal_error)}),
                      Contains(session.peer->name() + " got a fatal alert: "));
    CHECK_FALSE(session.peer->closed());
  }
}

TEST_CASE("peers and the project alike refuse a record that was changed") {
  for (const RecordFormat& format : all_formats()) {
    if (format.protocol == Protocol::none) continue;
    for (const double place : {0.4, 1.0}) {
      INFO(name_of(format) << ", at " << place << " of the record");
      const Session session = handshake(format, 1);
      const Refusal refusal = refusal_of(format, session, place);
      CHECK((refusal == Refusal::ends_connection) != discards(format, *session.peer));
      if (recovers(format, *session.peer)) CHECK(refusal != Refusal::discards_all_from_it_on);
    }
  }
}

TEST_CASE("one seed gives the same session again and another seed another") {
  for (const RecordFormat& format : all_formats()) {
    if (format.protocol == Protocol::none) continue;
    INFO(name_of(format));
    const Session first = handshake(format, 7);
    const Session again = handshake(format, 7);
    const Session other = handshake(format, 8);
    CHECK(same_keys(first.sender, again.sender));
    CHECK(same_keys(first.receiver, again.receiver));
    CHECK(first.key_log == again.key_log);
    if (repeats(format)) CHECK(same_flights(first.handshake, again.handshake));
    CHECK_FALSE(same_keys(first.sender, other.sender));
    const bool draws =
        format.protocol == Protocol::ssh_2 || name_of(format.suite).find("cbc") != std::string_view::npos;
    if (draws) CHECK(first.sender.iv_seed != other.sender.iv_seed);
    if (!first.handshake.empty()) CHECK_FALSE(same_flights(first.handshake, other.handshake));
    CHECK_FALSE(same_keys(first.sender, first.receiver));
    if (is_library(*first.peer)) CHECK_FALSE(same_keys(first.receiver, other.receiver));
  }
}

TEST_CASE("the key log has the lines that Wireshark reads") {
  for (const RecordFormat& format : all_formats()) {
    INFO(name_of(format));
    const Session session = handshake(format, 1);
    if (!is_library(*session.peer)) continue;
    std::istringstream log(session.key_log);
    std::set<std::string> labels;
    for (std::string label, random, secret; log >> label >> random >> secret;) {
      labels.insert(label);
      CHECK(random.size() == 64);
      CHECK((secret.size() == 64 || secret.size() == 96));
      CHECK((random + secret).find_first_not_of("0123456789abcdef") == std::string::npos);
    }
    if (format.protocol == Protocol::tls_1_3) {
      for (const char* label : {"CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET",
                                "CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0"}) {
        CHECK(labels.contains(label));
      }
    } else {
      CHECK(labels == std::set<std::string>{"CLIENT_RANDOM"});
    }
    // The client's random number stands where its hello has it: behind headers, version and, in DTLS, the fragment.
    const auto hello = std::span(session.handshake.front().bytes).subspan(in_datagrams(format.protocol) ? 27 : 11, 32);
    std::string random;
    for (const std::byte byte : hello) random += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
    CHECK_THAT(session.key_log, Contains(" " + random + " "));
  }
}

TEST_CASE("the key log of ESP is a row of Wireshark's table of security associations") {
  const Session gcm = handshake({Protocol::esp_tunnel, Suite::aes_128_gcm}, 1);
  CHECK_THAT(gcm.key_log, Catch::Matches(R"("IPv4","192\.0\.2\.1","198\.51\.100\.1","0x[0-9a-f]{8}",)"
                                         R"("AES-GCM with 16 octet ICV \[RFC4106\]","0x[0-9a-f]{40}","NULL",""\n)"));
  CHECK(gcm.sender.association > 255);
  const Session cbc = handshake({Protocol::esp_transport, Suite::triple_des_cbc_hmac_sha256}, 1);
  CHECK_THAT(cbc.key_log, Contains(R"("TripleDES-CBC [RFC2451]")") && Contains(R"("HMAC-SHA-256-128 [RFC4868]")"));
  CHECK(handshake({Protocol::esp_transport, Suite::aes_128_ccm}, 1).key_log.empty());
}

TEST_CASE("the project's own reader puts a stream together and names what it rejects") {
  for (const RecordFormat& format : all_formats()) {
    if (in_datagrams(format.protocol)) continue;
    const Session session = handshake(format, 1);
    if (session.peer->name() != "cryptopath's own reader") continue;
    INFO(name_of(format));
    auto wire = wire_of(format, sealed_records(format, session.sender, pattern(300), {100, 1}));
    ByteVector plaintext;
    for (const ByteVector& piece : wire) {
      for (const std::byte& byte : piece) session.peer->receive(std::span(&byte, 1), plaintext);
    }
    CHECK(plaintext == pattern(300));

    ByteVector changed = sealed_record(format, session.sender, pattern(100));
    changed.back() ^= std::byte{1};
    const char* error = format.protocol == Protocol::ssh_2 ? "SSH_DISCONNECT_MAC_ERROR" : "bad_record_mac";
    const Session other = handshake(format, 1);
    CHECK_THROWS_WITH(received(*other.peer, {changed}),
                      std::string("cryptopath's own reader rejects the record: ") + error);
    CHECK_THROWS_AS(received(*other.peer, {changed}), Fault);  // and goes on refusing
  }
}

TEST_CASE("a stream whose next record claims a length that no record has is refused") {
  for (const RecordFormat& format : all_formats()) {
    if (in_datagrams(format.protocol)) continue;
    const Session session = handshake(format, 1);
    if (session.peer->name() != "cryptopath's own reader") continue;
    INFO(name_of(format));
    ByteVector wire(70'000, std::byte{0xff});
    wire[0] = std::byte{23};
    CHECK_THROWS_AS(received(*session.peer, {wire}), Fault);
  }
}

TEST_CASE("RC4 goes on in the keystream where earlier records have stopped") {
  const RecordFormat format{Protocol::tls_1_2, Suite::rc4_hmac_sha1};
  const Session session = handshake(format, 1);
  CHECK(session.sender.keystream_used == 12 + 4 + 20);  // Finished, its header and its MAC
  TrafficKeys start = session.sender;
  start.keystream_used = 0;
  TrafficKeys later = start;
  later.sequence += 1;
  later.keystream_used = 2000 + 20;
  RecordTransform transform(format, start);
  const ByteVector before = sealed(transform, frame_of(format, start.sequence, 2000), pattern(2000));
  const ByteVector after = sealed(transform, frame_of(format, later.sequence, 50), pattern(50));
  CHECK(sealed_record(format, later, pattern(50)) == after);
}

TEST_CASE("a library's handshake begins with the client and holds the datagrams apart") {
  for (const RecordFormat& format : all_formats()) {
    INFO(name_of(format));
    const Session session = handshake(format, 1);
    if (!is_library(*session.peer)) continue;
    CHECK_FALSE(session.handshake.front().from_sender);
    // Both ends speak twice. OpenSSL puts all that it then says into one datagram, GnuTLS each message into its own.
    if (in_datagrams(format.protocol) && session.peer->name().starts_with("GnuTLS")) {
      CHECK(session.handshake.size() == 8);
    }
    for (std::size_t i = 0; i < session.handshake.size(); ++i) {
      const Flight& flight = session.handshake[i];
      REQUIRE(flight.bytes.size() > 13);
      if (in_datagrams(format.protocol)) {
        CHECK(flight.bytes.size() <= 1472);
        CHECK(flight.bytes[1] == std::byte{0xfe});
      } else {
        CHECK(flight.bytes[1] == std::byte{0x03});
        if (i > 0) CHECK(flight.from_sender != session.handshake[i - 1].from_sender);
      }
    }
  }
}

TEST_CASE("a verifier keeps datagrams apart") {
  for (const RecordFormat& format : {RecordFormat{Protocol::dtls_1_2, Suite::aes_128_gcm},
                                     RecordFormat{Protocol::dtls_1_2, Suite::triple_des_cbc_hmac_sha1}}) {
    INFO(name_of(format));
    Session session = handshake(format, 1);
    const ByteVector plaintext = pattern(300'000);
    const auto datagrams = sealed_records(format, session.sender, plaintext, {1400, 1, 64});
    WireVerifier verifier(
        std::move(session.peer), size_of(plaintext), [&](std::uint64_t offset, std::span<std::byte> into) {
          std::copy_n(plaintext.begin() + static_cast<std::ptrdiff_t>(offset), into.size(), into.begin());
        });
    for (const ByteVector& datagram : datagrams) verifier.feed(datagram);
    const WireReport report = verifier.finish();
    CHECK(report.plaintext == size_of(plaintext));
    CHECK(report.plaintext_sha256 == sha256(plaintext));
  }
}
