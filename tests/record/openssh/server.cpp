#include "server.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <shadow.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "cryptopath/errors.hpp"
#include "key_exchange.hpp"
#include "key_line.hpp"
#include "process.hpp"

namespace cryptopath::test {

namespace {

/// Whether the account's password is locked, as root's often is. Without PAM, which is slow, sshd does not let it in.
bool is_locked(uid_t user) {
  const passwd* account = ::getpwuid(user);
  const spwd* secret = account == nullptr ? nullptr : ::getspnam(account->pw_name);  // for root's eyes
  return secret != nullptr && secret->sp_pwdp[0] == '!';
}

constexpr const char* sshd = "/usr/sbin/sshd";  // which wants to be called by its whole path
constexpr const char* ssh_keygen = "/usr/bin/ssh-keygen";

/// sshd run by root locks its unprivileged half into an empty folder, which Debian's init scripts make.
void provide_empty_folder() {
  if (::geteuid() != 0) return;
  const std::filesystem::path folder = "/run/sshd";
  std::error_code error;
  std::filesystem::create_directory(folder, error);
  ensure(!error, fmt::format("sshd needs {}: {}", folder.string(), error.message()));
}

}  // namespace

ServerFolder::ServerFolder() : user_key_(new_key("ED25519")) {
  for (const char* program : {sshd, ssh_keygen}) {
    ensure(std::filesystem::exists(program),
           fmt::format("no {}: install what debian-packages-check.txt names", program));
  }
  provide_empty_folder();
  const auto host_key_file = folder_ / "host_key";
  ensure(succeeded(
             start({ssh_keygen, "-q", "-t", "ed25519", "-N", "", "-f", host_key_file.string()}, -1, folder_ / "log")),
         "ssh-keygen makes a host key");
  host_key_ = blob_of_line(read_file(folder_ / "host_key.pub"));
  write_file(folder_ / "authorized_keys", public_key_line(ssh_2::public_key_blob(user_key_.get())) + "\n");
  // The temporary folder may be writable for others.
  write_file(folder_ / "configuration", fmt::format("HostKey \"{}\"\n"
                                                    "AuthorizedKeysFile \"{}\"\n"
                                                    "AuthenticationMethods publickey\n"
                                                    "PermitRootLogin yes\n"
                                                    "PermitUserRC no\n"
                                                    "StrictModes no\n"
                                                    "UsePAM {}\n"
                                                    "PidFile none\n"
                                                    "Subsystem sftp internal-sftp\n",
                                                    host_key_file.string(), (folder_ / "authorized_keys").string(),
                                                    is_locked(::geteuid()) ? "yes" : "no"));
}

std::vector<std::string> ServerFolder::command(const AlgorithmNames& algorithms, const char* mode) const {
  std::vector<std::string> words = {sshd, mode, "-e", "-f", (folder_ / "configuration").string()};
  words.insert(words.end(), {"-o", "Ciphers=" + algorithms.cipher});
  if (!algorithms.mac.empty()) words.insert(words.end(), {"-o", "MACs=" + algorithms.mac});
  return words;
}

std::string ServerFolder::refusal(const AlgorithmNames& algorithms) const {
  if (succeeded(start(command(algorithms, "-t"), -1, folder_ / "log"))) return "";
  const std::string why = log();
  ensure(!why.empty(), "sshd says what it has against its configuration");
  return why;
}

Server::Server(const ServerFolder& folder, const AlgorithmNames& algorithms) {
  std::array<int, 2> ends{};
  ensure(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0, "a pair of sockets");
  socket_ = ends[0];
  limit_patience(socket_);
  process_ = start(folder.command(algorithms, "-i"), ends[1], folder / "log");
  ::close(ends[1]);
}

Server::~Server() {
  ::close(socket_);
  if (process_ < 0) return;
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

void Server::wait() {
  // Its status is 255 for every connection that the client has ended, and so tells nothing.
  succeeded(process_);
  process_ = -1;
}

}  // namespace cryptopath::test
