#include "kernel/process.hpp"

#include <algorithm>

namespace cryptopath::sim {

Process::Process(Kernel& kernel, std::string name, PageCache& file, Socket& socket, CryptoDevice& crypto)
    : kernel_(kernel),
      thread_(std::move(name), Priority::user),
      user_(kernel.processor, thread_, ProcessorClass::user),
      system_(kernel.processor, thread_, ProcessorClass::kernel),
      file_(file),
      socket_(socket),
      crypto_(crypto) {}

Task<> Process::begin() { co_await kernel_.processor.begin(thread_); }
Task<> Process::compute(Nanoseconds duration) { co_await user_.run(duration); }
void Process::exit() { kernel_.processor.exit(thread_); }

Task<> Process::system_call(bool moves_data, Task<> body) {
  kernel_.ledger.add(Act::system_calls);
  kernel_.ledger.add(Act::mode_crossings);
  const std::int64_t copies_before = kernel_.ledger.total(Act::paper_copies);
  co_await system_.run(kernel_.costs.system_call);
  co_await body;
  if (moves_data && kernel_.ledger.total(Act::paper_copies) == copies_before) {
    kernel_.ledger.add(Act::paper_context_switches, 2);
  }
  kernel_.ledger.add(Act::mode_crossings);
  co_await kernel_.processor.return_to_user(thread_);
}

Task<> Process::look_up_file() { co_await system_.run(kernel_.costs.file_lookup); }

Task<> Process::open_file() {
  offset_ = Bytes(0);
  co_await system_call(false, look_up_file());
}
Task<> Process::open_crypto() { co_await system_call(false, look_up_file()); }
Task<> Process::create_session(const std::string& algorithm, RecordTransform* transform) {
  co_await system_call(false, crypto_.create_session(system_, algorithm, transform));
}
Task<> Process::free_session() { co_await system_call(false, crypto_.free_session(system_)); }

Task<> Process::set_so_crypt() {
  copy_argument(kernel_);
  socket_.enable_crypt();
  co_await system_call(false, nothing());
}

Task<> Process::set_so_crypt_nic() {
  copy_argument(kernel_);
  socket_.enable_crypt_nic();
  co_await system_call(false, nothing());
}

Task<> Process::set_send_buffer(Bytes size) {
  copy_argument(kernel_);
  socket_.set_send_buffer(size);
  co_await system_call(false, nothing());
}

Task<> Process::read(Segments into) { co_await system_call(true, read_body(std::move(into))); }

Task<> Process::read_body(Segments into) {
  const Bytes size = total_size(into);
  co_await system_.run(kernel_.costs.file_read);
  Segments pages = co_await file_.pages(system_, offset_, size);
  co_await copy(kernel_, system_, CopyKind::kernel_to_user, std::move(pages), std::move(into));
  offset_ += size;
}

Task<> Process::crypt(const std::vector<Frame>& frames, Segment buffer) {
  co_await system_call(true, crypto_.crypt(system_, frames, std::move(buffer)));
}

Task<> Process::write(Segments data) { co_await system_call(true, socket_.send_from_user(system_, std::move(data))); }

Task<> Process::send_file(Bytes buffer, TransferLog& log) { co_await system_call(true, send_file_body(buffer, log)); }

Task<> Process::send_file_body(Bytes buffer, TransferLog& log) {
  while (offset_ < file_.file_size()) {
    co_await socket_.wait_for_space(system_);
    const Nanoseconds began = kernel_.clock.now();
    const Bytes size = std::min(buffer, file_left());
    co_await system_.run(kernel_.costs.file_read);
    Segments data = co_await file_.pages(system_, offset_, size);
    if (kernel_.costs.sendfile_copies) {
      Segments own = paged(kernel_.memory.allocate(size), size, kernel_.costs.page);
      co_await copy(kernel_, system_, CopyKind::kernel_to_kernel, std::move(data), own);
      data = std::move(own);
    }
    MbufChain chain;  // refers to the pages; nothing is copied
    for (Segment& segment : data) chain.append(Mbuf{std::move(segment), chain.mbufs.empty()});
    co_await socket_.send_chain(system_, std::move(chain));
    offset_ += size;
    log.accepted(began, size);
  }
}

Task<> Process::close_file() { co_await system_call(false, nothing()); }
Task<> Process::close_crypto() { co_await system_call(false, nothing()); }
Task<> Process::close_socket() { co_await system_call(false, socket_.close(system_)); }

}  // namespace cryptopath::sim
