// A server made of the project's record code and key exchange against Debian's OpenSSH client: sftp, over the loopback
// interface, with every format that it has.
#include <catch2/catch.hpp>

#include "formats.hpp"
#include "sftp_program.hpp"
#include "sftp_server.hpp"

using namespace cryptopath;
using namespace cryptopath::test;

namespace {

/// Runs `body` with each format that OpenSSH still has, and a host key.
template <class Body>
void with_each_format(Body body) {
  const ssh_2::Key host_key = new_key("ED25519");
  for (const RecordFormat& format : openssh_formats()) {
    CAPTURE(described(format));
    body(format, host_key.get());
  }
}

/// Serves until the client has ended the connection. Where that throws, the test says what sftp has to say.
void serve(SftpServer& server, const SftpProgram& sftp) {
  try {
    server.serve();
  } catch (const std::exception& failure) {
    FAIL(failure.what() << "\nsftp says:\n" << sftp.log());
  }
}

}  // namespace

TEST_CASE("OpenSSH's sftp stores a file with a server made of this code and fetches it again") {
  with_each_format([](const RecordFormat& format, EVP_PKEY* host_key) {
    const ScratchFolder folder;
    const ByteVector file = pattern(300'000, static_cast<std::uint64_t>(format.suite));
    write_file(folder / "file", as_string(file));
    SftpProgram sftp(folder, ssh_2::algorithm_names(format), host_key,
                     fmt::format("put \"{}\" \"/stored\"\nget \"/stored\" \"{}\"\n", (folder / "file").string(),
                                 (folder / "fetched").string()));
    SftpServer server(sftp.socket(), format, host_key);
    serve(server, sftp);
    CHECK(sftp.wait());
    CHECK(server.file("/stored") == file);
    CHECK(::read_file(folder / "fetched") == as_string(file));
    CHECK(server.key_exchanges() > 3);  // sftp asks for new keys from 100 KiB on
    CHECK(server.sent().largest_payload ==
          static_cast<std::size_t>(RecordFraming(format, 0).largest_plaintext().count));
    CHECK_FALSE(mentions_tampering(sftp.log()));
    fmt::print("{}: {} bytes from sftp and back, in {} packets and {}, with {} key exchanges\n", described(format),
               file.size(), server.received().packets, server.sent().packets, server.key_exchanges());
  });
}

TEST_CASE("OpenSSH's sftp ends the connection at an SSH packet with a bit flipped and does not use what it says") {
  with_each_format([](const RecordFormat& format, EVP_PKEY* host_key) {
    const ScratchFolder folder;
    SftpProgram sftp(folder, ssh_2::algorithm_names(format), host_key,
                     fmt::format("get \"/file\" \"{}\"\n", (folder / "fetched").string()));
    SftpServer server(sftp.socket(), format, host_key);
    server.put_file("/file", pattern(1000));
    server.tamper();
    serve(server, sftp);
    CHECK_FALSE(sftp.wait());
    CHECK(mentions_tampering(sftp.log()));
    CHECK(::read_file(folder / "fetched").empty());
  });
}

TEST_CASE("OpenSSH's sftp refuses a server with another host key") {
  const ScratchFolder folder;
  const RecordFormat format{Protocol::ssh_2, Suite::aes_128_gcm};
  SftpProgram sftp(folder, ssh_2::algorithm_names(format), new_key("ED25519").get(), "");
  const ssh_2::Key other = new_key("ED25519");
  CHECK_THROWS_AS(SftpServer(sftp.socket(), format, other.get()), Fault);
  CHECK_FALSE(sftp.wait());
  CHECK(sftp.log().find("HOST IDENTIFICATION HAS CHANGED") != std::string::npos);
}
