// One simulation in a process of its own, and the pipe through which it reports.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>

#include "cryptopath/result.hpp"
#include "cryptopath/simulate.hpp"

namespace cryptopath {

struct Simulation {
  std::string kind;  // for messages: "path"
  std::string name;  // "traditional"
  Bytes size;        // that its progress counts to
  /// Called in the new process, which ends after it: what it takes is still there in this one.
  std::function<Result(const Progress&)> run;
};

/// A process that runs one simulation. Destroyed, it ends the process.
class Child {
 public:
  /// Forks. Throws InputError when the system allows no further process.
  explicit Child(const Simulation& simulation);
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

  std::string name_;
  pid_t process_ = -1;
  int pipe_ = -1;
  std::string received_;
  Bytes done_;
  std::optional<Result> result_;
};

}  // namespace cryptopath
