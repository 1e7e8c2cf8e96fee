// One simulation in a process of its own, and the pipe through which it reports.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "cli/recording.hpp"
#include "cryptopath/result.hpp"
#include "cryptopath/session.hpp"

namespace cryptopath {

/// A process that simulates one run. Destroyed, it ends the process.
class Child {
 public:
  /// Forks. In the new process `session` is used up; in this one it stays as it is. Throws InputError when the system
  /// allows no further process. Without a file in `part`, packets are not kept.
  Child(const RunSpec& run, Session& session, const CapturePart& part);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// Readable when there is something to receive().
  int descriptor() const { return pipe_; }
  /// Takes what has arrived. Returns whether the process has ended, with its result. Throws its error otherwise.
  bool receive();

  Bytes done() const { return done_; }
  const Result& result() const { return *result_; }

 private:
  void take_messages();
  int wait();

  std::string path_;
  pid_t process_ = -1;
  int pipe_ = -1;
  std::string received_;
  Bytes done_;
  std::optional<Result> result_;
};

}  // namespace cryptopath
