#include "capture/pcap.hpp"

#include <catch2/catch.hpp>

#include "octets.hpp"

using namespace cryptopath;
using namespace cryptopath::test;

namespace {

using Octets = std::vector<std::byte>;

Octets records(const std::vector<std::int64_t>& times) {
  Octets file;
  for (const std::int64_t time : times) append_pcap_record(file, Nanoseconds(time), octets({0x45}));
  return file;
}

/// In pieces of at most three bytes, as a pipe may give them.
ReadBytes reader_of(const Octets& bytes) {
  return [&bytes, done = std::size_t{0}](std::span<std::byte> into) mutable {
    const std::size_t size = std::min({into.size(), bytes.size() - done, std::size_t{3}});
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(done), size, into.begin());
    done += size;
    return size;
  };
}

Octets in_sequence(const std::vector<Octets>& parts) {
  Octets file;
  PcapSequence sequence(
      [&file](std::span<const std::byte> bytes) { file.insert(file.end(), bytes.begin(), bytes.end()); });
  for (const Octets& part : parts) sequence.add(reader_of(part));
  return file;
}

}  // namespace

TEST_CASE("a capture begins with the magic number of nanoseconds and says that packets are raw IP") {
  CHECK(hexadecimal(pcap_file_header()) == "4d 3c b2 a1 02 00 04 00 00 00 00 00 00 00 00 00 ff ff 00 00 65 00 00 00");
}

TEST_CASE("a packet's record has seconds and nanoseconds and its length twice") {
  Octets file;
  append_pcap_record(file, Nanoseconds(3'000'000'258), octets({0x45, 0xab}));
  CHECK(hexadecimal(file) == "03 00 00 00 02 01 00 00 02 00 00 00 02 00 00 00 45 ab");
  CHECK_THROWS_AS(append_pcap_record(file, Nanoseconds(-1), octets({0x45})), Fault);
  CHECK_THROWS_AS(append_pcap_record(file, Nanoseconds(0), numbered(65'536)), Fault);
}

TEST_CASE("captures follow one another from whole seconds on") {
  const Octets file = in_sequence({records({0, 1'999'999'999}), records({5}), records({7})});
  Octets expected = records({0, 1'999'999'999, 2'000'000'005, 3'000'000'007});
  const auto header = pcap_file_header();
  expected.insert(expected.begin(), header.begin(), header.end());
  CHECK(hexadecimal(file) == hexadecimal(expected));
}

TEST_CASE("a sequence of no captures is a capture without packets") {
  CHECK(hexadecimal(in_sequence({})) == hexadecimal(pcap_file_header()));
  CHECK(hexadecimal(in_sequence({{}, records({1})})).substr(24 * 3, 11) == "01 00 00 00");
}

TEST_CASE("a capture that ends within a record is a fault") {
  Octets part = records({1, 2});
  part.pop_back();
  CHECK_THROWS_AS(in_sequence({part}), Fault);
  part.resize(20);
  CHECK_THROWS_AS(in_sequence({part}), Fault);
}
