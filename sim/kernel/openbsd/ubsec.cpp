#include "kernel/openbsd/ubsec.hpp"

#include <algorithm>
#include <cerrno>

namespace cryptopath::sim {

Task<int> UbsecDriver::process(const Context& context, CryptoRequest& request) {
  co_await context.run(host_time(card().model().driver_submit));
  if (total_size(request.source) > card().model().largest_request) co_return EINVAL;
  if (std::ssize(queue_) >= card().model().queue) co_return ENOMEM;
  queue_.push_back(&request);
  co_await feed(context);
  co_return 0;
}

Task<> UbsecDriver::feed(const Context& context) {
  while (!queue_.empty()) {
    co_await read_register(kernel(), context, card().vertex());
    if (card().full()) co_return;
    std::vector<AcceleratorOperation> command;
    while (!queue_.empty() && std::ssize(command) < card().model().packets_per_command) {
      command.push_back(operation_of(*queue_.front()));
      queue_.pop_front();
    }
    co_await write_register(kernel(), context, card().vertex());
    ensure(card().submit(std::move(command)), "a card that was not full has no room");
  }
}

Task<> UbsecDriver::on_interrupt() {
  const Context context(kernel().processor);
  co_await read_register(kernel(), context, card().vertex());
  if (!card().interrupting()) co_return;
  co_await write_register(kernel(), context, card().vertex());
  co_await complete_requests(context);
  co_await feed(context);
}

}  // namespace cryptopath::sim
