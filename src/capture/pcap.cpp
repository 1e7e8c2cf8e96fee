#include "capture/pcap.hpp"

#include <algorithm>
#include <utility>

#include "cryptopath/errors.hpp"

namespace cryptopath {

namespace {

constexpr std::size_t record_header_size = 16;
constexpr std::uint32_t longest_packet = 65535;
constexpr std::int64_t nanoseconds_in_second = 1'000'000'000;

/// The magic number tells readers the byte order; this is the one of most machines, on all.
void put(std::span<std::byte> bytes, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) bytes[i] = static_cast<std::byte>(value >> (8 * i));
}
std::uint32_t get(std::span<const std::byte> bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value |= std::to_integer<std::uint32_t>(bytes[i]) << (8 * i);
  return value;
}

/// Fills `into`; returns less only at the end.
std::size_t read_all(const ReadBytes& read, std::span<std::byte> into) {
  std::size_t done = 0;
  while (done < into.size()) {
    const std::size_t got = read(into.subspan(done));
    if (got == 0) break;
    done += got;
  }
  return done;
}

}  // namespace

std::array<std::byte, 24> pcap_file_header() {
  constexpr std::uint32_t magic_of_nanoseconds = 0xa1b23c4d;
  constexpr std::uint32_t version = 4U << 16 | 2U;  // 2.4: two numbers of two bytes
  constexpr std::uint32_t linktype_raw = 101;
  std::array<std::byte, 24> header{};
  const std::span bytes(header);
  put(bytes, magic_of_nanoseconds);
  put(bytes.subspan(4), version);
  put(bytes.subspan(16), longest_packet);
  put(bytes.subspan(20), linktype_raw);
  return header;
}

void append_pcap_record(std::vector<std::byte>& file, Nanoseconds time, std::span<const std::byte> packet) {
  ensure(time.count >= 0 && packet.size() <= longest_packet, "a capture can hold the packet");
  std::array<std::byte, record_header_size> header{};
  const std::span bytes(header);
  put(bytes, static_cast<std::uint32_t>(time.count / nanoseconds_in_second));
  put(bytes.subspan(4), static_cast<std::uint32_t>(time.count % nanoseconds_in_second));
  put(bytes.subspan(8), static_cast<std::uint32_t>(packet.size()));
  put(bytes.subspan(12), static_cast<std::uint32_t>(packet.size()));
  file.insert(file.end(), header.begin(), header.end());
  file.insert(file.end(), packet.begin(), packet.end());
}

PcapSequence::PcapSequence(WriteBytes write) : write_(std::move(write)) { write_(pcap_file_header()); }

void PcapSequence::add(const ReadBytes& records) {
  std::vector<std::byte> record(record_header_size + longest_packet);
  const std::span bytes(record);
  std::uint32_t last = shift_;
  while (const std::size_t got = read_all(records, bytes.first(record_header_size))) {
    ensure(got == record_header_size, "a capture's part ends with a whole record");
    const std::size_t size = get(bytes.subspan(8));
    ensure(size <= longest_packet && read_all(records, bytes.subspan(record_header_size, size)) == size,
           "a capture's part ends with a whole record");
    last = get(bytes) + shift_;
    put(bytes, last);
    write_(bytes.first(record_header_size + size));
  }
  shift_ = last + 1;
}

}  // namespace cryptopath
