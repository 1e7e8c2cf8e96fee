#include "sftp_server.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "channel.hpp"
#include "cryptopath/errors.hpp"

namespace cryptopath::test {

using namespace ssh_2;

namespace {

constexpr std::uint32_t own_channel = 5;
enum Status : std::uint32_t { ok = 0, end_of_file = 1, no_such_file = 2, unsupported = 8 };

std::uint64_t uint64(MessageReader& fields) {
  const std::uint64_t high = fields.uint32();
  return high << 32 | fields.uint32();
}

}  // namespace

SftpServer::SftpServer(int socket, const RecordFormat& format, EVP_PKEY* host_key)
    : format_(format),
      host_key_(host_key),
      transport_(socket, Role::server),
      session_id_(serve_keys(transport_, format, host_key)) {}

void SftpServer::serve() {
  while (const std::optional<ByteVector> message = transport_.receive()) take(*message);
}

void SftpServer::take(const ByteVector& message) {
  MessageReader fields(message);
  switch (static_cast<MessageNumber>(fields.byte())) {
    case MessageNumber::kexinit:
      serve_keys(transport_, format_, host_key_, session_id_, message);
      ++key_exchanges_;
      return;
    case MessageNumber::service_request:
      transport_.send(MessageWriter(MessageNumber::service_accept).string(fields.text()));
      return;
    case MessageNumber::userauth_request:
      transport_.send(MessageWriter(MessageNumber::userauth_success));
      return;
    case MessageNumber::channel_open:
      return open_channel(fields);
    case MessageNumber::channel_request:
      fields.uint32();
      if (fields.text() == "subsystem") {
        transport_.send(MessageWriter(MessageNumber::channel_success).uint32(client_channel_));
      }
      return;
    case MessageNumber::channel_window_adjust:
      fields.uint32();
      window_ += fields.uint32();
      return;
    case MessageNumber::channel_data:
      fields.uint32();
      return take_data(fields.string());
    case MessageNumber::channel_eof:
      return close_channel();
    case MessageNumber::channel_close:
    case MessageNumber::disconnect:
      return;
    default:
      throw Fault(fmt::format("sftp sends message {}", static_cast<int>(number_of(message))));
  }
}

void SftpServer::open_channel(MessageReader fields) {
  ensure(fields.text() == "session", "sftp opens a session");
  client_channel_ = fields.uint32();
  window_ = fields.uint32();
  largest_data_ = fields.uint32();
  transport_.send(MessageWriter(MessageNumber::channel_open_confirmation)
                      .uint32(client_channel_)
                      .uint32(own_channel)
                      .uint32(0x7fff'ffff)  // a window that need never be widened
                      .uint32(Channel::largest_data));
}

void SftpServer::close_channel() {
  transport_.send(MessageWriter(MessageNumber::channel_request)
                      .uint32(client_channel_)
                      .string("exit-status")
                      .boolean(false)
                      .uint32(0));
  transport_.send(MessageWriter(MessageNumber::channel_eof).uint32(client_channel_));
  transport_.send(MessageWriter(MessageNumber::channel_close).uint32(client_channel_));
}

void SftpServer::take_data(std::span<const std::byte> data) {
  stream_.insert(stream_.end(), data.begin(), data.end());
  while (stream_.size() >= 4 && stream_.size() - 4 >= MessageReader(stream_).uint32()) {
    const auto request = MessageReader(stream_).string();
    take_request(MessageReader(request));
    stream_.erase(stream_.begin(), stream_.begin() + 4 + static_cast<std::ptrdiff_t>(request.size()));
  }
}

void SftpServer::send_data(std::span<const std::byte> data, bool tampered) {
  const auto largest_payload = static_cast<std::size_t>(RecordFraming(format_, 0).largest_plaintext().count);
  const std::size_t largest = std::min(largest_data_, largest_payload - Channel::overhead);
  while (!data.empty()) {
    const auto piece = data.first(std::min(data.size(), largest));
    ensure(piece.size() <= window_, "sftp has room for the data");
    window_ -= piece.size();
    ByteVector packet =
        transport_.packet_with(MessageWriter(MessageNumber::channel_data).uint32(client_channel_).string(piece));
    if (tampered) {
      send_tampered(std::move(packet));
    } else {
      transport_.put(packet);  // where the client has ended the connection, receive() will say so
    }
    data = data.subspan(piece.size());
  }
}

void SftpServer::send_tampered(ByteVector packet) {
  packet[packet.size() / 2] ^= std::byte{1};
  // Where OpenSSH does not trust the length, it reads on up to its largest packet, 256 KiB, before it says so.
  constexpr std::size_t enough = 1024 * 1024;
  for (std::size_t sent = 0; sent < enough && transport_.put(packet);) sent += packet.size();
}

void SftpServer::reply(SftpType type, const MessageWriter& fields) {
  const ByteVector message = MessageWriter().byte(static_cast<std::uint8_t>(type)).raw(fields.bytes()).bytes();
  send_data(MessageWriter().string(message).bytes(), tampers_ && type == SftpType::data);
}

void SftpServer::reply_status(std::uint32_t id, std::uint32_t code) {
  reply(SftpType::status, MessageWriter().uint32(id).uint32(code).string("").string(""));
}

void SftpServer::reply_attributes(std::uint32_t id, const std::string& path) {
  constexpr std::uint32_t size_and_permissions = 1 | 4;
  constexpr std::uint32_t directory = 0040755;
  constexpr std::uint32_t regular_file = 0100600;
  const auto file = files_.find(path);
  if (path != "/" && file == files_.end()) return reply_status(id, no_such_file);
  MessageWriter attributes;
  attributes.uint32(id).uint32(size_and_permissions).uint64(path == "/" ? 0 : file->second.size());
  reply(SftpType::attrs, attributes.uint32(path == "/" ? directory : regular_file));
}

void SftpServer::take_request(MessageReader request) {
  const auto type = static_cast<SftpType>(request.byte());
  if (type == SftpType::init) return reply(SftpType::version, MessageWriter().uint32(3));
  const std::uint32_t id = request.uint32();
  switch (type) {
    case SftpType::realpath:
      return reply(SftpType::name, MessageWriter().uint32(id).uint32(1).string("/").string("/").uint32(0));
    case SftpType::stat:
    case SftpType::lstat:
    case SftpType::fstat:
      return reply_attributes(id, std::string(request.text()));
    case SftpType::open:
      return open_file(id, request);
    case SftpType::write:
      return write_file(id, request);
    case SftpType::read:
      return read_file(id, request);
    case SftpType::close:
    case SftpType::setstat:
    case SftpType::fsetstat:
      return reply_status(id, ok);
    default:
      return reply_status(id, unsupported);
  }
}

/// A handle is the file's path.
void SftpServer::open_file(std::uint32_t id, MessageReader fields) {
  constexpr std::uint32_t create = 8;
  const std::string path(fields.text());
  if ((fields.uint32() & create) != 0) files_[path].clear();
  if (!files_.contains(path)) return reply_status(id, no_such_file);
  reply(SftpType::handle, MessageWriter().uint32(id).string(path));
}

void SftpServer::write_file(std::uint32_t id, MessageReader fields) {
  ByteVector& file = files_.at(std::string(fields.text()));
  const std::uint64_t offset = uint64(fields);
  const auto data = fields.string();
  file.resize(std::max<std::size_t>(file.size(), offset + data.size()));
  std::ranges::copy(data, file.begin() + static_cast<std::ptrdiff_t>(offset));
  reply_status(id, ok);
}

void SftpServer::read_file(std::uint32_t id, MessageReader fields) {
  const ByteVector& file = files_.at(std::string(fields.text()));
  const std::uint64_t offset = uint64(fields);
  const std::uint32_t size = fields.uint32();
  if (offset >= file.size()) return reply_status(id, end_of_file);
  const auto rest = std::span(file).subspan(offset);
  reply(SftpType::data, MessageWriter().uint32(id).string(rest.first(std::min<std::size_t>(size, rest.size()))));
}

}  // namespace cryptopath::test
