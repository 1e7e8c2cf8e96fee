// SSH's packets against Debian's OpenSSH server: a session with every format that it has, from the first packet under
// keys to the last, goes through the project's record code.
#include <catch2/catch.hpp>

#include "formats.hpp"
#include "key_exchange.hpp"
#include "server.hpp"
#include "sftp.hpp"

using namespace cryptopath;
using namespace cryptopath::test;

namespace {

/// A connection with SFTP on it.
struct SftpSession {
  SftpSession(const ServerFolder& folder, const RecordFormat& format)
      : server(folder, ssh_2::algorithm_names(format)),
        transport(server.socket(), Role::client),
        id(exchange_keys(transport, format, folder.host_key())),
        channel(log_in(folder)),
        sftp(channel) {}

  Server server;
  Transport transport;
  ssh_2::Digest id;
  Channel channel;
  Sftp sftp;

 private:
  Channel log_in(const ServerFolder& folder) {
    authenticate(transport, id, folder.user_key());
    return {transport, "sftp"};
  }
};

/// Runs `body` with each format that OpenSSH still has. Where it throws, the test says what the server has to say.
template <class Body>
void with_each_format(Body body) {
  const ServerFolder folder;
  for (const RecordFormat& format : openssh_formats()) {
    CAPTURE(described(format));
    try {
      body(folder, format);
    } catch (const std::exception& failure) {
      FAIL(failure.what() << "\nsshd says:\n" << folder.log());
    }
  }
  CHECK(openssh_formats().size() == 27);
}

/// Calls `use(offset, size)` for pieces that follow one another from `begin` to `end`: sizes that need every length of
/// padding, and then those that fill small and large packets up to `largest_payload`, in which `overhead` stands beside
/// a piece.
template <class Use>
void in_pieces(std::size_t begin, std::size_t end, std::size_t largest_payload, std::size_t overhead, Use use) {
  std::vector<std::size_t> sizes;
  for (std::size_t size = 1; size <= 32; ++size) sizes.push_back(size);
  for (const std::size_t payload : {std::size_t{1400}, std::size_t{4096}, std::size_t{16384}, largest_payload}) {
    sizes.push_back(payload - overhead);
  }
  for (std::size_t number = 0; begin < end; ++number) {
    const std::size_t size = std::min(sizes[number % sizes.size()], end - begin);
    use(begin, size);
    begin += size;
  }
}

/// Where CBC enciphers the length too, OpenSSH does not say at once that a MAC is wrong, but first reads on to the end
/// of the largest packet that it knows (CVE-2008-5161).
bool reads_on_after_wrong_mac(const RecordFormat& format) {
  return !format.encrypt_then_mac && name_of(format.suite).find("cbc") != std::string_view::npos;
}
constexpr std::size_t largest_packet_of_openssh = 256 * 1024;

}  // namespace

TEST_CASE("OpenSSH stores a file that comes in SSH packets sealed here and its own packets with the file are opened") {
  with_each_format([](const ServerFolder& folder, const RecordFormat& format) {
    const auto largest_sent = static_cast<std::size_t>(RecordFraming(format, 0).largest_plaintext().count);
    constexpr std::size_t largest_received = Channel::largest_data + Channel::overhead;
    const ByteVector file = pattern(300'000, static_cast<std::uint64_t>(format.suite));
    const std::string path = (folder / "upload").string();
    SftpSession session(folder, format);
    REQUIRE(session.transport.server_version().starts_with("SSH-2.0-OpenSSH_"));
    const ByteVector handle = session.sftp.open(path);

    ByteVector read_back;
    const auto there_and_back = [&](std::size_t begin, std::size_t end) {
      in_pieces(begin, end, largest_sent, Sftp::write_overhead, [&](std::size_t offset, std::size_t size) {
        session.sftp.write(handle, offset, std::span(file).subspan(offset, size));
      });
      in_pieces(begin, end, largest_received, Sftp::data_overhead, [&](std::size_t offset, std::size_t size) {
        const ByteVector piece = session.sftp.read(handle, offset, size);
        CHECK(piece.size() == size);
        read_back.insert(read_back.end(), piece.begin(), piece.end());
      });
    };
    there_and_back(0, file.size() / 2);
    // New keys: sequence numbers go on, while CBC's chain and GCM's counter start again.
    exchange_keys(session.transport, format, folder.host_key(), session.id);
    there_and_back(file.size() / 2, file.size());
    session.sftp.close(handle);
    session.channel.close();
    constexpr std::uint32_t by_application = 11;
    session.transport.send(
        MessageWriter(MessageNumber::disconnect).uint32(by_application).string("that was all").string(""));
    REQUIRE(!session.transport.receive());
    session.server.wait();

    CHECK(read_file(path) == as_string(file));
    CHECK(read_back == file);
    const Traffic& sent = session.transport.sent();
    const Traffic& received = session.transport.received();
    CHECK(sent.largest_payload == largest_sent);
    CHECK(received.largest_payload == largest_received);
    CHECK(!mentions_tampering(folder.log()));
    std::filesystem::remove(path);
    fmt::print("{}: {} bytes to {} and back, in {} packets and {}, payloads of up to {} bytes and {}\n",
               described(format), file.size(), session.transport.server_version(), sent.packets, received.packets,
               sent.largest_payload, received.largest_payload);
  });
}

TEST_CASE("OpenSSH ends the connection at an SSH packet with a bit flipped and does not use what it says") {
  with_each_format([](const ServerFolder& folder, const RecordFormat& format) {
    const std::string path = (folder / "upload").string();
    const ByteVector file = pattern(1000);
    const ByteVector other = pattern(1000, 1);
    SftpSession session(folder, format);
    const ByteVector handle = session.sftp.open(path);
    session.sftp.write(handle, 0, file);

    ByteVector packet = session.sftp.write_packet(handle, 0, other);
    packet[packet.size() / 2] ^= std::byte{1};
    REQUIRE(session.transport.put(packet));
    if (reads_on_after_wrong_mac(format)) {
      std::size_t more = 0;
      while (more < 4 * largest_packet_of_openssh && session.transport.put(packet)) more += packet.size();
      CHECK(more > largest_packet_of_openssh - 2 * packet.size());
      CHECK(more < 4 * largest_packet_of_openssh);
    }
    REQUIRE(!session.transport.receive());
    session.server.wait();
    CHECK(mentions_tampering(folder.log()));
    CHECK(read_file(path) == as_string(file));
    std::filesystem::remove(path);
  });
}

TEST_CASE("a packet of OpenSSH's with a bit flipped is not authentic") {
  with_each_format([](const ServerFolder& folder, const RecordFormat& format) {
    SftpSession session(folder, format);
    const ByteVector handle = session.sftp.open((folder / "upload").string());
    session.sftp.write(handle, 0, pattern(1000));
    REQUIRE(session.transport.put(session.sftp.read_packet(handle, 0, 1000)));
    std::optional<ByteVector> packet = session.transport.take_packet();
    REQUIRE(packet);
    (*packet)[packet->size() / 2] ^= std::byte{1};
    CHECK(session.transport.open(*packet).rejection == Rejection::not_authentic);
  });
}

TEST_CASE("of SSH's formats OpenSSH lacks those without a cipher and those with RC4") {
  const ServerFolder folder;
  for (const RecordFormat& format : ssh_formats()) {
    const AlgorithmNames names = ssh_2::algorithm_names(format);
    CAPTURE(described(format));
    const std::string refusal = folder.refusal(names);
    if (is_without_cipher_or_rc4(format)) {
      CHECK(refusal.find(fmt::format("Bad SSH2 cipher spec '{}'", names.cipher)) != std::string::npos);
      fmt::print("{}: sshd refuses {}\n", name_of(format), names.cipher);
    } else {
      CHECK(refusal.empty());
    }
  }
}
