#include "kernel/protection.hpp"

#include <algorithm>
#include <array>

namespace cryptopath::sim {

std::vector<Frame> Protection::take_records(Bytes plaintext) {
  std::vector<Frame> frames;
  while (plaintext.count > 0) {
    const Bytes size = std::min(plaintext, framing.largest_plaintext());
    frames.push_back(framing.next(size));
    taken += frames.back().size();
    plaintext -= size;
  }
  return frames;
}

std::function<void(std::span<std::byte>)> Protection::seals(const Frame& frame) const {
  if (transform == nullptr) return {};
  return [sealer = transform, frame](std::span<std::byte> record) { sealer->seal_in_place(frame, record); };
}

Bytes Protection::size_on_wire(Bytes plaintext) const {
  Bytes total;
  while (plaintext.count > 0) {
    const Bytes size = std::min(plaintext, framing.largest_plaintext());
    total += framing.layout(size).size();
    plaintext -= size;
  }
  return total;
}

std::vector<std::byte> Protection::close_notify() {
  if (transform == nullptr || !has_alerts(framing.format().protocol)) return {};
  constexpr std::array warning_close_notify{std::byte{1}, std::byte{0}};
  const Frame frame = framing.next(Bytes(warning_close_notify.size()), ContentType::alert);
  std::vector<std::byte> record(static_cast<std::size_t>(frame.size().count));
  transform->seal(frame, warning_close_notify, record);
  return record;
}

}  // namespace cryptopath::sim
