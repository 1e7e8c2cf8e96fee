// /dev/crypto (sys/crypto/cryptodev.c; Keromytis et al. 2006, 4.2): the framework for processes, synchronous.
#pragma once

#include <algorithm>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kernel/openbsd/crypto.hpp"

namespace cryptopath::sim {

/// What is to be done with the next `size` bytes of a buffer.
struct CryptoOperation {
  Bytes size;
  Bytes processed;                                      // of them, by cipher and MAC
  std::function<void(std::span<std::byte>)> transform;  // as CryptoRequest's
};

/// struct crypt_kop: a public-key operation and where its parameters lie in the memory that the process has for them.
struct KeyCall {
  struct Parameter {
    std::int64_t bits = 0;
    Bytes offset;
  };
  KeyAlgorithm algorithm{};
  std::vector<Parameter> inputs;
  std::vector<Parameter> outputs;
};

/// One open file descriptor of the device, with at most one session.
class CryptoDevice {
 public:
  CryptoDevice(Kernel& kernel, CryptoFramework& framework) : kernel_(kernel), framework_(framework) {}
  ~CryptoDevice();  // NOLINT(bugprone-exception-escape): an assertion that fails here ends the program
  CryptoDevice(const CryptoDevice&) = delete;
  CryptoDevice& operator=(const CryptoDevice&) = delete;

  /// CIOCGSESSION. Throws as CryptoFramework::open_session().
  Task<> create_session(const Context& context, std::string algorithm, bool hardware_only = false,
                        std::optional<Bytes> key_length = std::nullopt);
  /// CIOCFSESSION.
  Task<> free_session(const Context& context);

  /// CIOCCRYPT: copies the buffer into the kernel, has it worked on there in place, sleeps until that is done and
  /// copies it back; of a MAC alone only its first 96 bits. Throws SystemCallError: E2BIG above the request limit,
  /// EINVAL for a length off the cipher's block, and what the framework fails with.
  ///
  /// The real call takes one operation; a buffer of several records (larger than a record may be) is one call here,
  /// with a request to the framework for each, so that one buffer stays one call, as the papers count.
  Task<> crypt(const Context& context, const std::vector<CryptoOperation>& operations, const Segment& buffer);

  /// Without waiting, where a process may have several calls in work (Keromytis et al. 2006, 6.4), by two ioctls that
  /// NetBSD's crypto(4) has for it. hand_in() is CIOCNCRYPTM: as crypt() up to the dispatch. take_back() is
  /// CIOCNCRYPTRETM: sleeps until a call that was handed in is done, which NetBSD has poll(2) for, and ends all that
  /// are. Appends their buffers to `buffers`. Both throw as crypt().
  Task<> hand_in(const Context& context, const std::vector<CryptoOperation>& operations, const Segment& buffer);
  Task<> take_back(const Context& context, Segments& buffers);

  /// CIOCKEY, for which no session is needed: copies each parameter into memory of its own in the kernel, sleeps until
  /// the operation is done and copies the results out. Throws SystemCallError: EFBIG for more than eight parameters,
  /// EINVAL for another number of them than the operation has, ENODEV when no driver has it, and what the driver fails
  /// with.
  Task<> key(const Context& context, const KeyCall& call, const BufferPointer& memory);

 private:
  /// Of a session that computes a MAC alone: where it stands in the kernel, and in the process.
  struct MacPlaces {
    Segments kernel;
    Segments process;
  };
  /// What was asked for in one call.
  struct Call {
    Segment user;
    Segment kernel;  // the same memory where its pages were flipped
    bool flipped = false;
    std::shared_ptr<const MacPlaces> mac;  // null where no MAC alone is computed
    std::vector<CryptoRequest> requests;

    bool done() const { return std::ranges::all_of(requests, &CryptoRequest::done); }
  };

  /// Takes arguments and data into the kernel, and makes the requests.
  Task<> take_in(const Context& context, const std::vector<CryptoOperation>& operations, Call& call);
  /// Takes the result out to the process.
  Task<> take_out(const Context& context, const Call& call);
  std::shared_ptr<const MacPlaces> make_mac_places(Bytes size);
  // The same of a public-key operation. Apart from key(), whose frame is there as long as the process sleeps.
  Task<> take_in(const Context& context, const KeyCall& call, const BufferPointer& memory, KeyRequest& request);
  Task<> take_out(const Context& context, const KeyCall& call, const BufferPointer& memory, const KeyRequest& request);
  Task<> allocate(const Context& context, std::int64_t bits, std::vector<KeyParameter>& to);
  /// The pages of a buffer change from the process's address space to the kernel's or back.
  Task<> flip_pages(const Context& context, Bytes size);
  void check(const std::vector<CryptoOperation>& operations, Bytes size) const;

  Kernel& kernel_;
  CryptoFramework& framework_;
  std::unique_ptr<CryptoSession> session_;
  Bytes block_;
  BufferPointer iovecs_;                  // the session's array
  std::shared_ptr<const MacPlaces> mac_;  // of a session that computes one alone
  struct HandedIn {
    std::list<Call> calls;
    WaitChannel done{"crydev", Priority::socket};
  };
  std::unique_ptr<HandedIn> handed_in_;  // made with the first: few processes ever have one
};

}  // namespace cryptopath::sim
