// Replays corpora without libFuzzer: replay_corpus FOLDER, which has a folder for each protocol, named after it.
// Writes the seeds there first with --write-seeds. A reader that rejects everything keeps its word, so the replay also
// fails where good records are not accepted.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>

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

struct Input {
  std::string name;
  std::vector<std::uint8_t> bytes;
  std::optional<std::size_t> good;  // how many of its records are to be accepted, where that is known
};

/// A stream ends with its first bad record, so its good ones stand in front. Of datagrams the bad ones stand in front:
/// each good one must be accepted after one of its number that was forged.
void append_good(std::vector<std::uint8_t>& input, const RecordFormat& format) {
  const auto cut = [](const ByteVector& record) { return std::span(record).first(record.size() / 2); };
  const std::vector<ByteVector> records = good_records(format);
  for (const ByteVector& record : records) {
    if (in_datagrams(format.protocol)) {
      ByteVector flipped = record;
      flipped.back() ^= std::byte{1};
      append_step(input, 0, flipped);
      append_step(input, 0, cut(record));
    }
    append_step(input, 0, record);
  }
  if (!in_datagrams(format.protocol)) append_step(input, 0, cut(records.back()));
}

/// Records of each format: good and cut ones, forged ones, and ones longer than it allows.
std::vector<Input> seeds_of(Protocol protocol) {
  std::vector<Input> seeds;
  std::uint8_t index = 0;
  for (const RecordFormat& format : all_formats()) {
    if (format.protocol != protocol) continue;
    const auto seed = [&](const char* kind, std::optional<std::size_t> good) -> std::vector<std::uint8_t>& {
      return seeds.emplace_back(Input{fmt::format("seed-{}-{}", index, kind), {index}, good}).bytes;
    };
    append_good(seed("good", good_records(format).size()), format);
    std::vector<std::uint8_t>& forged = seed("forged", std::nullopt);
    for (const std::size_t size : {std::size_t{0}, std::size_t{30}, std::size_t{64}}) {
      append_step(forged, 1, pattern(size));
    }
    // Up to and past each protocol's limits: 2^14 bytes of plaintext, packets of 35000, lengths of two bytes. A stream
    // ends at the first that is rejected.
    std::vector<std::uint8_t>& longest = seed("long", std::nullopt);
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
  for (const auto& [name, bytes, good] : seeds_of(protocol)) {
    std::ofstream file(corpus / name_of(protocol) / name, std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    ensure(file.good(), "a seed can be written");
  }
}

std::size_t accepted_of(Protocol protocol, const Input& input) {
  try {
    const std::size_t accepted = open_records(protocol, input.bytes);
    if (input.good && accepted != *input.good) {
      throw Fault(fmt::format("found {} records accepted, expected {}", accepted, *input.good));
    }
    return accepted;
  } catch (const std::exception& error) {
    throw Fault(fmt::format("{}: {}: {}", name_of(protocol), input.name, error.what()));
  }
}

/// The seeds, and what stands in the corpus: older seeds and what fuzzing has added. Were the corpus of other keys or
/// another layout, nothing in it would get past the MAC.
void replay(const fs::path& corpus, Protocol protocol) {
  const std::vector<Input> seeds = seeds_of(protocol);
  for (const Input& seed : seeds) accepted_of(protocol, seed);
  std::size_t inputs = 0;
  std::map<std::string, std::size_t> accepted;  // by format
  for (const auto& entry : fs::directory_iterator(corpus / name_of(protocol))) {
    const Input input = {entry.path().filename().string(), read(entry.path()), std::nullopt};
    ++inputs;
    const std::size_t records = accepted_of(protocol, input);
    if (!input.bytes.empty()) accepted[name_of(format_of_input(protocol, input.bytes))] += records;
  }
  for (const RecordFormat& format : all_formats()) {
    if (format.protocol == protocol && accepted[name_of(format)] == 0) {
      throw Fault(fmt::format("{}: found no record of the corpus accepted, expected some", name_of(format)));
    }
  }
  fmt::print("{}: {} seeds and {} inputs replayed\n", name_of(protocol), seeds.size(), inputs);
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
