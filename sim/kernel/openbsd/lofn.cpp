#include "kernel/openbsd/lofn.hpp"

#include <cerrno>
#include <utility>

namespace cryptopath::sim {

namespace {

constexpr std::int64_t register_bits = 1024;
constexpr int register_words = 1024 / 32;
constexpr int registers = 4;  // base, exponent, modulus, result
constexpr std::int64_t least_modulus = 5;

}  // namespace

LofnDriver::LofnDriver(Kernel& kernel, CryptoFramework& framework, Accelerator& card)
    : CardDriver(kernel, framework, card), nofn_(card.model().driver == "nofn") {}

Task<int> LofnDriver::kprocess(const Context& context, KeyRequest& request) {
  queue_.push_back(&request);
  co_await feed(context);
  co_return 0;
}

Task<> LofnDriver::feed(const Context& context) {
  if (current_ != nullptr) co_return;
  if (queue_.empty()) {
    co_await switch_interrupt(context);  // off
    co_return;
  }
  while (!queue_.empty()) {
    KeyRequest& request = *queue_.front();
    queue_.pop_front();
    const int error = co_await start(context, request);
    if (error == 0) {
      current_ = &request;
      co_await switch_interrupt(context);
      co_return;
    }
    co_await framework().crypto_kdone(context, request, error);
  }
}

Task<int> LofnDriver::start(const Context& context, const KeyRequest& request) {
  co_await context.run(host_time(card().model().key_engine.driver_submit));
  const int error = co_await load(context, request);
  if (error != 0) {
    co_await wipe_registers(context);
    co_return error;
  }
  co_await write_words(context, 1);  // the command: start the program
  KeyOperation operation;
  operation.modulus_bits = request.inputs.at(2).bits;
  operation.exponent_bits = request.inputs.at(1).bits;
  card().key_engine().submit(std::move(operation));
  co_return 0;
}

Task<int> LofnDriver::load(const Context& context, const KeyRequest& request) {
  const std::int64_t base = request.inputs.at(0).bits;
  const std::int64_t exponent = request.inputs.at(1).bits;
  const std::int64_t modulus = request.inputs.at(2).bits;
  if (base > register_bits) co_return ERANGE;
  co_await wipe_registers(context);
  if (modulus > register_bits) co_return E2BIG;
  if (modulus < least_modulus) co_return ERANGE;
  co_await load_number(context, modulus);
  if (base > modulus) co_return E2BIG;
  co_await load_number(context, modulus);
  if (exponent > modulus) co_return E2BIG;
  if (exponent < 1) co_return ERANGE;
  co_await load_number(context, modulus);
  // The exponentiation, and where the modulus was shifted, the result's way back and its length.
  co_await write_words(context, modulus == register_bits ? 1 : 3);
  co_return 0;
}

Task<> LofnDriver::load_number(const Context& context, std::int64_t modulus_bits) {
  co_await write_words(context, register_words);
  co_await write_words(context, modulus_bits == register_bits ? 1 : 3);
}

Task<> LofnDriver::finish(const Context& context, KeyRequest& request) {
  co_await read_words(context, register_words + 1);  // and its length
  co_await context.run(host_time(card().model().key_engine.driver_complete));
  co_await wipe_registers(context);
  co_await framework().crypto_kdone(context, request, 0);
}

Task<> LofnDriver::on_interrupt() {
  const Context context(kernel().processor);
  co_await read_words(context, 1);
  const bool done = card().key_engine().interrupting();
  if (nofn_ && done) co_await read_words(context, 1);  // behind the chip's status, that of its unit
  if (current_ == nullptr || !done) co_return;
  card().key_engine().reap();
  KeyRequest& request = *std::exchange(current_, nullptr);
  co_await finish(context, request);
  co_await feed(context);
}

Task<> LofnDriver::switch_interrupt(const Context& context) {
  if (nofn_) co_await read_words(context, 1);
  co_await write_words(context, 1);
}

Task<> LofnDriver::read_words(const Context& context, int count) {
  for (int i = 0; i < count; ++i) co_await read_register(kernel(), context, card().vertex());
}

Task<> LofnDriver::write_words(const Context& context, int count) {
  for (int i = 0; i < count; ++i) co_await write_register(kernel(), context, card().vertex());
}

Task<> LofnDriver::wipe_registers(const Context& context) { co_await write_words(context, registers * register_words); }

}  // namespace cryptopath::sim
