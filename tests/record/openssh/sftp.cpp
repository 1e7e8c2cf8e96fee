#include "sftp.hpp"

#include <fmt/format.h>

#include <utility>

#include "cryptopath/errors.hpp"

namespace cryptopath::test {

Sftp::Sftp(Channel& channel) : channel_(channel) {
  MessageWriter init;
  init.byte(static_cast<std::uint8_t>(SftpType::init)).uint32(3);
  ensure(MessageReader(answer(init, SftpType::version)).uint32() == 3, "the server speaks version 3");
}

MessageWriter Sftp::request(SftpType type) {
  return MessageWriter().byte(static_cast<std::uint8_t>(type)).uint32(++next_id_);
}

ByteVector Sftp::packet(const MessageWriter& request) {
  return channel_.transport().packet_with(channel_.data_message(MessageWriter().string(request.bytes()).bytes()));
}

ByteVector Sftp::answer(const MessageWriter& request, SftpType type) {
  ensure(channel_.transport().put(packet(request)), "the server takes a request: it has ended the connection");
  const auto complete = [this] { return stream_.size() >= 4 && stream_.size() >= 4 + MessageReader(stream_).uint32(); };
  while (!complete()) {
    const ByteVector more = channel_.receive();
    stream_.insert(stream_.end(), more.begin(), more.end());
  }
  const ByteVector whole = std::exchange(stream_, {});
  MessageReader fields(whole);
  const auto message = fields.string();
  ensure(whole.size() == 4 + message.size(), "the server answers a request with one message");
  ensure(!message.empty() && message[0] == std::byte(type),
         fmt::format("the server answers with type {}", message.empty() ? 0 : std::to_integer<int>(message[0])));
  return {message.begin() + 1, message.end()};
}

void Sftp::expect_ok(const MessageWriter& request) {
  const ByteVector status = answer(request, SftpType::status);
  MessageReader fields(status);
  ensure(fields.uint32() == next_id_, "the answer is to this request");
  const std::uint32_t code = fields.uint32();
  ensure(code == 0, fmt::format("the server says {}: {}", code, fields.text()));
}

ByteVector Sftp::open(const std::string& path) {
  constexpr std::uint32_t read_write_create = 1 | 2 | 8;
  const ByteVector opened =
      answer(request(SftpType::open).string(path).uint32(read_write_create).uint32(0), SftpType::handle);
  MessageReader fields(opened);
  ensure(fields.uint32() == next_id_, "the answer is to this request");
  const auto handle = fields.string();
  return {handle.begin(), handle.end()};
}

MessageWriter Sftp::write_request(std::span<const std::byte> handle, std::uint64_t offset,
                                  std::span<const std::byte> data) {
  return request(SftpType::write).string(handle).uint64(offset).string(data);
}

MessageWriter Sftp::read_request(std::span<const std::byte> handle, std::uint64_t offset, std::size_t size) {
  return request(SftpType::read).string(handle).uint64(offset).uint32(size);
}

ByteVector Sftp::write_packet(std::span<const std::byte> handle, std::uint64_t offset,
                              std::span<const std::byte> data) {
  return packet(write_request(handle, offset, data));
}

ByteVector Sftp::read_packet(std::span<const std::byte> handle, std::uint64_t offset, std::size_t size) {
  return packet(read_request(handle, offset, size));
}

void Sftp::write(std::span<const std::byte> handle, std::uint64_t offset, std::span<const std::byte> data) {
  expect_ok(write_request(handle, offset, data));
}

ByteVector Sftp::read(std::span<const std::byte> handle, std::uint64_t offset, std::size_t size) {
  const ByteVector answered = answer(read_request(handle, offset, size), SftpType::data);
  MessageReader fields(answered);
  ensure(fields.uint32() == next_id_, "the answer is to this request");
  const auto data = fields.string();
  return {data.begin(), data.end()};
}

void Sftp::close(std::span<const std::byte> handle) { expect_ok(request(SftpType::close).string(handle)); }

}  // namespace cryptopath::test
