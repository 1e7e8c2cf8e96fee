#include "cryptopath/wire_verifier.hpp"

#include <rapidcheck.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "sealed_stream.hpp"

using namespace cryptopath;
using namespace cryptopath::test;
using Catch::Matchers::Contains;

namespace {

/// Reads `plaintext`, and throws std::out_of_range where the verifier asks beyond it.
WireVerifier::ReadExpected reader(const ByteVector& plaintext) {
  return [plaintext](std::uint64_t offset, std::span<std::byte> into) {
    for (std::byte& byte : into) byte = plaintext.at(static_cast<std::size_t>(offset++));
  };
}

void feed_in_pieces(WireVerifier& verifier, std::span<const std::byte> wire, std::size_t piece) {
  for (; !wire.empty(); wire = wire.subspan(std::min(piece, wire.size()))) {
    verifier.feed(wire.first(std::min(piece, wire.size())));
  }
}

/// Verifies `wire` against `expected`, fed in TCP segments.
WireReport verify(std::unique_ptr<Peer> peer, const ByteVector& wire, const ByteVector& expected) {
  WireVerifier verifier(std::move(peer), size_of(expected), reader(expected));
  feed_in_pieces(verifier, wire, 1448);
  return verifier.finish();
}

struct Example {
  ByteVector plaintext;
  Session session;
  ByteVector wire;

  explicit Example(const RecordFormat& format, std::size_t size = 300'000)
      : plaintext(pattern(size)),
        session(handshake(format, 1)),
        wire(sealed_stream(format, session.sender, plaintext, {16384, 64, 1000})) {}
};

/// Hands the wire on once it may; until then the verifier's thread stands still.
class HeldPeer final : public Peer {
 public:
  struct Gate {
    std::mutex mutex;
    std::condition_variable opened;
    bool open = false;
    std::atomic<std::size_t> taken = 0;

    void release() {
      const std::scoped_lock lock(mutex);
      open = true;
      opened.notify_all();
    }
  };
  explicit HeldPeer(Gate& gate) : gate_(gate) {}
  void receive(std::span<const std::byte> wire, std::vector<std::byte>& plaintext) override {
    std::unique_lock lock(gate_.mutex);
    gate_.opened.wait(lock, [this] { return gate_.open; });
    gate_.taken += wire.size();
    plaintext.insert(plaintext.end(), wire.begin(), wire.end());
  }
  std::string name() const override { return "held"; }

 private:
  Gate& gate_;
};

}  // namespace

TEST_CASE("the verifier reports sizes and hashes of wire and plaintext") {
  // SHA-256 of "abc" is FIPS 180-2's example.
  const ByteVector abc = {std::byte{'a'}, std::byte{'b'}, std::byte{'c'}};
  const WireReport report = verify(handshake(RecordFormat(), 1).peer, abc, abc);
  CHECK(report.wire == Bytes(3));
  CHECK(report.plaintext == Bytes(3));
  CHECK(report.wire_sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(report.plaintext_sha256 == report.wire_sha256);
  CHECK(report.verified_by == "byte comparison");
}

TEST_CASE("the verifier accepts an empty wire for an empty file") {
  for (const RecordFormat& format : protecting_formats) {
    const WireReport report = verify(handshake(format, 1).peer, {}, {});
    CHECK(report.wire == Bytes(0));
    CHECK(report.wire_sha256 == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(report.plaintext_sha256 == report.wire_sha256);
  }
}

TEST_CASE("the verifier's report does not depend on how the wire arrives") {
  for (const RecordFormat& format : protecting_formats) {
    INFO(name_of(format));
    Example example(format);
    const WireReport once = verify(std::move(example.session.peer), example.wire, example.plaintext);
    CHECK(once.wire_sha256 == sha256(example.wire));
    CHECK(once.plaintext_sha256 == sha256(example.plaintext));
    CHECK(once.wire == size_of(example.wire));
    CHECK(once.plaintext == size_of(example.plaintext));
    for (const std::size_t piece : {std::size_t{1}, std::size_t{65536}, std::size_t{1'000'000}}) {
      WireVerifier verifier(handshake(format, 1).peer, size_of(example.plaintext), reader(example.plaintext));
      feed_in_pieces(verifier, example.wire, piece);
      const WireReport report = verifier.finish();
      CHECK(report.wire_sha256 == once.wire_sha256);
      CHECK(report.plaintext_sha256 == once.plaintext_sha256);
      CHECK(report.verified_by == once.verified_by);
    }
  }
}

TEST_CASE("the verifier names the first byte of plaintext that differs") {
  for (const std::size_t place : {std::size_t{0}, std::size_t{70'000}, std::size_t{299'999}}) {
    Example example({Protocol::tls_1_2, Suite::aes_128_gcm});
    ByteVector other = example.plaintext;
    other[place] ^= std::byte{1};
    if (place < 250'000) other[place + 10'000] ^= std::byte{1};
    CHECK_THROWS_WITH(verify(std::move(example.session.peer), example.wire, other),
                      Contains("differs at byte " + std::to_string(place) + ":"));
  }
}

TEST_CASE("the verifier refuses a plaintext that is shorter or longer than expected") {
  for (const RecordFormat& format : protecting_formats) {
    INFO(name_of(format));
    Example longer(format);
    longer.plaintext.pop_back();
    CHECK_THROWS_WITH(verify(std::move(longer.session.peer), longer.wire, longer.plaintext),
                      Contains("more than the 299999 bytes"));
    Example shorter(format);
    shorter.plaintext.push_back(std::byte{0});
    CHECK_THROWS_WITH(verify(std::move(shorter.session.peer), shorter.wire, shorter.plaintext),
                      Contains("accepted 300000 bytes of plaintext where 300001"));
    Example cut(format);
    cut.wire.pop_back();
    CHECK_THROWS_AS(verify(std::move(cut.session.peer), cut.wire, cut.plaintext), Fault);
  }
}

TEST_CASE("the verifier has the peer see the sender's close_notify and nothing else in its place") {
  for (const RecordFormat& format : protecting_formats) {
    INFO(name_of(format));
    const ByteVector plaintext = pattern(1000);
    const auto finish = [&](std::uint64_t records_between, ByteVector alert, std::size_t stray_bytes) {
      Session session = handshake(format, 1);
      RecordFraming framing(format, session.sender.sequence);
      RecordTransform transform(format, session.sender);
      WireVerifier verifier(std::move(session.peer), size_of(plaintext), reader(plaintext));
      verifier.feed(sealed(transform, framing.next(size_of(plaintext)), plaintext));
      while (records_between-- > 0) framing.next(Bytes(0));
      const ByteVector record = sealed(transform, framing.next(size_of(alert), ContentType::alert), alert);
      verifier.feed(std::span(record).first(stray_bytes));
      return verifier.finish(record);
    };
    const ByteVector close_notify = {std::byte{1}, std::byte{0}};
    const WireReport closed = finish(0, close_notify, 0);
    CHECK(closed.plaintext == size_of(plaintext));
    CHECK(closed.wire == RecordFraming(format, 1).layout(size_of(plaintext)).size());
    CHECK_THROWS_AS(finish(1, close_notify, 0), Fault);
    CHECK_THROWS_AS(finish(0, close_notify, 4), Fault);  // the wire ends amid a record
    const ByteVector user_cancelled = {std::byte{1}, std::byte{90}};
    CHECK_THROWS_AS(finish(0, user_cancelled, 0), Fault);
    const ByteVector internal_error = {std::byte{2}, std::byte{80}};
    CHECK_THROWS_AS(finish(0, internal_error, 0), Fault);
  }
}

TEST_CASE("the verifier passes on the peer's refusal from feed and again from finish") {
  for (const RecordFormat& format : protecting_formats) {
    INFO(name_of(format));
    Example example(format, 8'000'000);
    example.wire[100] ^= std::byte{1};
    const std::string words = example.session.peer->name() + " rejects the record: ";
    WireVerifier verifier(std::move(example.session.peer), size_of(example.plaintext), reader(example.plaintext));
    // More than can wait: some feed() must see the failure.
    CHECK_THROWS_WITH(feed_in_pieces(verifier, example.wire, 1448), Contains(words));
    CHECK_THROWS_WITH(feed_in_pieces(verifier, example.wire, 1448), Contains(words));
    CHECK_THROWS_WITH(verifier.finish(), Contains(words));
  }
}

TEST_CASE("the verifier passes on what reading the expected bytes throws") {
  Example example({Protocol::tls_1_2, Suite::aes_128_gcm});
  WireVerifier verifier(std::move(example.session.peer), size_of(example.plaintext),
                        [](std::uint64_t, std::span<std::byte>) { throw InputError("the file has shrunk"); });
  CHECK_THROWS_AS((feed_in_pieces(verifier, example.wire, 1448), verifier.finish()), InputError);
}

TEST_CASE("the verifier asks for the expected bytes in order and once") {
  Example example({Protocol::tls_1_2, Suite::aes_128_gcm});
  std::uint64_t next = 0;
  bool ascending = true;
  const auto read = reader(example.plaintext);
  WireVerifier verifier(std::move(example.session.peer), size_of(example.plaintext),
                        [&](std::uint64_t offset, std::span<std::byte> into) {
                          ascending = ascending && offset == next;
                          next = offset + into.size();
                          read(offset, into);
                        });
  feed_in_pieces(verifier, example.wire, 1448);
  verifier.finish();
  CHECK(ascending);
  CHECK(next == example.plaintext.size());
}

TEST_CASE("at most 4 MiB wait for the peer and then feeding waits") {
  HeldPeer::Gate gate;
  const ByteVector plaintext = pattern(8 * 1024 * 1024);
  WireVerifier verifier(
      std::make_unique<HeldPeer>(gate), size_of(plaintext), [&](std::uint64_t offset, std::span<std::byte> into) {
        std::copy_n(plaintext.begin() + static_cast<std::ptrdiff_t>(offset), into.size(), into.begin());
      });
  std::atomic<std::size_t> fed = 0;
  std::thread feeder([&] {
    for (std::size_t done = 0; done < plaintext.size(); done += 4096) {
      verifier.feed(std::span(plaintext).subspan(done, 4096));
      fed = done + 4096;
    }
  });
  // It gets as far as the bound while the peer stands still.
  const std::size_t bound = 4 * 1024 * 1024;
  while (fed < bound - 3 * 65536) std::this_thread::yield();
  for (int i = 0; i < 10'000; ++i) std::this_thread::yield();  // time enough to run on, were nothing to stop it
  CHECK(fed <= bound);
  CHECK(gate.taken == 0);
  gate.release();
  feeder.join();
  CHECK(verifier.finish().plaintext == size_of(plaintext));
}

TEST_CASE("a verifier abandoned midway neither hangs nor throws") {
  for (const RecordFormat& format : protecting_formats) {
    for (const std::size_t fed : {std::size_t{0}, std::size_t{1}, std::size_t{200'000}}) {
      Example example(format);
      WireVerifier verifier(std::move(example.session.peer), size_of(example.plaintext), reader(example.plaintext));
      verifier.feed(std::span(example.wire).first(fed));
    }
    Example tampered(format);
    tampered.wire[0] ^= std::byte{1};
    WireVerifier verifier(std::move(tampered.session.peer), size_of(tampered.plaintext), reader(tampered.plaintext));
    verifier.feed(std::span(tampered.wire).first(100'000));  // one batch: feed() cannot know of its failure yet
  }
  SUCCEED("all were destroyed");
}

TEST_CASE("a finished verifier takes nothing more") {
  WireVerifier verifier(handshake(RecordFormat(), 1).peer, Bytes(0), reader({}));
  verifier.finish();
  CHECK_THROWS_AS(verifier.feed(pattern(1)), Fault);
  CHECK_THROWS_AS(verifier.finish(), Fault);
}
