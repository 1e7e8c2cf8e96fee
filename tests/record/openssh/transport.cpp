#include "transport.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "cryptopath/errors.hpp"
#include "record/bytes.hpp"

namespace cryptopath::test {

using namespace ssh_2;

namespace {

bool ended(int error) { return error == EPIPE || error == ECONNRESET; }

}  // namespace

Transport::Transport(int socket, Role role) : socket_(socket), role_(role) {
  ensure(put(bytes_of(own_version_ + "\r\n")), "the other end takes a version");
  while (!other_version_.ends_with("\r\n")) {
    ensure(fill(1) && other_version_.size() < 255, "the other end sends its version");
    other_version_ += static_cast<char>(buffer_[0]);
    buffer_.erase(buffer_.begin());
  }
  other_version_.resize(other_version_.size() - 2);
}

ByteVector Transport::packet_with(const MessageWriter& message) {
  const auto& payload = message.bytes();
  const std::uint64_t sequence = next_sent_++;
  if (!sender_) return packet_in_clear(payload);
  sent_.count(payload.size());
  const Frame frame = sender_->framing.next(size_of(payload));
  ensure(frame.sequence == sequence, "packets are numbered from the connection's first one on");
  ByteVector packet(to_size(frame.size()));
  sender_->transform.seal(frame, payload, packet);
  return packet;
}

bool Transport::put(std::span<const std::byte> wire) {
  while (!wire.empty()) {
    const ssize_t taken = ::send(socket_, wire.data(), wire.size(), MSG_NOSIGNAL);
    if (taken < 0 && ended(errno)) return false;
    ensure(taken > 0, fmt::format("the other end takes what is sent: {}", std::strerror(errno)));
    wire = wire.subspan(static_cast<std::size_t>(taken));
  }
  return true;
}

void Transport::send(const MessageWriter& message) {
  ensure(put(packet_with(message)), "the other end takes what is sent: it has ended the connection");
}

bool Transport::fill(std::size_t size) {
  std::array<std::byte, 65536> piece;
  while (buffer_.size() < size) {
    const ssize_t got = ::recv(socket_, piece.data(), piece.size(), 0);
    if (got == 0 || (got < 0 && ended(errno))) {
      ensure(buffer_.empty(), "the other end ends the connection between packets");
      return false;
    }
    ensure(got > 0, fmt::format("the other end answers: {}", std::strerror(errno)));
    buffer_.insert(buffer_.end(), piece.begin(), piece.begin() + got);
  }
  return true;
}

std::size_t Transport::size_of_next() {
  if (!reader_) return 4 + MessageReader(buffer_).uint32();
  const std::optional<Bytes> size = reader_->next_size(buffer_);
  ensure(size.has_value(), "the start of a packet tells its size");
  return to_size(*size);
}

std::optional<ByteVector> Transport::take_packet() {
  if (!fill(enough_to_tell)) return std::nullopt;
  const std::size_t size = size_of_next();
  if (!fill(size)) return std::nullopt;
  const auto end = buffer_.begin() + static_cast<std::ptrdiff_t>(size);
  ByteVector packet(buffer_.begin(), end);
  buffer_.erase(buffer_.begin(), end);
  return packet;
}

Opened Transport::open(std::span<std::byte> packet) {
  const std::uint64_t sequence = next_received_++;
  if (!reader_) {
    Opened opened;
    opened.plaintext = payload_in_clear(packet);
    return opened;
  }
  const Opened opened = reader_->open_in_place(packet);
  ensure(!opened || opened.sequence == sequence, "packets are numbered from the connection's first one on");
  return opened;
}

std::optional<ByteVector> Transport::receive() {
  for (;;) {
    std::optional<ByteVector> packet = take_packet();
    if (!packet) return std::nullopt;
    const Opened opened = open(*packet);
    ensure(static_cast<bool>(opened),
           fmt::format("the other end's packet is accepted: {}", name_of(opened.rejection, Protocol::ssh_2)));
    if (reader_) received_.count(opened.plaintext.size());
    const MessageNumber number = number_of(opened.plaintext);
    if (number != MessageNumber::ignore && number != MessageNumber::debug && number != MessageNumber::global_request) {
      return ByteVector(opened.plaintext.begin(), opened.plaintext.end());
    }
  }
}

ByteVector Transport::expect(MessageNumber number) {
  std::optional<ByteVector> message = receive();
  ensure(message.has_value(), "the other end answers: it has ended the connection");
  ensure(number_of(*message) == number, fmt::format("the other end sends message {} where {} is due",
                                                    static_cast<int>(number_of(*message)), static_cast<int>(number)));
  return *std::move(message);
}

void Transport::protect_sending(const RecordFormat& format, TrafficKeys keys) {
  keys.sequence = next_sent_;
  sender_.emplace(Sender{RecordFraming(format, keys.sequence), RecordTransform(format, keys)});
}

void Transport::protect_receiving(const RecordFormat& format, TrafficKeys keys) {
  keys.sequence = next_received_;
  reader_.emplace(format, keys);
}

}  // namespace cryptopath::test
