// Runs a program: the list of system calls and library calls that a data path is.
#pragma once

#include <vector>

#include "cryptopath/scenario.hpp"
#include "kernel/transfer_process.hpp"
#include "user/crypto_library.hpp"

namespace cryptopath::sim {

class ProgramInterpreter {
 public:
  ProgramInterpreter(Kernel& kernel, const RunSpec& run, TransferProcess& process, CryptoLibrary& library,
                     Protection& protection, TransferLog& log);

  /// The process's whole life. `ended` is called when it has exited.
  Task<> run(std::function<void()> ended);

 private:
  Task<> execute(const std::vector<Step>& steps);
  Task<> execute(const Step& step);
  Task<> read();
  Task<> crypt();
  Task<> write();
  /// What the socket gets: the buffer, or, where each record is a datagram, record by record.
  Segments messages() const;
  // By a function, never by braces in a co_await expression: g++ 12 destroys such an aggregate twice.
  Segment contents() const { return {buffer_, Bytes(0), filled_}; }

  Kernel& kernel_;
  const RunSpec& run_;
  TransferProcess& process_;
  CryptoLibrary& library_;
  Protection& protection_;
  TransferLog& log_;
  bool frames_in_user_space_;
  BufferPointer buffer_;       // the process's one buffer: `buffer` bytes of file, framed or not
  std::vector<Frame> frames_;  // of what it holds, where the process frames
  Bytes plaintext_;            // it holds of the file
  Bytes filled_;               // and so takes up
  Nanoseconds read_began_;
};

}  // namespace cryptopath::sim
