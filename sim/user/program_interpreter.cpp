#include "user/program_interpreter.hpp"

#include <algorithm>

namespace cryptopath::sim {

namespace {

bool contains(const std::vector<Step>& steps, Step::Kind kind) {
  return std::any_of(steps.begin(), steps.end(),
                     [kind](const Step& step) { return step.kind == kind || contains(step.steps, kind); });
}

}  // namespace

ProgramInterpreter::ProgramInterpreter(Kernel& kernel, const RunSpec& run, TransferProcess& process,
                                       CryptoLibrary& library, Protection& protection, TransferLog& log)
    : kernel_(kernel),
      run_(run),
      process_(process),
      library_(library),
      protection_(protection),
      log_(log),
      frames_in_user_space_(contains(run.program.steps, Step::Kind::frame) ||
                            contains(run.program.steps, Step::Kind::seal)),
      buffer_(kernel.memory.allocate(frames_in_user_space_ ? protection.size_on_wire(run.buffer) : run.buffer)) {}

Task<> ProgramInterpreter::run(std::function<void()> ended) {
  co_await process_.begin();
  co_await execute(run_.program.steps);
  process_.exit();
  ended();
}

Task<> ProgramInterpreter::execute(const std::vector<Step>& steps) {
  for (const Step& step : steps) co_await execute(step);
}

Task<> ProgramInterpreter::execute(const Step& step) {
  switch (step.kind) {
    case Step::Kind::open_file:
      co_await process_.open_file();
      break;
    case Step::Kind::open_crypto:
      co_await process_.open_crypto();
      break;
    case Step::Kind::create_session:
      co_await process_.create_session(protection_.algorithm, false, 0, step.key_length);
      break;
    case Step::Kind::free_session:
      co_await process_.free_session();
      break;
    case Step::Kind::set_so_crypt:
      co_await process_.set_so_crypt(step.key_length);
      break;
    case Step::Kind::set_so_crypt_nic:
      co_await process_.set_so_crypt_nic();
      break;
    case Step::Kind::set_send_buffer:
      co_await process_.set_send_buffer(step.size);
      break;
    case Step::Kind::read:
      co_await read();
      break;
    case Step::Kind::frame:
      co_await library_.frame(process_, frames_, contents());
      break;
    case Step::Kind::seal:
      co_await library_.seal(process_, frames_, contents());
      break;
    case Step::Kind::crypt:
      co_await crypt();
      break;
    case Step::Kind::write:
      co_await write();
      break;
    case Step::Kind::sendfile:
      co_await process_.send_file(run_.buffer, log_);
      break;
    case Step::Kind::close_file:
      co_await process_.close_file();
      break;
    case Step::Kind::close_crypto:
      co_await process_.close_crypto();
      break;
    case Step::Kind::close_socket:
      co_await process_.close_socket();
      break;
    case Step::Kind::repeat_until_end_of_file:
      while (process_.file_left().count > 0) co_await execute(step.steps);
      break;
  }
}

Task<> ProgramInterpreter::read() {
  read_began_ = kernel_.clock.now();
  plaintext_ = std::min(run_.buffer, process_.file_left());
  frames_.clear();
  Segments into;  // where the plaintext stands: room is left for what goes around it
  if (frames_in_user_space_) {
    frames_ = protection_.take_records(plaintext_);
    filled_ = Bytes(0);
    for (const Frame& frame : frames_) {
      into.push_back({buffer_, filled_ + frame.plaintext_offset(), frame.plaintext});
      filled_ += frame.size();
    }
  } else {
    filled_ = plaintext_;
    into.push_back({buffer_, Bytes(0), plaintext_});
  }
  co_await process_.read(std::move(into));
}

Task<> ProgramInterpreter::crypt() {
  std::vector<CryptoOperation> operations;
  for (const Frame& frame : frames_) {
    operations.push_back({frame.size(), frame.enciphered(), protection_.seals(frame)});
  }
  co_await process_.crypt(operations, contents());
  kernel_.ledger.add(Act::records, std::ssize(frames_));
}

Segments ProgramInterpreter::messages() const {
  if (!frames_in_user_space_ || !in_datagrams(run_.format.protocol)) return Segments(1, contents());
  Segments records;
  Bytes offset;
  for (const Frame& frame : frames_) {
    records.push_back({buffer_, offset, frame.size()});
    offset += frame.size();
  }
  return records;
}

Task<> ProgramInterpreter::write() {
  co_await process_.write(messages());
  log_.accepted(read_began_, plaintext_);
}

}  // namespace cryptopath::sim
