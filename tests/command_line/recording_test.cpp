#include "cli/recording.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "../result/scratch_folder.hpp"
#include "cryptopath/errors.hpp"

using namespace cryptopath;

namespace {

/// A record of a capture's part with one byte of packet, so many seconds into it.
std::string record_at(int second) {
  std::string record(17, '\0');
  record[0] = static_cast<char>(second);
  record[8] = record[12] = 1;
  return record;
}

void write(const CapturePart& part, const std::string& text) { part.write(std::as_bytes(std::span(text))); }

constexpr std::size_t header_size = 24;

}  // namespace

TEST_CASE("parts have no name and the capture has the paths in order whoever wrote first") {
  const ScratchFolder folder;
  {
    const Recording recording(folder / "wire.pcap", 2);
    CHECK(folder.names().empty());
    write(recording.part(1), record_at(0));
    write(recording.part(0), record_at(2));
    write(recording.part(1), record_at(1));
    CHECK(recording.part(1).number == 1);
    CHECK(folder.names().empty());
    write_whole({recording.capture()});
  }
  CHECK(folder.names() == std::vector<std::string>{"wire.pcap"});
  CHECK(read_file(folder / "wire.pcap").substr(header_size) == record_at(2) + record_at(3) + record_at(4));
}

TEST_CASE("a capture of more than fits one write is whole") {
  const ScratchFolder folder;
  const Recording recording(folder / "wire.pcap", 1);
  std::string records;
  for (int i = 0; i < 40'000; ++i) records += record_at(1);
  write(recording.part(0), records);
  write_whole({recording.capture()});
  CHECK(read_file(folder / "wire.pcap").substr(header_size) == records);
}

TEST_CASE("a recording that is given up leaves nothing") {
  const ScratchFolder folder;
  {
    const Recording recording(folder / "wire.pcap", 3);
    write(recording.part(0), record_at(0));
  }
  CHECK(folder.names().empty());
}

TEST_CASE("a full disk under a path's packets is bad input") {
  const CapturePart full{::open("/dev/full", O_WRONLY | O_CLOEXEC), 0};
  CHECK_THROWS_AS(write(full, "x"), InputError);
  CHECK_THROWS_WITH(write(full, "x"), Catch::Contains("--pcap: No space left on device"));
  ::close(full.file);
}

TEST_CASE("there must be a folder for the packets") {
  const ScratchFolder folder;
  CHECK_THROWS_AS(Recording(folder / "nowhere/wire.pcap", 1), InputError);
  CHECK_NOTHROW(Recording("/dev/null", 1));  // they are kept elsewhere
}
