#include "kernel/openbsd/ubsec.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

namespace cryptopath::sim {

namespace {

/// What the chip works on: moduli padded to one of these; with CRT, primes of half the size.
constexpr std::array<std::int64_t, 5> modulus_sizes = {512, 768, 1024, 1536, 2048};
/// Length, operation and the sizes of two numbers, before the numbers (sys/dev/pci/ubsecreg.h).
constexpr Bytes context_head{8};

}  // namespace

Task<int> UbsecDriver::process(const Context& context, CryptoRequest& request) {
  co_await context.run(host_time(card().model().driver_submit));
  if (total_size(request.source) > card().model().largest_request) co_return EIO;
  if (accepted_ - reaped() >= card().model().queue) co_return ENOMEM;
  ++accepted_;
  queue_.push_back(&request);
  co_await feed(context);
  co_return 0;
}

Task<> UbsecDriver::feed(const Context& context) {
  const auto together = std::min(std::ssize(queue_), static_cast<std::ptrdiff_t>(card().model().packets_per_command));
  if (together >= 2) {
    co_await hand_over(context, together);  // the next ones go with the next call or interrupt
    co_return;
  }
  while (!queue_.empty()) {
    if (!co_await hand_over(context, 1)) co_return;
  }
}

Task<bool> UbsecDriver::hand_over(const Context& context, std::ptrdiff_t count) {
  co_await read_register(kernel(), context, card().vertex());
  if (card().full()) co_return false;
  std::vector<AcceleratorOperation> command;
  for (; count > 0; --count) {
    command.push_back(operation_of(*queue_.front()));
    queue_.pop_front();
  }
  co_await write_register(kernel(), context, card().vertex());
  ensure(card().submit(std::move(command)), "a card that was not full has no room");
  co_return true;
}

Task<int> UbsecDriver::kprocess(const Context& context, KeyRequest& request) {
  const KeyEngineModel& engine = card().model().key_engine;
  co_await context.run(host_time(engine.driver_submit));
  auto command = std::make_unique<KeyCommand>();
  command->request = &request;
  const bool crt = request.algorithm == KeyAlgorithm::modular_exponentiation_crt;
  const int error = crt ? prepare_crt(request, command->operation) : prepare(request, command->operation);
  if (error != 0) co_return error;
  command->operation.owner = command.get();
  key_queue_.push_back(std::move(command));
  co_await feed_keys(context);
  co_return 0;
}

int UbsecDriver::prepare(const KeyRequest& request, KeyOperation& operation) {
  const std::int64_t base = request.inputs.at(0).bits;
  const std::int64_t exponent = request.inputs.at(1).bits;
  const std::int64_t modulus = request.inputs.at(2).bits;
  const std::int64_t size = padded(modulus);
  if (size == 0 || base > modulus || exponent > modulus) return E2BIG;
  if (request.outputs.at(0).bits < modulus) return ERANGE;
  // Shifted by the driver, the exponent takes the modulus's place, and the chip is told its length for its own.
  const bool shifted = !card().model().key_engine.normalizes;
  operation.source = {dma_memory(size), dma_memory(shifted ? size : exponent)};
  operation.destination = {dma_memory(size)};
  operation.context = context_head + bytes_of(size);
  operation.modulus_bits = size;
  operation.exponent_bits = shifted ? modulus : exponent;
  return 0;
}

int UbsecDriver::prepare_crt(const KeyRequest& request, KeyOperation& operation) {
  const std::int64_t longest_prime = std::max(request.inputs.at(0).bits, request.inputs.at(1).bits);
  const std::int64_t size = padded(2 * longest_prime);
  const std::int64_t half = size / 2;
  const auto longer_than_half = [half](const KeyParameter& each) { return each.bits > half; };
  // The exponents and the inverse, behind the message.
  if (size == 0 || std::any_of(request.inputs.begin() + 3, request.inputs.end(), longer_than_half)) return E2BIG;
  if (request.inputs.at(2).bits > size || request.outputs.at(0).bits < size) return E2BIG;
  operation.source = {dma_memory(size)};
  operation.destination = {dma_memory(size)};
  operation.context = context_head + bytes_of(half) * 5;
  operation.modulus_bits = operation.exponent_bits = half;
  operation.exponentiations = 2;
  return 0;
}

std::int64_t UbsecDriver::padded(std::int64_t bits) const {
  const auto fits = [bits](std::int64_t size) { return bits <= size; };
  const auto size = std::ranges::find_if(modulus_sizes, fits);
  return size == modulus_sizes.end() || *size > card().model().key_engine.largest_modulus ? 0 : *size;
}

Segment UbsecDriver::dma_memory(std::int64_t bits) {
  return {kernel().memory.allocate(bytes_of(bits)), Bytes(0), bytes_of(bits)};
}

Task<> UbsecDriver::feed_keys(const Context& context) {
  while (!key_queue_.empty()) {
    co_await read_register(kernel(), context, card().vertex());
    if (card().key_engine().full()) co_return;
    co_await write_register(kernel(), context, card().vertex());
    in_chip_.push_back(std::move(key_queue_.front()));
    key_queue_.pop_front();
    card().key_engine().submit(std::move(in_chip_.back()->operation));
  }
}

Task<> UbsecDriver::complete_keys(const Context& context) {
  for (const KeyOperation& operation : card().key_engine().reap()) {
    static_cast<KeyCommand*>(operation.owner)->ended = true;
  }
  while (!in_chip_.empty() && in_chip_.front()->ended) {
    KeyRequest& request = *in_chip_.front()->request;
    in_chip_.pop_front();
    co_await context.run(host_time(card().model().key_engine.driver_complete));
    co_await framework().crypto_kdone(context, request, 0);
    co_await feed_keys(context);
  }
}

Task<> UbsecDriver::on_interrupt() {
  const Context context(kernel().processor);
  co_await read_register(kernel(), context, card().vertex());
  const bool packets = card().interrupting();
  const bool keys = card().key_engine().interrupting();
  if (!packets && !keys) co_return;
  co_await write_register(kernel(), context, card().vertex());
  if (packets) {
    co_await complete_requests(context);
    co_await feed(context);
  }
  if (keys) co_await complete_keys(context);
}

}  // namespace cryptopath::sim
