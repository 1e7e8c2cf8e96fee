#include "channel.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <string>

#include "cryptopath/errors.hpp"

namespace cryptopath::test {

using namespace ssh_2;

namespace {

constexpr std::uint32_t own_channel = 7;

std::string user_name() {
  const passwd* user = ::getpwuid(::geteuid());
  ensure(user != nullptr, "who runs this has a name in the list of users");
  return user->pw_name;
}

}  // namespace

void authenticate(Transport& transport, std::span<const std::byte> session_id, EVP_PKEY* key) {
  transport.send(MessageWriter(MessageNumber::service_request).string("ssh-userauth"));
  transport.expect(MessageNumber::service_accept);
  MessageWriter request(MessageNumber::userauth_request);
  request.string(user_name()).string("ssh-connection").string("publickey").boolean(true);
  request.string("ssh-ed25519").string(public_key_blob(key));
  const ByteVector signed_text = MessageWriter().string(session_id).raw(request.bytes()).bytes();
  transport.send(request.string(signature_blob(key, signed_text)));
  transport.expect(MessageNumber::userauth_success);
}

Channel::Channel(Transport& transport, std::string_view subsystem) : transport_(transport) {
  // A window that need never be widened.
  transport_.send(MessageWriter(MessageNumber::channel_open)
                      .string("session")
                      .uint32(own_channel)
                      .uint32(0x7fff'ffff)
                      .uint32(largest_data));
  const ByteVector confirmation = transport_.expect(MessageNumber::channel_open_confirmation);
  MessageReader fields(confirmation);
  fields.byte();
  ensure(fields.uint32() == own_channel, "the channel is the one that was asked for");
  server_channel_ = fields.uint32();
  window_ = fields.uint32();
  largest_data_ = fields.uint32();
  transport_.send(MessageWriter(MessageNumber::channel_request)
                      .uint32(server_channel_)
                      .string("subsystem")
                      .boolean(true)
                      .string(subsystem));
  ensure(number_of(next()) == MessageNumber::channel_success, "the server has the subsystem");
}

ByteVector Channel::next() {
  for (;;) {
    std::optional<ByteVector> message = transport_.receive();
    ensure(message.has_value(), "the server answers: it has ended the connection");
    if (number_of(*message) != MessageNumber::channel_window_adjust) return *std::move(message);
    MessageReader fields(*message);
    fields.raw(5);
    window_ += fields.uint32();
  }
}

MessageWriter Channel::data_message(std::span<const std::byte> data) {
  ensure(data.size() <= window_ && data.size() <= largest_data_, "the server has room for the data");
  window_ -= data.size();
  return MessageWriter(MessageNumber::channel_data).uint32(server_channel_).string(data);
}

ByteVector Channel::receive() {
  const ByteVector message = next();
  ensure(number_of(message) == MessageNumber::channel_data,
         fmt::format("the server sends message {} where data are due", static_cast<int>(number_of(message))));
  MessageReader fields(message);
  fields.raw(5);
  const auto data = fields.string();
  return {data.begin(), data.end()};
}

void Channel::close() {
  transport_.send(MessageWriter(MessageNumber::channel_eof).uint32(server_channel_));
  // Before its CLOSE the server sends its own end of data and the subsystem's exit status.
  for (;;) {
    const ByteVector message = next();
    if (number_of(message) == MessageNumber::channel_close) break;
    ensure(number_of(message) == MessageNumber::channel_eof || number_of(message) == MessageNumber::channel_request,
           "the server closes the channel");
  }
  transport_.send(MessageWriter(MessageNumber::channel_close).uint32(server_channel_));
}

}  // namespace cryptopath::test
