// Replays corpora without libFuzzer: replay_corpus FOLDER, which has a folder for each protocol, named after it.
// Writes the seeds there first with --write-seeds.
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

struct Seed {
  std::string name;
  std::vector<std::uint8_t> input;
};

/// Records of each format: good and cut ones, forged ones, and ones longer than it allows.
std::vector<Seed> seeds_of(Protocol protocol) {
  std::vector<Seed> seeds;
  std::uint8_t index = 0;
  for (const RecordFormat& format : all_formats()) {
    if (format.protocol != protocol) continue;
    const auto seed = [&](const char* kind) -> std::vector<std::uint8_t>& {
      return seeds.emplace_back(Seed{fmt::format("seed-{}-{}", index, kind), {index}}).input;
    };
    std::vector<std::uint8_t>& good = seed("good");
    for (const ByteVector& record : good_records(format)) {
      append_step(good, 0, record);
      append_step(good, 0, std::span(record).first(record.size() / 2));
    }
    std::vector<std::uint8_t>& forged = seed("forged");
    for (const std::size_t size : {std::size_t{0}, std::size_t{30}, std::size_t{64}}) {
      append_step(forged, 1, pattern(size));
    }
    // Up to and past each protocol's limits: 2^14 bytes of plaintext, packets of 35000, lengths of two bytes. A stream
    // ends at the first that is rejected.
    std::vector<std::uint8_t>& longest = seed("long");
    for (const std::size_t size : {16384U, 16400U, 32768U, 34896U, 35104U, 65535U}) {
      append_step(longest, stretched + only_plaintext + 1, pattern(24), size);
    }
    append_step(longest, stretched, std::span(good_records(format).back()).first(24), 20'000);
    ++index;
  }
  return seeds;
}

void write_seeds(const fs::path& corpus, Protocol protocol) {
  fs::create_directories(corpus / name_of(protocol));
  for (const auto& [name, input] : seeds_of(protocol)) {
    std::ofstream file(corpus / name_of(protocol) / name, std::ios::binary);
    file.write(reinterpret_cast<const char*>(input.data()), static_cast<std::streamsize>(input.size()));
    ensure(file.good(), "a seed can be written");
  }
}

/// The seeds, and what fuzzing has added to them.
void replay(const fs::path& corpus, Protocol protocol) {
  std::vector<Seed> inputs = seeds_of(protocol);
  const std::size_t seeds = inputs.size();
  for (const auto& entry : fs::directory_iterator(corpus / name_of(protocol))) {
    inputs.push_back({entry.path().string(), read(entry.path())});
  }
  for (const auto& [name, input] : inputs) {
    try {
      open_records(protocol, input);
    } catch (const std::exception& error) {
      throw Fault(fmt::format("{}: {}: {}", name_of(protocol), name, error.what()));
    }
  }
  fmt::print("{}: {} seeds and {} inputs replayed\n", name_of(protocol), seeds, inputs.size() - seeds);
  ensure(inputs.size() > seeds, "a protocol has a corpus");
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
