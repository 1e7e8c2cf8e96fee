// A process and the system calls it makes of /dev/crypto. Each call enters the kernel, does its work there and returns
// to user mode, where the scheduler may let others run first.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "kernel/openbsd/cryptodev.hpp"

namespace cryptopath::sim {

class Process {
 public:
  Process(Kernel& kernel, CryptoFramework& framework, std::string name);

  /// The process gets the processor for the first time.
  auto begin() { return kernel_.processor.begin(thread_); }
  /// Processor time in user mode.
  auto compute(Nanoseconds duration) const { return user_.run(duration); }
  void exit();

  /// open("/dev/crypto").
  Task<> open_crypto();
  /// ioctl(CIOCGSESSION). A session is with one of two descriptors of the device: the second is for a MAC apart.
  /// `key_length` is the cipher's, or of a MAC alone the MAC's; absent: the algorithm's own.
  Task<> create_session(const std::string& algorithm, bool hardware_only = false, std::size_t descriptor = 0,
                        std::optional<Bytes> key_length = std::nullopt);
  Task<> free_session(std::size_t descriptor = 0);  // ioctl(CIOCFSESSION)
  /// ioctl(CIOCCRYPT) over what lies one after the other in `buffer`.
  Task<> crypt(const std::vector<CryptoOperation>& operations, const Segment& buffer, std::size_t descriptor = 0);
  /// ioctl(CIOCNCRYPTM), which does not wait, and ioctl(CIOCNCRYPTRETM) for what is done, at least one of them.
  Task<> hand_in(const std::vector<CryptoOperation>& operations, const Segment& buffer);
  Task<> take_back(Segments& buffers);
  Task<> key(const KeyCall& call, const BufferPointer& memory);  // ioctl(CIOCKEY)
  Task<> close_crypto();

  const Thread& thread() const { return thread_; }
  const Context& user_context() const { return user_; }

 protected:
  /// `moves_data`: the call is one that the papers count crossings of.
  Task<> system_call(bool moves_data, Task<> body);
  Task<> look_up_file();
  Task<> nothing() { co_return; }
  Kernel& kernel() { return kernel_; }
  const Context& system_context() const { return system_; }

 private:
  Kernel& kernel_;
  Thread thread_;
  Context user_;
  Context system_;
  std::array<CryptoDevice, 2> crypto_;
};

}  // namespace cryptopath::sim
