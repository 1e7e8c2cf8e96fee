#include "kernel/openbsd/cryptodev.hpp"

#include <fmt/format.h>

namespace cryptopath::sim {

Task<> CryptoDevice::create_session(const Context& context, const std::string& algorithm, RecordTransform* transform) {
  copy_argument(kernel_);  // struct session_op
  copy_argument(kernel_);  // the key
  co_await context.run(kernel_.costs.crypto_dispatch);
  session_ = framework_.new_session(algorithm, transform);
}

Task<> CryptoDevice::free_session(const Context& context) {
  copy_argument(kernel_);  // the session's number
  co_await context.run(kernel_.costs.crypto_dispatch);
  ensure(session_ != nullptr, "CIOCFSESSION without a session");
  framework_.free_session(std::move(session_));
}

Task<> CryptoDevice::crypt(const Context& context, const std::vector<Frame>& frames, Segment buffer) {
  ensure(session_ != nullptr, "CIOCCRYPT without a session");
  copy_argument(kernel_);  // struct crypt_op
  copy_argument(kernel_);  // the IV
  if (buffer.size > kernel_.costs.crypto_request_limit) {
    throw InputError(fmt::format(
        "ioctl(CIOCCRYPT) failed: {} B is more than its limit of {} B (E2BIG); a smaller \"buffer\" would do",
        buffer.size.count, kernel_.costs.crypto_request_limit.count));
  }
  co_await context.run(kernel_.costs.kernel_malloc);
  const BufferPointer storage = kernel_.memory.allocate(buffer.size);
  const Segments user = {buffer};
  const Segments kernel_side = {{storage, Bytes(0), buffer.size}};
  co_await copy(kernel_, context, CopyKind::user_to_kernel, user, kernel_side);

  const Segments pages = paged(storage, buffer.size, kernel_.costs.page);
  std::vector<CryptoRequest> requests;
  Bytes offset;
  for (const Frame& frame : frames) {
    CryptoRequest request;
    request.session = session_.get();
    request.frame = frame;
    request.source = request.destination = slice(pages, offset, frame.size());
    request.begins_buffer = requests.empty();
    requests.push_back(std::move(request));
    offset += frame.size();
  }
  co_await run_requests(kernel_, framework_, context, requests, "ioctl(CIOCCRYPT)");

  co_await copy(kernel_, context, CopyKind::kernel_to_user, kernel_side, user);
}

}  // namespace cryptopath::sim
