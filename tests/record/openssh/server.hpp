// Debian's OpenSSH server, which shares no code with this project but libcrypto's ciphers: sshd on one end of a pair of
// sockets, as inetd would start it, with keys and a configuration of its own. It needs no port, touches nobody's
// ~/.ssh, and lets in the user who runs the test.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "../../result/scratch_folder.hpp"
#include "record/handshakes/ssh_algorithm_names.hpp"
#include "record/handshakes/ssh_ed25519.hpp"

namespace cryptopath::test {

using ssh_2::AlgorithmNames;

/// A folder with sshd's host key, its configuration and the one key that may log in; gone with its owner.
class ServerFolder {
 public:
  /// Throws Fault where openssh-server is not installed, or a folder that sshd needs cannot be made.
  ServerFolder();

  const std::vector<std::byte>& host_key() const { return host_key_; }
  EVP_PKEY* user_key() const { return user_key_.get(); }
  std::filesystem::path operator/(const std::string& name) const { return folder_ / name; }

  /// What sshd says against a configuration with these algorithms; empty where it has them.
  std::string refusal(const AlgorithmNames& algorithms) const;
  /// The words that start sshd: in mode -t it looks at its configuration only, in mode -i it serves standard input.
  std::vector<std::string> command(const AlgorithmNames& algorithms, const char* mode) const;
  /// What the last sshd has said.
  std::string log() const { return read_file(folder_ / "log"); }

 private:
  ScratchFolder folder_;
  std::vector<std::byte> host_key_;
  ssh_2::Key user_key_;
};

/// One sshd, which serves one connection and takes no algorithms but these.
class Server {
 public:
  Server(const ServerFolder& folder, const AlgorithmNames& algorithms);
  /// Ends sshd if it still runs.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// The client's end, whose calls give up after 20 seconds.
  int socket() const { return socket_; }
  /// Waits until sshd has ended of its own accord.
  void wait();

 private:
  int socket_ = -1;
  pid_t process_ = -1;
};

}  // namespace cryptopath::test
