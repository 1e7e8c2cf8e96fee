// Prints records of one format, as JSON lines, for peers in Python to open: seal_records PROTOCOL SUITE mac|etm
// The first line holds the keys, each later one a record with its plaintext; all bytes are in hexadecimal.
#include <cstdio>
#include <exception>
#include <string_view>

#include "../sealed_stream.hpp"

using namespace cryptopath;
using namespace cryptopath::test;

namespace {

std::string hexadecimal(std::span<const std::byte> bytes) {
  std::string text;
  for (const std::byte byte : bytes) text += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
  return text;
}

RecordFormat format_named(std::string_view protocol, std::string_view suite, bool encrypt_then_mac) {
  for (const RecordFormat& format : all_formats()) {
    if (name_of(format.protocol) == protocol && name_of(format.suite) == suite &&
        format.encrypt_then_mac == encrypt_then_mac) {
      return format;
    }
  }
  throw InputError("no such format");
}

void print_records(const RecordFormat& format) {
  const TrafficKeys keys = example_keys(format, 7);
  fmt::print(R"({{"cipher_key": "{}", "mac_key": "{}", "implicit_iv": "{}", "sequence": {}, "association": {}}})"
             "\n",
             hexadecimal(keys.cipher_key), hexadecimal(keys.mac_key), hexadecimal(keys.implicit_iv), keys.sequence,
             keys.association);
  RecordTransform transform(format, keys);
  RecordFraming framing(format, keys.sequence);
  for (const std::size_t size : std::initializer_list<std::size_t>{1, 0, 15, 16, 17, 100, 1000, 1400, 16384, 7}) {
    const ByteVector plaintext = pattern(size, size);
    const Frame frame = framing.next(size_of(plaintext));
    fmt::print(R"({{"sequence": {}, "plaintext": "{}", "record": "{}"}})"
               "\n",
               frame.sequence, hexadecimal(plaintext), hexadecimal(sealed(transform, frame, plaintext)));
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc != 4) throw InputError("usage: seal_records PROTOCOL SUITE mac|etm");
    print_records(format_named(argv[1], argv[2], std::string_view(argv[3]) == "etm"));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
  return 0;
}
