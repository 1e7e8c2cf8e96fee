// OpenSSH's client sftp, which shares no code with this project but libcrypto's ciphers, and a port on the loopback
// interface where it connects. It reads nobody's ~/.ssh.
#pragma once

#include <sys/types.h>

#include "../../result/scratch_folder.hpp"
#include "record/handshakes/ssh_algorithm_names.hpp"
#include "record/handshakes/ssh_ed25519.hpp"

namespace cryptopath::test {

/// One sftp that carries out a batch of its commands, takes no algorithms but these, and no host key but this.
class SftpProgram {
 public:
  SftpProgram(const ScratchFolder& folder, const ssh_2::AlgorithmNames& algorithms, EVP_PKEY* host_key,
              const std::string& commands);
  /// Ends sftp if it still runs.
  ~SftpProgram();
  SftpProgram(const SftpProgram&) = delete;
  SftpProgram& operator=(const SftpProgram&) = delete;

  /// The server's end of its connection, whose calls give up after 20 seconds.
  int socket() const { return socket_; }
  /// Ends the connection, and waits until sftp has ended. Whether all its commands have succeeded.
  bool wait();
  /// What it has had to say.
  std::string log() const { return ::read_file(log_); }

 private:
  std::filesystem::path log_;
  int socket_ = -1;
  pid_t process_ = -1;
};

}  // namespace cryptopath::test
