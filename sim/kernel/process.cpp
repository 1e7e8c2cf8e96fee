#include "kernel/process.hpp"

namespace cryptopath::sim {

Process::Process(Kernel& kernel, CryptoFramework& framework, std::string name)
    : kernel_(kernel),
      thread_(std::move(name)),
      user_(kernel.processor, thread_, ProcessorClass::user),
      system_(kernel.processor, thread_, ProcessorClass::kernel),
      crypto_{CryptoDevice(kernel, framework), CryptoDevice(kernel, framework)} {}

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

Task<> Process::open_crypto() { return system_call(false, look_up_file()); }
Task<> Process::create_session(const std::string& algorithm, bool hardware_only, std::size_t descriptor,
                               std::optional<Bytes> key_length) {
  return system_call(false, crypto_.at(descriptor).create_session(system_, algorithm, hardware_only, key_length));
}
Task<> Process::free_session(std::size_t descriptor) {
  return system_call(false, crypto_.at(descriptor).free_session(system_));
}
Task<> Process::crypt(const std::vector<CryptoOperation>& operations, const Segment& buffer, std::size_t descriptor) {
  return system_call(true, crypto_.at(descriptor).crypt(system_, operations, buffer));
}
Task<> Process::hand_in(const std::vector<CryptoOperation>& operations, const Segment& buffer) {
  return system_call(true, crypto_.front().hand_in(system_, operations, buffer));
}
Task<> Process::take_back(Segments& buffers) { return system_call(true, crypto_.front().take_back(system_, buffers)); }
Task<> Process::key(const KeyCall& call, const BufferPointer& memory) {
  return system_call(true, crypto_.front().key(system_, call, memory));
}
Task<> Process::close_crypto() { return system_call(false, nothing()); }

}  // namespace cryptopath::sim
