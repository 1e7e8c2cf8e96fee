#include "process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <stdexcept>

#include "cryptopath/scenario.hpp"

namespace {

void require(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

std::array<int, 2> make_pipe() {
  std::array<int, 2> ends{};
  require(::pipe2(ends.data(), O_CLOEXEC) == 0, "a pipe");
  return ends;
}

std::array<int, 2> make_terminal() {
  std::array<int, 2> ends{};
  require(::openpty(&ends[0], &ends[1], nullptr, nullptr, nullptr) == 0, "a terminal");
  for (const int end : ends) ::fcntl(end, F_SETFD, FD_CLOEXEC);
  return ends;
}

std::vector<std::string> environment_with(const std::string& path_variable) {
  std::vector<std::string> variables;
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string variable = *each;
    if (path_variable.empty() || !variable.starts_with("PATH=")) variables.push_back(variable);
  }
  if (!path_variable.empty()) variables.push_back("PATH=" + path_variable);
  return variables;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// Takes what is there. Returns whether more may come: a terminal ends with EIO instead of nothing.
bool read_some(int descriptor, std::string& into) {
  std::array<char, 65536> piece{};
  const ssize_t got = ::read(descriptor, piece.data(), piece.size());
  if (got > 0) into.append(piece.data(), static_cast<std::size_t>(got));
  return got > 0 || (got < 0 && errno == EINTR);
}

}  // namespace

int Outcome::exit_status() const { return WIFEXITED(status) ? WEXITSTATUS(status) : -1; }

Process::Process(const std::vector<std::string>& arguments, const Redirections& redirections) {
  const auto output = make_pipe();
  const auto error = redirections.error_to_terminal ? make_terminal() : make_pipe();
  output_ = output[0];
  error_ = error[0];

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  if (redirections.output.empty()) {
    posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
  } else {
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, redirections.output.c_str(), O_WRONLY, 0);
  }
  posix_spawn_file_actions_adddup2(&actions, error[1], STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);

  std::vector<std::string> words = {CRYPTOPATH_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables = environment_with(redirections.path_variable);
  const int failure = ::posix_spawn(&process_, CRYPTOPATH_PROGRAM, &actions, &attributes, pointers_to(words).data(),
                                    pointers_to(variables).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  ::close(output[1]);
  ::close(error[1]);
  require(failure == 0, "the program starts");
}

Process::~Process() {
  if (process_ > 0) {
    ::kill(-process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
  if (output_ >= 0) ::close(output_);
  if (error_ >= 0) ::close(error_);
}

std::vector<pid_t> Process::children() const {
  std::vector<pid_t> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (!std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; })) continue;
    std::ifstream stream(entry.path() / "stat");
    std::string stat;
    std::getline(stream, stat);
    // "17 (name) S 16 ...": the name may hold anything, so what counts stands behind the last parenthesis.
    const std::size_t end = stat.rfind(") ");
    if (end == std::string::npos) continue;
    if (stat[end + 2] != 'Z' && std::stol(stat.substr(end + 4)) == process_) found.push_back(std::stoi(name));
  }
  return found;
}

void Process::wait_for_children(std::size_t count) const {
  while (children().size() != count) {
    require(::waitpid(process_, nullptr, WNOHANG) == 0, "the program still runs");
    ::usleep(1000);
  }
}

Outcome Process::wait() {
  Outcome outcome;
  std::array<pollfd, 2> polled = {pollfd{output_, POLLIN, 0}, pollfd{error_, POLLIN, 0}};
  while (polled[0].fd >= 0 || polled[1].fd >= 0) {
    if (::poll(polled.data(), polled.size(), -1) < 0) continue;
    if (polled[0].revents != 0 && !read_some(output_, outcome.output)) polled[0].fd = -1;
    if (polled[1].revents != 0 && !read_some(error_, outcome.error)) polled[1].fd = -1;
  }
  require(::waitpid(process_, &outcome.status, 0) == process_, "the program ends");
  process_ = -1;
  return outcome;
}

Outcome run_cryptopath(const std::vector<std::string>& arguments, const Redirections& redirections) {
  return Process(arguments, redirections).wait();
}

std::string transfer_scenario() { return cryptopath::data_directory() / "scenarios" / "shortcut" / "transfer.json"; }

std::size_t lines_in(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}
