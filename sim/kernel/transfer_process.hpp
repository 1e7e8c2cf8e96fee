// A process that sends a file: the system calls of files and sockets beside those of /dev/crypto.
#pragma once

#include "kernel/page_cache.hpp"
#include "kernel/process.hpp"
#include "kernel/socket.hpp"

namespace cryptopath::sim {

/// What a run keeps of its buffers: how long each took, and how many bytes the socket has accepted.
class TransferLog {
 public:
  virtual ~TransferLog() = default;
  /// A buffer of `plaintext` bytes whose reading began at `began` has been accepted by the socket.
  virtual void accepted(Nanoseconds began, Bytes plaintext) = 0;
};

class TransferProcess : public Process {
 public:
  TransferProcess(Kernel& kernel, CryptoFramework& framework, std::string name, PageCache& file, Socket& socket)
      : Process(kernel, framework, std::move(name)), file_(file), socket_(socket) {}

  Task<> open_file();
  Task<> set_so_crypt(std::optional<Bytes> key_length = std::nullopt);
  Task<> set_so_crypt_nic();
  Task<> set_send_buffer(Bytes size);
  /// read(2) of the next total_size(into) bytes of the file, which must be there.
  Task<> read(Segments into);
  /// write(2) to the socket; of datagrams sendmmsg(2), each segment one message.
  Task<> write(Segments data);
  /// sendfile(2) of the rest of the file, `buffer` bytes at a time.
  Task<> send_file(Bytes buffer, TransferLog& log);
  Task<> close_file();
  Task<> close_socket();

  Bytes file_left() const { return file_.file_size() - offset_; }

 private:
  Task<> read_body(Segments into);
  Task<> send_file_body(Bytes buffer, TransferLog& log);

  PageCache& file_;
  Bytes offset_;
  Socket& socket_;
};

}  // namespace cryptopath::sim
