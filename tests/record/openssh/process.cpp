#include "process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cryptopath/errors.hpp"

namespace cryptopath::test {

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

bool succeeded(pid_t process) {
  int status = 0;
  while (::waitpid(process, &status, 0) != process) ensure(errno == EINTR, "a child of this process ends");
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void limit_patience(int socket) {
  const timeval patience{20, 0};
  for (const int direction : {SO_RCVTIMEO, SO_SNDTIMEO}) {
    ensure(::setsockopt(socket, SOL_SOCKET, direction, &patience, sizeof patience) == 0, "a limit of time");
  }
}

}  // namespace cryptopath::test
