#include "kernel/openbsd/hifn.hpp"

#include <cerrno>

namespace cryptopath::sim {

Task<int> HifnDriver::process(const Context& context, CryptoRequest& request) {
  co_await context.run(host_time(card().model().driver_submit));
  if (total_size(request.source) > card().model().largest_request) co_return EINVAL;
  std::vector<AcceleratorOperation> command;
  command.push_back(operation_of(request));
  if (!card().submit(std::move(command))) co_return ENOMEM;
  if (card().commands() > 1) {
    card().interrupt_when_waiting(true);
    co_await write_register(kernel(), context, card().vertex());
  }
  co_return 0;
}

Task<> HifnDriver::on_interrupt() {
  const Context context(kernel().processor);
  co_await read_register(kernel(), context, card().vertex());
  const bool waiting = card().waiting();
  if (!card().interrupting() && !waiting) co_return;
  if (waiting && card().commands() == 0) {
    card().interrupt_when_waiting(false);
    co_await write_register(kernel(), context, card().vertex());
  }
  card().acknowledge_waiting();
  co_await write_register(kernel(), context, card().vertex());
  co_await complete_requests(context);
}

}  // namespace cryptopath::sim
