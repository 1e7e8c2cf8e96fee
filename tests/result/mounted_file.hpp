// A file that is a mount point, as in containers, for a process of its own.
#pragma once

#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>

#include "cryptopath/errors.hpp"

/// Runs `body` in a process for which `file` is mounted on itself, and returns the message of the InputError that it
/// throws, or an empty one. Nothing where this machine lets nobody mount.
inline std::optional<std::string> refusal_where_mounted(const std::filesystem::path& file,
                                                        const std::function<void()>& body) {
  enum Status : int { returned = 0, refused = 2, no_mount = 3, other = 4 };
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) throw std::runtime_error("no pipe");
  const pid_t process = ::fork();
  if (process == 0) {
    // Who is not root may be it in a user namespace.
    const bool own = ::unshare(CLONE_NEWNS) == 0 || ::unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0;
    if (!own || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount(file.c_str(), file.c_str(), nullptr, MS_BIND, nullptr) != 0) {
      ::_exit(no_mount);
    }
    try {
      body();
    } catch (const cryptopath::InputError& error) {
      const std::string message = error.what();
      ::_exit(::write(ends[1], message.data(), message.size()) > 0 ? refused : other);
    } catch (...) {
      ::_exit(other);
    }
    ::_exit(returned);
  }
  ::close(ends[1]);
  std::string message;
  std::array<char, 4096> piece{};
  for (ssize_t got = 0; (got = ::read(ends[0], piece.data(), piece.size())) > 0;) {
    message.append(piece.data(), static_cast<std::size_t>(got));
  }
  ::close(ends[0]);
  int status = 0;
  if (::waitpid(process, &status, 0) != process || !WIFEXITED(status) || WEXITSTATUS(status) == other) {
    throw std::runtime_error("the process with a mount failed");
  }
  if (WEXITSTATUS(status) == no_mount) return std::nullopt;
  return message;
}
