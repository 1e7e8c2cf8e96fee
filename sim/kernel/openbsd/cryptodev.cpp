#include "kernel/openbsd/cryptodev.hpp"

#include <fmt/format.h>

#include "cryptopath/algorithm.hpp"

namespace cryptopath::sim {

namespace {

// sys/crypto/cryptodev.h on i386. Key and IV are those of 3DES, the longest that count.
constexpr Bytes session_op{28};
constexpr Bytes crypt_op{28};
constexpr Bytes session_number{4};
constexpr Bytes key{24};
constexpr Bytes initialization_vector{8};

}  // namespace

CryptoDevice::~CryptoDevice() {
  if (session_ != nullptr) framework_.free_session(std::move(session_));
}

Task<> CryptoDevice::create_session(const Context& context, const std::string& algorithm, bool hardware_only) {
  co_await copy_argument(kernel_, context, session_op);
  co_await copy_argument(kernel_, context, key);
  co_await context.run(kernel_.costs.crypto_dispatch);
  session_ = framework_.new_session(algorithm, hardware_only);
  block_ = block_size(algorithm);
  if (kernel_.costs.crypto_iovecs.count > 0) iovecs_ = kernel_.memory.allocate(kernel_.costs.crypto_iovecs);
}

Task<> CryptoDevice::free_session(const Context& context) {
  co_await copy_argument(kernel_, context, session_number);
  co_await context.run(kernel_.costs.crypto_dispatch);
  ensure(session_ != nullptr, "CIOCFSESSION without a session");
  framework_.free_session(std::move(session_));
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

Task<> CryptoDevice::crypt(const Context& context, const std::vector<CryptoOperation>& operations, Segment buffer) {
  ensure(session_ != nullptr, "CIOCCRYPT without a session");
  co_await copy_argument(kernel_, context, crypt_op);
  co_await copy_argument(kernel_, context, initialization_vector);
  check(operations, buffer.size);
  if (iovecs_ != nullptr) co_await zero(kernel_, context, iovecs_, kernel_.costs.crypto_iovecs);
  co_await context.run(malloc_cost(kernel_.costs, buffer.size));
  const BufferPointer storage = kernel_.memory.allocate(buffer.size);
  const Segments user = {buffer};
  const Segments kernel_side = {{storage, Bytes(0), buffer.size}};
  co_await copy(kernel_, context, CopyKind::user_to_kernel, user, kernel_side);

  const Segments pages = paged(storage, buffer.size, kernel_.costs.page);
  std::vector<CryptoRequest> requests;
  Bytes offset;
  for (const CryptoOperation& operation : operations) {
    CryptoRequest request;
    request.session = session_.get();
    request.source = request.destination = slice(pages, offset, operation.size);
    request.processed = operation.processed;
    request.transform = operation.transform;
    request.begins_buffer = requests.empty();
    requests.push_back(std::move(request));
    offset += operation.size;
  }
  co_await run_requests(kernel_, framework_, context, requests, "ioctl(CIOCCRYPT)");

  co_await copy(kernel_, context, CopyKind::kernel_to_user, kernel_side, user);
}

}  // namespace cryptopath::sim
