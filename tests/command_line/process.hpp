// Starts the program as a shell would.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

struct Outcome {
  int status = 0;      // as waitpid() gives it
  std::string output;  // standard output
  std::string error;   // standard error

  int exit_status() const;  // -1 for a process that a signal ended
};

struct Redirections {
  std::string output;  // a file that standard output goes to, instead of Outcome
  bool error_to_terminal = false;
  std::string path_variable;  // PATH, where it is not the test's own
};

/// The program, running in a process group of its own, so that a signal to the group is a Ctrl-C.
class Process {
 public:
  explicit Process(const std::vector<std::string>& arguments, const Redirections& redirections = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t id() const { return process_; }
  /// Those of its children that run.
  std::vector<pid_t> children() const;
  /// Waits until it has so many children.
  void wait_for_children(std::size_t count) const;
  /// Reads what it writes until it ends.
  Outcome wait();

 private:
  pid_t process_ = -1;
  int output_ = -1;
  int error_ = -1;
};

/// Starts the program and waits for its end.
Outcome run_cryptopath(const std::vector<std::string>& arguments, const Redirections& redirections = {});

/// The scenario that the project's first question is about: two paths that protect.
std::string transfer_scenario();
/// The count of lines in `text`.
std::size_t lines_in(const std::string& text);
