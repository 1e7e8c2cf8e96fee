#include "kernel/openbsd/hifn.hpp"

#include <cerrno>

namespace cryptopath::sim {

Task<int> HifnDriver::process(const Context& context, CryptoRequest& request) {
  co_await context.run(host_time(card().model().driver_submit));
  if (total_size(request.source) > card().model().largest_request) co_return EINVAL;
  std::vector<AcceleratorOperation> command;
  command.push_back(operation_of(request));
  co_return card().submit(std::move(command)) ? 0 : ENOMEM;
}

Task<> HifnDriver::on_interrupt() {
  const Context context(kernel().processor);
  co_await read_register(kernel(), context, card().vertex());
  if (!card().interrupting()) co_return;
  co_await write_register(kernel(), context, card().vertex());
  co_await complete_requests(context);
}

}  // namespace cryptopath::sim
