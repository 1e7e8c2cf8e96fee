#include "server.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <pwd.h>
#include <shadow.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "cryptopath/errors.hpp"
#include "key_exchange.hpp"
#include "key_line.hpp"

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

/// Starts a program with `end` as standard input and output, or without any, and its errors in `log`.
pid_t start(std::vector<std::string> words, int end, const std::filesystem::path& log) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO}) {
    if (end >= 0) {
      posix_spawn_file_actions_adddup2(&actions, end, descriptor);
    } else {
      posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0);
    }
  }
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  pid_t process = -1;
  const int error = ::posix_spawn(&process, pointers[0], &actions, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ensure(error == 0, fmt::format("{} does not start: {}", words[0], std::strerror(error)));
  return process;
}

/// Whether a program that has ended did so with status 0.
bool succeeded(pid_t process) {
  int status = 0;
  while (::waitpid(process, &status, 0) != process) ensure(errno == EINTR, "a child of this process ends");
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

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
  const timeval patience{20, 0};
  for (const int direction : {SO_RCVTIMEO, SO_SNDTIMEO}) {
    ensure(::setsockopt(socket_, SOL_SOCKET, direction, &patience, sizeof patience) == 0, "a limit of time");
  }
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
