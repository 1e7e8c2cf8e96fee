// OpenSSL and GnuTLS read what the project seals, and refuse what anyone has changed.
#include <rapidcheck.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "sealed_stream.hpp"

using namespace cryptopath;
using namespace cryptopath::test;
using Catch::Matchers::Contains;

namespace {

Session connect(const RecordFormat& format) { return handshake(format, 1); }

ByteVector received(Peer& peer, std::span<const std::byte> wire) {
  ByteVector plaintext;
  peer.receive(wire, plaintext);
  return plaintext;
}

/// Whether a fresh peer refuses `wire`, in its own name.
void check_refused(const RecordFormat& format, const ByteVector& wire) {
  const Session session = connect(format);
  ByteVector plaintext;
  CHECK_THROWS_WITH(session.peer->receive(wire, plaintext), Contains(session.peer->name() + " rejects the record: "));
  CHECK(plaintext.empty());
  CHECK_THROWS_AS(session.peer->receive(wire, plaintext), Fault);  // and goes on refusing
}

}  // namespace

TEST_CASE("peers name the library and its version") {
  CHECK_THAT(connect({Protocol::tls_1_2, Suite::aes_128_gcm}).peer->name(), Catch::StartsWith("OpenSSL 3."));
  CHECK_THAT(connect({Protocol::tls_1_2, Suite::triple_des_cbc_hmac_sha1}).peer->name(),
             Catch::StartsWith("GnuTLS 3."));
}

TEST_CASE("peers accept records of any size in pieces of any size") {
  for (const RecordFormat& format : protecting_formats) {
    INFO(name_of(format));
    CHECK(rc::check([format] {
      const auto sizes = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::size_t>>(
          rc::gen::oneOf(rc::gen::element<std::size_t>(1, 16383, 16384), rc::gen::inRange<std::size_t>(1, 200))));
      const ByteVector plaintext = pattern(*rc::gen::inRange<std::size_t>(0, 40'000));
      const auto pieces = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::size_t>>(
          rc::gen::oneOf(rc::gen::inRange<std::size_t>(0, 50), rc::gen::inRange<std::size_t>(1000, 20'000))));
      Session session = connect(format);
      const ByteVector wire = sealed_stream(format, session.sender, plaintext, sizes);
      ByteVector accepted;
      std::span<const std::byte> rest = wire;
      for (std::size_t i = 0; !rest.empty(); ++i) {
        const auto piece = rest.first(std::min(rest.size(), pieces[i % pieces.size()] + i / pieces.size()));
        session.peer->receive(piece, accepted);
        rest = rest.subspan(piece.size());
      }
      RC_ASSERT(accepted == plaintext);
    }));
  }
}

TEST_CASE("peers accept megabytes at once and byte by byte and nothing") {
  for (const RecordFormat& format : protecting_formats) {
    INFO(name_of(format));
    Session session = connect(format);
    const ByteVector plaintext = pattern(3'000'000);
    const ByteVector wire = sealed_stream(format, session.sender, plaintext, {16384, 1, 1000});
    CHECK(received(*session.peer, {}).empty());
    ByteVector accepted;
    const auto bytewise = std::span(wire).first(40'000);
    for (const std::byte& byte : bytewise) session.peer->receive(std::span(&byte, 1), accepted);
    session.peer->receive(std::span(wire).subspan(bytewise.size()), accepted);
    CHECK(accepted == plaintext);
  }
}

TEST_CASE("peers accept a record without plaintext") {
  for (const RecordFormat& format : protecting_formats) {
    INFO(name_of(format));
    Session session = connect(format);
    const ByteVector wire = sealed_stream(format, session.sender, pattern(30), {0, 10});
    CHECK(received(*session.peer, wire) == pattern(30));
  }
}

TEST_CASE("peers refuse a record with any byte changed") {
  for (const RecordFormat& format : protecting_formats) {
    const ByteVector wire = sealed_stream(format, connect(format).sender, pattern(20), {20});
    for (std::size_t place = 0; place < wire.size(); ++place) {
      if (place == 3) continue;  // a longer record is refused for its length, or waited for
      INFO(name_of(format) << ", byte " << place);
      ByteVector tampered = wire;
      tampered[place] ^= std::byte{0x01};
      tampered.resize(wire.size() + 8);  // so that a record that claims to be longer by some bytes is complete
      check_refused(format, tampered);
    }
  }
}

TEST_CASE("peers refuse records that are repeated or left out or sealed under other keys") {
  for (const RecordFormat& format : protecting_formats) {
    INFO(name_of(format));
    const TrafficKeys keys = connect(format).sender;
    const ByteVector plaintext = pattern(100);
    RecordTransform transform(format, keys);
    for (const std::uint64_t sequence : {keys.sequence - 1, keys.sequence + 1}) {
      check_refused(format, sealed(transform, frame_of(format, sequence, 100), plaintext));
    }
    const TrafficKeys others = handshake(format, 2).sender;
    check_refused(format, sealed_stream(format, others, plaintext, {100}));

    const ByteVector record = sealed(transform, frame_of(format, keys.sequence, 100), plaintext);
    Session session = connect(format);
    CHECK(received(*session.peer, record) == plaintext);
    CHECK_THROWS_AS(received(*session.peer, record), Fault);
  }
}

TEST_CASE("peers hand out nothing of a record cut short") {
  for (const RecordFormat& format : protecting_formats) {
    INFO(name_of(format));
    Session session = connect(format);
    const ByteVector wire = sealed_stream(format, session.sender, pattern(500), {500});
    CHECK(received(*session.peer, std::span(wire).first(wire.size() - 1)).empty());
    CHECK(received(*session.peer, std::span(wire).last(1)) == pattern(500));
  }
}

TEST_CASE("after a fork both processes read their own copy of the connection") {
  for (const RecordFormat& format : protecting_formats) {
    INFO(name_of(format));
    Session session = connect(format);
    const ByteVector plaintext = pattern(50'000);
    const ByteVector wire = sealed_stream(format, session.sender, plaintext, {1000});
    std::array<pid_t, 2> children{};
    for (pid_t& child : children) {
      child = fork();
      REQUIRE(child >= 0);
      if (child == 0) {
        ByteVector accepted;
        try {
          session.peer->receive(wire, accepted);
        } catch (const Fault&) {
          _exit(2);
        }
        _exit(accepted == plaintext ? 0 : 1);
      }
    }
    for (const pid_t child : children) {
      int status = -1;
      waitpid(child, &status, 0);
      CHECK(status == 0);
    }
    CHECK(received(*session.peer, wire) == plaintext);
  }
}
