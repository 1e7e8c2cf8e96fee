// Sealing and opening, for every format alike.
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

/// Suites that carry state from record to record: to be sealed in order, each once.
bool chains(const RecordFormat& format) {
  const std::string_view suite = name_of(format.suite);
  const bool cbc = suite.find("-cbc-") != std::string_view::npos;
  return suite.starts_with("rc4") ||
         (cbc && (format.protocol == Protocol::tls_1_0 || format.protocol == Protocol::ssh_2));
}

}  // namespace

TEST_CASE("a stream of records opens to what was sealed") {
  for (const RecordFormat& format : protected_formats()) {
    INFO(name_of(format));
    CHECK(rc::check([format] {
      TrafficKeys keys = example_keys(format, *rc::gen::arbitrary<std::uint64_t>());
      keys.sequence += *rc::gen::inRange<std::uint64_t>(0, 0xffff'0000);
      RecordTransform transform(format, keys);
      RecordFraming framing(format, keys.sequence);
      RecordReader reader(format, keys);
      for (int records = *rc::gen::inRange(1, 5); records > 0; --records) {
        const ByteVector plaintext = pattern(*any_size(), static_cast<std::uint64_t>(records));
        const Frame frame = framing.next(size_of(plaintext));
        ByteVector record = sealed(transform, frame, plaintext);
        const Opened opened = reader.open_in_place(record);
        RC_ASSERT(opened.rejection == Rejection::none);
        RC_ASSERT(opened.sequence == frame.sequence);
        RC_ASSERT(opened.content == ContentType::application_data);
        RC_ASSERT(ByteVector(opened.plaintext.begin(), opened.plaintext.end()) == plaintext);
      }
    }));
  }
}

TEST_CASE("a record carries its content type where the protocol has one") {
  for (const RecordFormat& format : protected_formats()) {
    if (name_of(format.protocol).find("tls") == std::string_view::npos) continue;
    INFO(name_of(format));
    const TrafficKeys keys = example_keys(format);
    RecordTransform transform(format, keys);
    RecordFraming framing(format, keys.sequence);
    RecordReader reader(format, keys);
    for (const ContentType content : {ContentType::alert, ContentType::handshake, ContentType::application_data}) {
      ByteVector record = sealed(transform, framing.next(Bytes(2), content), pattern(2));
      CHECK(reader.open_in_place(record).content == content);
    }
  }
}

TEST_CASE("a record depends on neither the order of sealing nor the instance") {
  for (const RecordFormat& format : protected_formats()) {
    if (chains(format)) continue;
    INFO(name_of(format));
    const TrafficKeys keys = example_keys(format);
    std::vector<Frame> frames;
    std::vector<ByteVector> plaintexts;
    std::vector<ByteVector> expected;
    RecordFraming framing(format, keys.sequence);
    RecordTransform in_order(format, keys);
    for (const std::size_t size : {std::size_t{0}, std::size_t{17}, std::size_t{300}, std::size_t{64}}) {
      frames.push_back(framing.next(Bytes(static_cast<std::int64_t>(size))));
      plaintexts.push_back(pattern(size, size));
      expected.push_back(sealed(in_order, frames.back(), plaintexts.back()));
    }
    CHECK(rc::check([&] {
      RecordTransform shuffled(format, keys);
      for (int seals = 0; seals < 10; ++seals) {
        const auto i = *rc::gen::inRange<std::size_t>(0, frames.size());
        RC_ASSERT(sealed(shuffled, frames[i], plaintexts[i]) == expected[i]);
      }
    }));
  }
}

TEST_CASE("suites that chain refuse to be sealed out of order or twice") {
  for (const RecordFormat& format : protected_formats()) {
    if (!chains(format)) continue;
    INFO(name_of(format));
    const TrafficKeys keys = example_keys(format);
    RecordTransform transform(format, keys);
    RecordFraming framing(format, keys.sequence);
    const Frame first = framing.next(Bytes(10));
    const Frame second = framing.next(Bytes(10));
    CHECK_THROWS_AS(sealed(transform, second, pattern(10)), Fault);
    CHECK_NOTHROW(sealed(transform, first, pattern(10)));
    CHECK_THROWS_AS(sealed(transform, first, pattern(10)), Fault);
    CHECK_NOTHROW(sealed(transform, second, pattern(10)));
  }
}

TEST_CASE("a sequence number that a stream never comes to is not sealed") {
  for (const RecordFormat& format : protected_formats()) {
    if (in_datagrams(format.protocol)) continue;
    INFO(name_of(format));
    const std::uint64_t last = format.protocol == Protocol::ssh_2 ? 0xffff'ffff : ~std::uint64_t{0};
    const auto seal = [&format](std::uint64_t sequence) {
      TrafficKeys keys = example_keys(format);
      Frame frame = frame_of(format, keys.sequence, 10);
      keys.sequence = frame.sequence = sequence;
      RecordTransform transform(format, keys);
      return sealed(transform, frame, pattern(10));
    };
    CHECK_NOTHROW(seal(last - 1));
    CHECK_THROWS_AS(seal(last), Fault);
    if (format.protocol == Protocol::ssh_2) CHECK_THROWS_AS(seal(last + 6), Fault);
  }
}

TEST_CASE("framing and plaintext may be written in either order before the transform runs") {
  for (const RecordFormat& format : protected_formats()) {
    INFO(name_of(format));
    const TrafficKeys keys = example_keys(format);
    const ByteVector plaintext = pattern(777);
    const Frame frame = frame_of(format, keys.sequence, plaintext.size());
    const auto place = static_cast<std::ptrdiff_t>(frame.plaintext_offset().count);
    const ByteVector expected = sealed_record(format, keys, plaintext);

    RecordTransform framing_first(format, keys);
    ByteVector record(expected.size(), std::byte{0xee});
    framing_first.write_framing(frame, record);
    std::copy(plaintext.begin(), plaintext.end(), record.begin() + place);
    framing_first.seal_in_place(frame, record);
    CHECK(record == expected);

    RecordTransform plaintext_first(format, keys);
    std::ranges::fill(record, std::byte{0xdd});
    std::copy(plaintext.begin(), plaintext.end(), record.begin() + place);
    plaintext_first.write_framing(frame, record);
    plaintext_first.seal_in_place(frame, record);
    CHECK(record == expected);

    RecordTransform in_place(format, keys);
    std::ranges::fill(record, std::byte{0xcc});
    std::copy(plaintext.begin(), plaintext.end(), record.begin() + place);
    in_place.seal(frame, std::span(record).subspan(static_cast<std::size_t>(place), plaintext.size()), record);
    CHECK(record == expected);
  }
}

TEST_CASE("explicit IVs differ from record to record") {
  for (const RecordFormat& format : protected_formats()) {
    const Frame frame = frame_of(format, example_keys(format).sequence, 0);
    if (frame.iv == Bytes(0)) continue;
    INFO(name_of(format));
    const TrafficKeys keys = example_keys(format);
    RecordTransform transform(format, keys);
    RecordFraming framing(format, keys.sequence);
    std::set<std::string> ivs;
    for (int records = 0; records < 1000; ++records) {
      const ByteVector record = sealed(transform, framing.next(Bytes(0)), {});
      ivs.insert(as_string(std::span(record).subspan(static_cast<std::size_t>(frame.header.count),
                                                     static_cast<std::size_t>(frame.iv.count))));
    }
    CHECK(ivs.size() == 1000);
  }
}

TEST_CASE("without a protocol nothing is changed") {
  RecordTransform transform(RecordFormat{}, TrafficKeys{});
  RecordReader reader(RecordFormat{}, TrafficKeys{});
  const RecordFraming framing(RecordFormat(), 0);
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{100'000}}) {
    const ByteVector plaintext = pattern(size);
    ByteVector record = sealed(transform, framing.layout(size_of(plaintext)), plaintext);
    CHECK(record == plaintext);
    const Opened opened = reader.open_in_place(record);
    REQUIRE(opened);
    CHECK(ByteVector(opened.plaintext.begin(), opened.plaintext.end()) == plaintext);
  }
}

TEST_CASE("keys of wrong sizes and frames of another suite are refused") {
  const RecordFormat gcm{Protocol::tls_1_2, Suite::aes_128_gcm};
  const RecordFormat cbc{Protocol::tls_1_2, Suite::triple_des_cbc_hmac_sha1};
  TrafficKeys keys = example_keys(gcm);
  CHECK_THROWS_AS(RecordTransform(cbc, keys), Fault);
  CHECK_THROWS_AS(RecordReader(cbc, keys), Fault);
  CHECK_THROWS_AS(RecordTransform({Protocol::none, Suite::aes_128_gcm}, keys), Fault);
  RecordTransform transform(gcm, keys);
  keys.implicit_iv.pop_back();
  CHECK_THROWS_AS(RecordTransform(gcm, keys), Fault);

  ByteVector record(200);
  const Frame frame = frame_of(gcm, 1, 100);
  const auto fitting = std::span(record).first(129);
  CHECK_NOTHROW(transform.write_framing(frame, fitting));
  CHECK_THROWS_AS(transform.write_framing(frame, std::span(record).first(128)), Fault);
  CHECK_THROWS_AS(transform.seal_in_place(frame, std::span(record).first(130)), Fault);
  CHECK_THROWS_AS(transform.seal(frame, std::span(record).first(99), fitting), Fault);
  const Frame foreign = frame_of(cbc, 1, 100);
  CHECK_THROWS_AS(
      transform.seal_in_place(foreign, std::span(record).first(static_cast<std::size_t>(foreign.size().count))), Fault);
  for (Bytes Frame::*const part :
       {&Frame::header, &Frame::iv, &Frame::prefix, &Frame::mac, &Frame::trailer, &Frame::tag}) {
    // Also straight after a frame that fits.
    transform.write_framing(frame, fitting);
    Frame grown = frame;
    grown.*part += Bytes(1);
    CHECK_THROWS_AS(transform.seal_in_place(grown, std::span(record).first(130)), Fault);
    CHECK_THROWS_AS(transform.write_framing(grown, std::span(record).first(130)), Fault);
  }
}
