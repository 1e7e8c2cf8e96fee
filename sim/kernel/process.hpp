// A process and the system calls it makes. Each call enters the kernel, does its work there and returns to user mode,
// where the scheduler may let others run first.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kernel/openbsd/cryptodev.hpp"
#include "kernel/page_cache.hpp"
#include "kernel/socket.hpp"

namespace cryptopath::sim {

/// What a run keeps of its buffers: how long each took, and how many bytes the socket has accepted.
class TransferLog {
 public:
  virtual ~TransferLog() = default;
  /// A buffer of `plaintext` bytes whose reading began at `began` has been accepted by the socket.
  virtual void accepted(Nanoseconds began, Bytes plaintext) = 0;
};

class Process {
 public:
  Process(Kernel& kernel, std::string name, PageCache& file, Socket& socket, CryptoDevice& crypto);

  /// The process gets the processor for the first time.
  Task<> begin();
  /// Processor time in user mode.
  Task<> compute(Nanoseconds duration);
  void exit();

  Task<> open_file();
  /// open("/dev/crypto").
  Task<> open_crypto();
  Task<> create_session(const std::string& algorithm, RecordTransform* transform);  // ioctl(CIOCGSESSION)
  Task<> free_session();                                                            // ioctl(CIOCFSESSION)
  Task<> set_so_crypt();
  Task<> set_so_crypt_nic();
  Task<> set_send_buffer(Bytes size);
  /// read(2) of the next total_size(into) bytes of the file, which must be there.
  Task<> read(Segments into);
  /// ioctl(CIOCCRYPT) over framed records that lie one after the other in `buffer`.
  Task<> crypt(const std::vector<Frame>& frames, Segment buffer);
  /// write(2) to the socket; of datagrams sendmmsg(2), each segment one message.
  Task<> write(Segments data);
  /// sendfile(2) of the rest of the file, `buffer` bytes at a time.
  Task<> send_file(Bytes buffer, TransferLog& log);
  Task<> close_file();
  Task<> close_crypto();
  Task<> close_socket();

  const Thread& thread() const { return thread_; }
  const Context& user_context() const { return user_; }
  Bytes file_left() const { return file_.file_size() - offset_; }

 private:
  /// `moves_data`: the call is one that the papers count crossings of.
  Task<> system_call(bool moves_data, Task<> body);
  Task<> look_up_file();
  Task<> read_body(Segments into);
  Task<> send_file_body(Bytes buffer, TransferLog& log);
  Task<> nothing() { co_return; }

  Kernel& kernel_;
  Thread thread_;
  Context user_;
  Context system_;
  PageCache& file_;
  Bytes offset_;
  Socket& socket_;
  CryptoDevice& crypto_;
};

}  // namespace cryptopath::sim
