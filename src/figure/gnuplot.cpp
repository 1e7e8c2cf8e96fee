#include "figure/gnuplot.hpp"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <sstream>
#include <system_error>

#include "cryptopath/errors.hpp"

namespace cryptopath {

namespace {

/// A file without a name: gnuplot may write as much as it likes before anyone reads.
class MemoryFile {
 public:
  explicit MemoryFile(const char* name) : file_(::memfd_create(name, MFD_CLOEXEC)) {
    ensure(file_ >= 0, "memory for gnuplot's input and output");
  }
  ~MemoryFile() { ::close(file_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  int descriptor() const { return file_; }

  void write(std::string_view content) const {
    while (!content.empty()) {
      const ssize_t written = ::write(file_, content.data(), content.size());
      ensure(written > 0 || errno == EINTR, "gnuplot's script is kept in memory");
      if (written > 0) content.remove_prefix(static_cast<std::size_t>(written));
    }
    ::lseek(file_, 0, SEEK_SET);
  }

  std::string read() const {
    std::string content;
    std::array<char, 65536> piece{};
    ::lseek(file_, 0, SEEK_SET);
    while (true) {
      const ssize_t got = ::read(file_, piece.data(), piece.size());
      if (got < 0 && errno == EINTR) continue;
      ensure(got >= 0, "what gnuplot wrote can be read");
      if (got == 0) return content;
      content.append(piece.data(), static_cast<std::size_t>(got));
    }
  }

 private:
  int file_;
};

/// "/plots/templates/table.gnuplot" line 12: undefined variable: x, of gnuplot's several lines that point at the place.
std::string last_line(const std::string& text) {
  std::istringstream lines(text);
  std::string last;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t start = line.find_first_not_of(" \t^");
    if (start != std::string::npos) last = line.substr(start);
  }
  return last;
}

/// What gnuplot said, or else how it ended.
std::string reason(const std::string& messages, int status) {
  std::string said = last_line(messages);
  if (!said.empty()) return said;
  if (WIFSIGNALED(status))
    return fmt::format("ended by signal {} ({})", WTERMSIG(status), ::strsignal(WTERMSIG(status)));
  return fmt::format("exit status {} and no message", WEXITSTATUS(status));
}

}  // namespace

void require_gnuplot() {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::filesystem::path program = std::filesystem::path(folder.empty() ? "." : folder) / "gnuplot";
    if (::access(program.c_str(), X_OK) == 0) return;
  }
  throw InputError("a picture needs gnuplot, which is not installed: apt install gnuplot-nox");
}

std::string run_gnuplot(std::string_view script) {
  const MemoryFile input("script");
  const MemoryFile output("picture");
  const MemoryFile messages("messages");
  input.write(script);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input.descriptor(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output.descriptor(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, messages.descriptor(), STDERR_FILENO);
  std::array<std::string, 3> words = {"gnuplot", "--default-settings", "-"};
  const std::array<char*, 4> arguments = {words[0].data(), words[1].data(), words[2].data(), nullptr};
  pid_t process = 0;
  const int error = ::posix_spawnp(&process, "gnuplot", &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ensure(error == 0, "gnuplot cannot be started: " + std::generic_category().message(error));

  int status = 0;
  while (::waitpid(process, &status, 0) < 0) ensure(errno == EINTR, "gnuplot ends");
  std::string picture = output.read();
  if (status != 0 || picture.empty()) throw Fault("gnuplot drew no picture: " + reason(messages.read(), status));
  return picture;
}

std::string gnuplot_string(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') quoted += '\'';
    quoted += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return quoted + "'";
}

}  // namespace cryptopath
