#include "process_watch.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <map>
#include <thread>

#include "cryptopath/errors.hpp"

namespace cryptopath::bench {

namespace {

/// Zero for a process that has gone.
std::int64_t peak_resident_bytes(pid_t process) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string word; status >> word;) {
    std::int64_t kibibytes = 0;
    if (word == "VmHWM:" && status >> kibibytes) return kibibytes * 1024;
  }
  return 0;
}

std::vector<pid_t> with_children(pid_t process) {
  std::vector<pid_t> all = {process};
  const std::string number = std::to_string(process);
  std::ifstream children("/proc/" + number + "/task/" + number + "/children");
  ensure(children.is_open(), "this system does not tell the children of a process");
  for (pid_t child = 0; children >> child;) all.push_back(child);
  return all;
}

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

pid_t start(const std::vector<std::string>& command) {
  const pid_t child = fork();
  ensure(child >= 0, "no process can be forked");
  if (child != 0) return child;
  const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  dup2(nowhere, STDOUT_FILENO);
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  execv(arguments.front(), arguments.data());
  _exit(127);
}

}  // namespace

ProcessUse run_program(const std::vector<std::string>& command) {
  const auto began = std::chrono::steady_clock::now();
  const pid_t program = start(command);
  std::map<pid_t, std::int64_t> peaks;
  int status = 0;
  rusage used{};
  for (;;) {
    const pid_t ended = wait4(program, &status, WNOHANG, &used);
    ensure(ended == 0 || ended == program, "a program cannot be waited for");
    if (ended == program) break;
    for (const pid_t process : with_children(program)) {
      // The last value counts, not the highest: until exec() a child has this process's memory.
      if (const std::int64_t peak = peak_resident_bytes(process); peak > 0) peaks[process] = peak;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  ProcessUse use;
  use.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  ensure(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the program failed: " + command.front());
  use.cpu_seconds = seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
  for (const auto& [process, peak] : peaks) use.peak_memory_bytes += peak;
  return use;
}

}  // namespace cryptopath::bench
