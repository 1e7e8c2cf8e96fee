#include "sftp_program.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "cryptopath/errors.hpp"
#include "key_line.hpp"
#include "process.hpp"

namespace cryptopath::test {

namespace {

constexpr const char* sftp = "/usr/bin/sftp";

/// A socket that waits for one connection; closed with its owner.
class Listener {
 public:
  Listener() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    ensure(
        ::bind(socket_, generic, size) == 0 && ::listen(socket_, 1) == 0 && ::getsockname(socket_, generic, &size) == 0,
        "a port on the loopback interface");
    limit_patience(socket_);
    port_ = ntohs(address.sin_port);
  }
  ~Listener() { ::close(socket_); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  int port() const { return port_; }
  int accept() const { return ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC); }

 private:
  int socket_;
  int port_ = 0;
};

}  // namespace

SftpProgram::SftpProgram(const ScratchFolder& folder, const ssh_2::AlgorithmNames& algorithms, EVP_PKEY* host_key,
                         const std::string& commands)
    : log_(folder / "sftp.log") {
  ensure(std::filesystem::exists(sftp), fmt::format("no {}: install what debian-packages-check.txt names", sftp));
  const Listener listener;
  const auto batch = write_file(folder / "batch", commands);
  const auto known_hosts = write_file(
      folder / "known_hosts",
      fmt::format("[127.0.0.1]:{} {}\n", listener.port(), public_key_line(ssh_2::public_key_blob(host_key))));
  std::vector<std::string> words = {sftp, "-F", "none", "-b", batch.string(), "-P", std::to_string(listener.port())};
  std::vector<std::string> settings = {"UserKnownHostsFile=\"" + known_hosts.string() + '"',
                                       "GlobalKnownHostsFile=none",
                                       "StrictHostKeyChecking=yes",
                                       "IdentityFile=none",
                                       "IdentityAgent=none",
                                       "RekeyLimit=100K",
                                       "KexAlgorithms=curve25519-sha256",
                                       "HostKeyAlgorithms=ssh-ed25519",
                                       "Ciphers=" + algorithms.cipher};
  if (!algorithms.mac.empty()) settings.push_back("MACs=" + algorithms.mac);
  for (const std::string& setting : settings) words.insert(words.end(), {"-o", setting});
  words.emplace_back("127.0.0.1");
  process_ = start(words, -1, log_);
  socket_ = listener.accept();
  if (socket_ >= 0) limit_patience(socket_);
}

SftpProgram::~SftpProgram() {
  if (socket_ >= 0) ::close(socket_);
  if (process_ < 0) return;
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

bool SftpProgram::wait() {
  ::shutdown(socket_, SHUT_RDWR);
  const bool success = succeeded(process_);
  process_ = -1;
  return success;
}

}  // namespace cryptopath::test
