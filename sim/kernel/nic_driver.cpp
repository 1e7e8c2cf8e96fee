#include "kernel/nic_driver.hpp"

namespace cryptopath::sim {

void NicDriver::transmit(Packet packet) {
  waiting_.push_back(std::move(packet));
  fill_ring();
}

void NicDriver::fill_ring() {
  while (!waiting_.empty() && !nic_.transmit_ring_full()) {
    nic_.submit(std::move(waiting_.front()));
    waiting_.pop_front();
  }
}

Task<> NicDriver::on_interrupt() {
  const Context context(kernel_.processor);
  co_await read_register(kernel_, context, nic_.vertex());
  if (const std::int64_t transmitted = nic_.reap_transmitted(); transmitted > 0) {
    fill_ring();
    if (freed_) co_await freed_(context, transmitted);
  }
  for (const Acknowledgement& acknowledgement : nic_.reap_received()) {
    co_await input_(context, acknowledgement.up_to);
  }
}

}  // namespace cryptopath::sim
