#include "tls_1_2.hpp"

#include <algorithm>

#include "bytes.hpp"

namespace cryptopath::tls_1_2 {

namespace {

std::array<std::byte, header_size> make_header(std::size_t length) {
  constexpr std::byte application_data{23};
  return {application_data, std::byte{3}, std::byte{3}, std::byte((length >> 8) & 0xff), std::byte(length & 0xff)};
}

}  // namespace

void write_header(Bytes length, std::span<std::byte, header_size> header) {
  std::ranges::copy(make_header(to_size(length)), header.begin());
}

bool has_fitting_header(std::span<const std::byte> record) {
  if (record.size() < header_size || record.size() - header_size > 0xffff) return false;
  return std::ranges::equal(record.first(header_size), make_header(record.size() - header_size));
}

std::array<std::byte, 13> pseudo_header(std::uint64_t sequence, std::size_t length) {
  std::array<std::byte, 13> bytes;
  const auto rest = std::ranges::copy(big_endian(sequence), bytes.begin()).out;
  std::ranges::copy(make_header(length), rest);
  return bytes;
}

}  // namespace cryptopath::tls_1_2
