// Replays corpora without libFuzzer: replay_corpus FOLDER, which has a folder for each protocol, named after it.
// Writes seeds there instead with --write-seeds: records of every format, good ones, forged ones, and cut ones.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "open_records.hpp"

using namespace cryptopath;
using namespace cryptopath::test;
namespace fs = std::filesystem;

namespace {

std::vector<std::uint8_t> read(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  ensure(stream.good(), "a corpus file can be read");
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::size_t replay(const fs::path& corpus, Protocol protocol) {
  std::size_t inputs = 0;
  for (const auto& entry : fs::directory_iterator(corpus / name_of(protocol))) {
    try {
      open_records(protocol, read(entry.path()));
    } catch (const std::exception& error) {
      throw Fault(entry.path().string() + ": " + error.what());
    }
    ++inputs;
  }
  fmt::print("{}: {} inputs replayed\n", name_of(protocol), inputs);
  ensure(inputs > 0, "a protocol has a corpus");
  return inputs;
}

void append_step(std::vector<std::uint8_t>& input, std::uint8_t command, std::span<const std::byte> bytes,
                 std::size_t size = 0) {
  const auto append_number = [&input](std::size_t number) {
    input.push_back(static_cast<std::uint8_t>(number >> 8));
    input.push_back(static_cast<std::uint8_t>(number & 0xff));
  };
  input.push_back(command);
  append_number(bytes.size());
  if (command >= stretched) append_number(size);
  for (const std::byte byte : bytes) input.push_back(std::to_integer<std::uint8_t>(byte));
}

void write_seeds(const fs::path& corpus, Protocol protocol) {
  fs::create_directories(corpus / name_of(protocol));
  std::uint8_t index = 0;
  for (const RecordFormat& format : all_formats()) {
    if (format.protocol != protocol) continue;
    std::vector<std::uint8_t> input = {index};
    for (const ByteVector& record : good_records(format)) {
      append_step(input, 0, record);
      append_step(input, 0, std::span(record).first(record.size() / 2));
    }
    std::vector<std::uint8_t> forged = {index};
    for (const std::size_t size : {std::size_t{0}, std::size_t{30}, std::size_t{64}}) {
      append_step(forged, 1, pattern(size));
    }
    std::vector<std::uint8_t> longest = {index};
    // Around the limits of plaintext, ciphertext and packets: 2^14 and what may come to it, 32768, 35000.
    for (const std::size_t size : {16384U, 16440U, 16700U, 18500U, 32800U, 35100U, 65535U}) {
      append_step(longest, stretched + 1, pattern(24), size);
      append_step(longest, stretched, std::span(good_records(format).back()).first(24), size);
    }
    for (const auto& [name, bytes] :
         {std::pair{"good", input}, std::pair{"forged", forged}, std::pair{"long", longest}}) {
      std::ofstream file(corpus / name_of(protocol) / fmt::format("seed-{}-{}", index, name), std::ios::binary);
      file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
      ensure(file.good(), "a seed can be written");
    }
    ++index;
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const bool writes = argc == 3 && std::string_view(argv[2]) == "--write-seeds";
    if (argc != 2 && !writes) throw InputError("usage: replay_corpus FOLDER [--write-seeds]");
    for (const Protocol protocol : all_protocols()) {
      if (protocol == Protocol::none) continue;
      if (writes) write_seeds(argv[1], protocol);
      replay(argv[1], protocol);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
