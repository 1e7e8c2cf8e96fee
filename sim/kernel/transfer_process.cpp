#include "kernel/transfer_process.hpp"

#include <algorithm>

namespace cryptopath::sim {

namespace {
constexpr Bytes option_value{4};  // of SO_SNDBUF
}

Task<> TransferProcess::open_file() {
  offset_ = Bytes(0);
  return system_call(false, look_up_file());
}

Task<> TransferProcess::set_so_crypt(std::optional<Bytes> key_length) {
  return system_call(false, socket_.enable_crypt(system_context(), key_length));
}

Task<> TransferProcess::set_so_crypt_nic() { return system_call(false, socket_.enable_crypt_nic(system_context())); }

Task<> TransferProcess::set_send_buffer(Bytes size) {
  socket_.set_send_buffer(size);
  return system_call(false, copy_argument(kernel(), system_context(), option_value));
}

Task<> TransferProcess::read(Segments into) { return system_call(true, read_body(std::move(into))); }

Task<> TransferProcess::read_body(Segments into) {
  const Bytes size = total_size(into);
  co_await system_context().run(kernel().costs.file_read);
  Segments pages = co_await file_.pages(system_context(), offset_, size);
  co_await copy(kernel(), system_context(), CopyKind::kernel_to_user, std::move(pages), std::move(into));
  offset_ += size;
}

Task<> TransferProcess::write(Segments data) {
  return system_call(true, socket_.send_from_user(system_context(), std::move(data)));
}

Task<> TransferProcess::send_file(Bytes buffer, TransferLog& log) {
  return system_call(true, send_file_body(buffer, log));
}

Task<> TransferProcess::send_file_body(Bytes buffer, TransferLog& log) {
  while (offset_ < file_.file_size()) {
    co_await socket_.wait_for_space(system_context());
    const Nanoseconds began = kernel().clock.now();
    const Bytes size = std::min(buffer, file_left());
    co_await system_context().run(kernel().costs.file_read);
    Segments data = co_await file_.pages(system_context(), offset_, size);
    if (kernel().costs.sendfile_copies) {
      Segments own = paged({{kernel().memory.allocate(size), Bytes(0), size}}, kernel().costs.page);
      co_await copy(kernel(), system_context(), CopyKind::kernel_to_kernel, std::move(data), own);
      data = std::move(own);
    }
    MbufChain chain;  // refers to the pages; nothing is copied
    for (Segment& segment : data) chain.append(Mbuf{std::move(segment), chain.mbufs.empty()});
    co_await socket_.send_chain(system_context(), std::move(chain));
    offset_ += size;
    log.accepted(began, size);
  }
}

Task<> TransferProcess::close_file() { return system_call(false, nothing()); }
Task<> TransferProcess::close_socket() { return system_call(false, socket_.close(system_context())); }

}  // namespace cryptopath::sim
