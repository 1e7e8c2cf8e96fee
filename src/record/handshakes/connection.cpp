#include "connection.hpp"

#include <algorithm>
#include <utility>

namespace cryptopath {

void Connection::write(End from, std::span<const std::byte> bytes) {
  const bool from_sender = from == End::server;
  if (in_datagrams_ || said_.empty() || said_.back().from_sender != from_sender) said_.push_back({from_sender, {}});
  said_.back().bytes.insert(said_.back().bytes.end(), bytes.begin(), bytes.end());
}

bool Connection::has_for(End by) {
  Position& position = read_up_to_[static_cast<std::size_t>(by)];
  for (; position.flight < said_.size(); ++position.flight, position.offset = 0) {
    const Flight& flight = said_[position.flight];
    if (flight.from_sender == (by == End::server)) continue;
    if (position.offset < flight.bytes.size()) return true;
    if (position.flight + 1 == said_.size()) return false;  // the flight may still grow
  }
  return false;
}

std::size_t Connection::read(End by, std::span<std::byte> into) {
  if (!has_for(by)) return 0;
  Position& position = read_up_to_[static_cast<std::size_t>(by)];
  const auto rest = std::span(said_[position.flight].bytes).subspan(position.offset);
  const std::size_t size = std::min(rest.size(), into.size());
  std::copy_n(rest.begin(), size, into.begin());
  position.offset += in_datagrams_ ? rest.size() : size;
  return size;
}

std::vector<Flight> Connection::take_transcript() {
  read_up_to_ = {};
  return std::exchange(said_, {});
}

}  // namespace cryptopath
