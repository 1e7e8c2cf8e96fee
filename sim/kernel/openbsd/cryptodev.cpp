#include "kernel/openbsd/cryptodev.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "cryptopath/algorithm.hpp"

namespace cryptopath::sim {

namespace {

// sys/crypto/cryptodev.h on i386. The IV is that of 3DES, the longest that counts.
constexpr Bytes crypt_op{28};
constexpr Bytes session_number{4};
constexpr Bytes key_op{80};
constexpr std::size_t largest_parameters = 8;  // CRK_MAXPARAM
constexpr Bytes initialization_vector{8};
/// Of every HMAC, whatever it computes: the first 96 bits, as IPsec has it (authsize in sys/crypto/xform.c).
constexpr Bytes copied_mac{12};
// NetBSD's sys/opencrypto/cryptodev.h on i386.
constexpr Bytes crypt_mop{8};
constexpr Bytes crypt_n_op{60};
constexpr Bytes cryptret{8};
constexpr Bytes crypt_result{12};

[[noreturn]] void fail_key(int error, const KeyCall& call, const std::string& reason) {
  throw SystemCallError(error,
                        fmt::format("ioctl(CIOCKEY) failed: {} ({}), {} {}", strerrorname_np(error),
                                    std::generic_category().message(error), format_of(call.algorithm).name, reason));
}

void check_parameters(const KeyCall& call) {
  const auto [name, inputs, outputs] = format_of(call.algorithm);
  const std::string reason = fmt::format("with {} parameters and {} results", call.inputs.size(), call.outputs.size());
  if (call.inputs.size() + call.outputs.size() > largest_parameters) fail_key(EFBIG, call, reason);
  if (call.inputs.size() != inputs || call.outputs.size() != outputs) fail_key(EINVAL, call, reason);
}

/// What the message about a request says of it.
std::string size_of(const KeyCall& call) {
  std::string bits;
  for (const KeyCall::Parameter& input : call.inputs) bits += fmt::format("{}{}", bits.empty() ? "" : ", ", input.bits);
  return fmt::format("of {} bits", bits);
}

}  // namespace

// NOLINTNEXTLINE(bugprone-exception-escape): an assertion that fails here ends the program
CryptoDevice::~CryptoDevice() {
  if (session_ != nullptr) framework_.crypto_freesession(std::move(session_));
}

Task<> CryptoDevice::create_session(const Context& context, std::string algorithm, bool hardware_only,
                                    std::optional<Bytes> key_length) {
  session_ = co_await framework_.open_session(context, algorithm, hardware_only, key_length);
  block_ = block_size(algorithm);
  if (mac_size(algorithm)) mac_ = make_mac_places(copied_mac);
  if (kernel_.costs.crypto_iovecs.count > 0) iovecs_ = kernel_.memory.allocate(kernel_.costs.crypto_iovecs);
}

Task<> CryptoDevice::free_session(const Context& context) {
  co_await copy_argument(kernel_, context, session_number);
  co_await context.run(kernel_.costs.crypto_dispatch);
  ensure(session_ != nullptr, "CIOCFSESSION without a session");
  framework_.crypto_freesession(std::move(session_));
}

void CryptoDevice::check(const std::vector<CryptoOperation>& operations, Bytes size) const {
  if (size > kernel_.costs.crypto_request_limit) {
    throw SystemCallError(
        E2BIG,
        fmt::format(
            "ioctl(CIOCCRYPT) failed: {} B is more than its limit of {} B (E2BIG); fewer bytes in a call would do",
            size.count, kernel_.costs.crypto_request_limit.count));
  }
  for (const CryptoOperation& operation : operations) {
    if (operation.processed.count % block_.count == 0) continue;
    throw SystemCallError(EINVAL,
                          fmt::format("ioctl(CIOCCRYPT) failed: {} B is no multiple of the block of {}, {} B (EINVAL)",
                                      operation.processed.count, session_->algorithm, block_.count));
  }
}

std::shared_ptr<const CryptoDevice::MacPlaces> CryptoDevice::make_mac_places(Bytes size) {
  const auto place = [this, size] { return Segments(1, Segment{kernel_.memory.allocate(size), Bytes(0), size}); };
  return std::make_shared<const MacPlaces>(MacPlaces{place(), place()});
}

Task<> CryptoDevice::take_in(const Context& context, const std::vector<CryptoOperation>& operations, Call& call) {
  ensure(session_ != nullptr, "CIOCCRYPT without a session");
  const Bytes size = call.user.size;
  check(operations, size);
  co_await copy_argument(kernel_, context, initialization_vector);
  if (iovecs_ != nullptr) co_await zero(kernel_, context, iovecs_, kernel_.costs.crypto_iovecs);
  call.flipped = kernel_.costs.page_flipping_from && size >= *kernel_.costs.page_flipping_from;
  call.kernel = call.user;
  if (call.flipped) {
    co_await flip_pages(context, size);
  } else {
    call.kernel.buffer = co_await kernel_malloc(kernel_, context, size);
    call.kernel.offset = Bytes(0);
    const Segments from(1, call.user);
    const Segments to(1, call.kernel);
    co_await copy(kernel_, context, CopyKind::user_to_kernel, from, to);
  }

  Bytes offset;
  for (const CryptoOperation& operation : operations) {
    CryptoRequest request;
    request.session = session_.get();
    request.source.push_back({call.kernel.buffer, call.kernel.offset + offset, operation.size});
    if (call.mac != nullptr) request.destination = call.mac->kernel;
    request.processed = operation.processed;
    request.transform = operation.transform;
    request.begins_buffer = call.requests.empty();
    call.requests.push_back(std::move(request));
    offset += operation.size;
  }
}

Task<> CryptoDevice::take_out(const Context& context, const Call& call) {
  if (call.flipped) co_await flip_pages(context, call.user.size);
  if (call.mac != nullptr) {
    co_await copy(kernel_, context, CopyKind::kernel_to_user, call.mac->kernel, call.mac->process);
  } else if (!call.flipped) {
    const Segments from(1, call.kernel);
    const Segments to(1, call.user);
    co_await copy(kernel_, context, CopyKind::kernel_to_user, from, to);
  }
}

Task<> CryptoDevice::crypt(const Context& context, const std::vector<CryptoOperation>& operations,
                           const Segment& buffer) {
  Call call;
  call.user = buffer;
  call.mac = mac_;
  co_await copy_argument(kernel_, context, crypt_op);
  co_await take_in(context, operations, call);
  co_await run_requests(kernel_, framework_, context, call.requests, "ioctl(CIOCCRYPT)");
  co_await take_out(context, call);
}

Task<> CryptoDevice::hand_in(const Context& context, const std::vector<CryptoOperation>& operations,
                             const Segment& buffer) {
  if (handed_in_ == nullptr) handed_in_ = std::make_unique<HandedIn>();
  Call& call = handed_in_->calls.emplace_back();
  call.user = buffer;
  if (mac_ != nullptr) call.mac = make_mac_places(total_size(mac_->kernel));
  co_await copy_argument(kernel_, context, crypt_mop);
  co_await copy_argument(kernel_, context, crypt_n_op);
  co_await take_in(context, operations, call);
  for (CryptoRequest& request : call.requests) {
    request.completion = &handed_in_->done;
    co_await framework_.crypto_dispatch(context, request);
  }
  co_await copy_argument(kernel_, context, crypt_n_op);  // with the number of the request
}

Task<> CryptoDevice::take_back(const Context& context, Segments& buffers) {
  ensure(handed_in_ != nullptr && !handed_in_->calls.empty(), "CIOCNCRYPTRETM with nothing handed in");
  auto& calls = handed_in_->calls;
  co_await copy_argument(kernel_, context, cryptret);
  while (std::ranges::none_of(calls, &Call::done)) {
    co_await kernel_.processor.sleep(context.thread(), handed_in_->done);
  }
  for (auto call = calls.begin(); call != calls.end();) {
    if (!call->done()) {
      ++call;
      continue;
    }
    framework_.took_back(std::ssize(call->requests));
    throw_if_failed(call->requests, "ioctl(CIOCNCRYPTRETM)");
    co_await copy_argument(kernel_, context, crypt_result);
    co_await take_out(context, *call);
    buffers.push_back(call->user);
    call = calls.erase(call);
  }
}

Task<> CryptoDevice::flip_pages(const Context& context, Bytes size) {
  co_await context.run(kernel_.costs.malloc_page * pieces(size, kernel_.costs.page));
}

Task<> CryptoDevice::take_in(const Context& context, const KeyCall& call, const BufferPointer& memory,
                             KeyRequest& request) {
  co_await copy_argument(kernel_, context, key_op);
  check_parameters(call);
  request.algorithm = call.algorithm;
  request.inputs.reserve(call.inputs.size());
  request.outputs.reserve(call.outputs.size());
  co_await context.run(kernel_.costs.kernel_malloc);  // of struct cryptkop
  for (const KeyCall::Parameter& user : call.inputs) {
    co_await allocate(context, user.bits, request.inputs);
    const Segments from(1, Segment{memory, user.offset, bytes_of(user.bits)});
    const Segments to(1, Segment{request.inputs.back().memory, Bytes(0), bytes_of(user.bits)});
    co_await copy(kernel_, context, CopyKind::user_to_kernel, from, to);
  }
  for (const KeyCall::Parameter& user : call.outputs) co_await allocate(context, user.bits, request.outputs);
}

Task<> CryptoDevice::allocate(const Context& context, std::int64_t bits, std::vector<KeyParameter>& to) {
  const BufferPointer memory = co_await kernel_malloc(kernel_, context, bytes_of(bits));
  to.push_back({bits, memory});
}

Task<> CryptoDevice::take_out(const Context& context, const KeyCall& call, const BufferPointer& memory,
                              const KeyRequest& request) {
  for (std::size_t i = 0; i < request.outputs.size(); ++i) {
    const Bytes size = bytes_of(call.outputs[i].bits);
    const Segments from(1, Segment{request.outputs[i].memory, Bytes(0), size});
    const Segments to(1, Segment{memory, call.outputs[i].offset, size});
    co_await copy(kernel_, context, CopyKind::kernel_to_user, from, to);
  }
  co_await copy_argument(kernel_, context, key_op);  // with the status
}

Task<> CryptoDevice::key(const Context& context, const KeyCall& call, const BufferPointer& memory) {
  KeyRequest request;
  co_await take_in(context, call, memory, request);
  WaitChannel completion("crydev", Priority::socket);
  request.completion = &completion;
  co_await framework_.crypto_kdispatch(context, request);
  while (!request.done) co_await kernel_.processor.sleep(context.thread(), completion);
  framework_.took_back(1);
  if (request.error != 0) fail_key(request.error, call, size_of(call));
  co_await take_out(context, call, memory, request);
}

}  // namespace cryptopath::sim
