#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <set>

#include "sealed_stream.hpp"

using namespace cryptopath;
using namespace cryptopath::test;

namespace {

/// Sizes up to a whole record, the boundaries more often than chance would have them.
rc::Gen<std::size_t> any_size() {
  return rc::gen::weightedOneOf<std::size_t>({{1, rc::gen::element<std::size_t>(0, 1, 16383, 16384)},
                                              {3, rc::gen::inRange<std::size_t>(0, 100)},
                                              {1, rc::gen::inRange<std::size_t>(0, 16385)}});
}

bool opens(const RecordTransform& transform, std::uint64_t sequence, ByteVector record) {
  return transform.open_in_place(sequence, record).has_value();
}

}  // namespace

TEST_CASE("what was sealed opens to the same plaintext") {
  for (const Suite suite : protecting_suites) {
    INFO(name_of(suite));
    CHECK(rc::check([suite] {
      const auto sequence = *rc::gen::arbitrary<std::uint64_t>();
      const ByteVector plaintext = pattern(*any_size(), sequence);
      const RecordTransform transform(Protocol::tls_1_2, suite,
                                      example_keys(suite, *rc::gen::arbitrary<std::uint64_t>()));
      ByteVector record = sealed(transform, frame_of(suite, sequence, plaintext.size()), plaintext);
      const auto opened = transform.open_in_place(sequence, record);
      RC_ASSERT(opened.has_value());
      RC_ASSERT(ByteVector(opened->begin(), opened->end()) == plaintext);
    }));
  }
}

TEST_CASE("a record without plaintext opens to no plaintext") {
  for (const Suite suite : protecting_suites) {
    INFO(name_of(suite));
    const RecordTransform transform(Protocol::tls_1_2, suite, example_keys(suite));
    ByteVector record = sealed(transform, frame_of(suite, 3, 0), {});
    const auto opened = transform.open_in_place(3, record);
    REQUIRE(opened.has_value());
    CHECK(opened->empty());
  }
}

TEST_CASE("a record depends on neither the order of sealing nor the instance") {
  for (const Suite suite : protecting_suites) {
    INFO(name_of(suite));
    CHECK(rc::check([suite] {
      const TrafficKeys keys = example_keys(suite);
      const auto count = *rc::gen::inRange<std::size_t>(1, 12);
      std::vector<ByteVector> plaintexts;
      for (std::size_t i = 0; i < count; ++i) plaintexts.push_back(pattern(*rc::gen::inRange<std::size_t>(0, 300), i));

      const RecordTransform in_order(Protocol::tls_1_2, suite, keys);
      std::vector<ByteVector> expected;
      for (std::size_t i = 0; i < count; ++i) {
        expected.push_back(sealed(in_order, frame_of(suite, i, plaintexts[i].size()), plaintexts[i]));
      }

      const RecordTransform shuffled(Protocol::tls_1_2, suite, keys);
      for (int seals = 0; seals < 20; ++seals) {
        const auto i = *rc::gen::inRange<std::size_t>(0, count);
        const ByteVector record = sealed(shuffled, frame_of(suite, i, plaintexts[i].size()), plaintexts[i]);
        RC_ASSERT(record == expected[i]);
        if (*rc::gen::arbitrary<bool>()) RC_ASSERT(opens(shuffled, i, record));  // nor on opening between
      }
    }));
  }
}

TEST_CASE("framing and plaintext may be written in either order before the transform runs") {
  for (const Suite suite : protecting_suites) {
    INFO(name_of(suite));
    const RecordTransform transform(Protocol::tls_1_2, suite, example_keys(suite));
    const ByteVector plaintext = pattern(777);
    const Frame frame = frame_of(suite, 5, plaintext.size());
    const auto place = static_cast<std::ptrdiff_t>(frame.plaintext_offset().count);
    const ByteVector expected = sealed(transform, frame, plaintext);

    ByteVector framing_first(expected.size(), std::byte{0xee});
    transform.write_framing(frame, framing_first);
    std::copy(plaintext.begin(), plaintext.end(), framing_first.begin() + place);
    transform.seal_in_place(frame, framing_first);
    CHECK(framing_first == expected);

    ByteVector plaintext_first(expected.size(), std::byte{0xdd});
    std::copy(plaintext.begin(), plaintext.end(), plaintext_first.begin() + place);
    transform.write_framing(frame, plaintext_first);
    transform.seal_in_place(frame, plaintext_first);
    CHECK(plaintext_first == expected);

    ByteVector in_place(expected.size());
    std::copy(plaintext.begin(), plaintext.end(), in_place.begin() + place);
    transform.seal(frame, std::span(in_place).subspan(static_cast<std::size_t>(place), plaintext.size()), in_place);
    CHECK(in_place == expected);
  }
}

TEST_CASE("a record with any bit flipped does not open and later ones still do") {
  for (const Suite suite : protecting_suites) {
    INFO(name_of(suite));
    const RecordTransform transform(Protocol::tls_1_2, suite, example_keys(suite));
    const ByteVector record = sealed(transform, frame_of(suite, 9, 41), pattern(41));
    for (std::size_t bit = 0; bit < record.size() * 8; ++bit) {
      ByteVector tampered = record;
      tampered[bit / 8] ^= std::byte(1 << bit % 8);
      INFO("bit " << bit);
      CHECK_FALSE(opens(transform, 9, tampered));
      CHECK(opens(transform, 9, record));
    }
  }
}

TEST_CASE("a record that does not open leaves no plaintext behind") {
  for (const Suite suite : protecting_suites) {
    INFO(name_of(suite));
    const RecordTransform transform(Protocol::tls_1_2, suite, example_keys(suite));
    const ByteVector plaintext = pattern(4096);
    ByteVector record = sealed(transform, frame_of(suite, 9, plaintext.size()), plaintext);
    record[2000] ^= std::byte{1};
    REQUIRE_FALSE(transform.open_in_place(9, record));
    const std::span first_half = std::span(plaintext).first(1024);  // the flipped bit lies behind it
    CHECK(std::search(record.begin(), record.end(), first_half.begin(), first_half.end()) == record.end());
  }
}

TEST_CASE("a record cut short or grown does not open even with a fitting header") {
  for (const Suite suite : protecting_suites) {
    INFO(name_of(suite));
    const RecordTransform transform(Protocol::tls_1_2, suite, example_keys(suite));
    const ByteVector record = sealed(transform, frame_of(suite, 9, 50), pattern(50));
    for (std::size_t size = 0; size < record.size() + 20; ++size) {
      if (size == record.size()) continue;
      INFO("size " << size);
      ByteVector changed = record;
      changed.resize(size);
      CHECK_FALSE(opens(transform, 9, changed));
      if (size < 5) continue;
      changed[3] = std::byte{0};
      changed[4] = static_cast<std::byte>(size - 5);
      CHECK_FALSE(opens(transform, 9, changed));
    }
  }
}

TEST_CASE("a record opens under its own sequence number and keys only") {
  for (const Suite suite : protecting_suites) {
    INFO(name_of(suite));
    const RecordTransform transform(Protocol::tls_1_2, suite, example_keys(suite));
    const RecordTransform other(Protocol::tls_1_2, suite, example_keys(suite, 100));
    const ByteVector record = sealed(transform, frame_of(suite, 9, 50), pattern(50));
    CHECK(opens(transform, 9, record));
    CHECK_FALSE(opens(transform, 8, record));
    CHECK_FALSE(opens(transform, 10, record));
    CHECK_FALSE(opens(transform, 9 + (std::uint64_t{1} << 63), record));
    CHECK_FALSE(opens(other, 9, record));
  }
}

TEST_CASE("explicit IVs differ from record to record") {
  for (const Suite suite : protecting_suites) {
    INFO(name_of(suite));
    const RecordTransform transform(Protocol::tls_1_2, suite, example_keys(suite));
    std::set<std::string> ivs;
    for (std::uint64_t sequence = 0; sequence < 1000; ++sequence) {
      const ByteVector record = sealed(transform, frame_of(suite, sequence, 0), {});
      ivs.insert(as_string(std::span(record).subspan(5, 8)));
    }
    CHECK(ivs.size() == 1000);
  }
}

TEST_CASE("without a protocol nothing is changed") {
  const RecordTransform transform(Protocol::none, Suite::null, TrafficKeys());
  const RecordFraming framing(Protocol::none, Suite::null, 0);
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{100'000}}) {
    const ByteVector plaintext = pattern(size);
    ByteVector record = sealed(transform, framing.layout(size_of(plaintext)), plaintext);
    CHECK(record == plaintext);
    const auto opened = transform.open_in_place(0, record);
    REQUIRE(opened.has_value());
    CHECK(ByteVector(opened->begin(), opened->end()) == plaintext);
  }
}

TEST_CASE("keys of wrong sizes and frames of another suite are refused") {
  TrafficKeys keys = example_keys(Suite::aes_128_gcm);
  CHECK_THROWS_AS(RecordTransform(Protocol::tls_1_2, Suite::triple_des_cbc_hmac_sha1, keys), Fault);
  CHECK_THROWS_AS(RecordTransform(Protocol::none, Suite::aes_128_gcm, keys), Fault);
  const RecordTransform transform(Protocol::tls_1_2, Suite::aes_128_gcm, keys);
  keys.implicit_iv.pop_back();
  CHECK_THROWS_AS(RecordTransform(Protocol::tls_1_2, Suite::aes_128_gcm, keys), Fault);

  ByteVector record(200);
  const Frame frame = frame_of(Suite::aes_128_gcm, 1, 100);
  const auto fitting = std::span(record).first(129);
  CHECK_NOTHROW(transform.write_framing(frame, fitting));
  CHECK_THROWS_AS(transform.write_framing(frame, std::span(record).first(128)), Fault);
  CHECK_THROWS_AS(transform.seal_in_place(frame, std::span(record).first(130)), Fault);
  CHECK_THROWS_AS(transform.seal(frame, std::span(record).first(99), fitting), Fault);
  const Frame foreign = frame_of(Suite::triple_des_cbc_hmac_sha1, 1, 100);
  CHECK_THROWS_AS(
      transform.seal_in_place(foreign, std::span(record).first(static_cast<std::size_t>(foreign.size().count))), Fault);
}
