#include <algorithm>

#include "heap_loop/world.hpp"

namespace cryptopath::heap_loop {

Request& World::new_request(const Frame& frame) {
  if (request_count_ == requests_.size()) requests_.emplace_back();
  Request& request = requests_[request_count_];
  request.frame = frame;
  request.source.clear();
  request.destination.clear();
  request.begins_buffer = request_count_ == 0;
  ++request_count_;
  dispatched_ = 0;
  return request;
}

bool World::advance_requests() {
  switch (at_) {
    case At::dispatch:
      at_ = dispatched_ == request_count_ ? At::wait_for_requests : At::dispatch_queued;
      if (dispatched_ == request_count_) return true;
      return compute(process_, costs_.crypto_dispatch, Charge::kernel);
    case At::dispatch_queued: {
      Request& request = requests_[dispatched_++];
      request.done = false;
      const bool was_empty = queue_.empty();
      queue_.push_back(&request);
      at_ = At::dispatch;
      if (!was_empty || !has_sleeper(Channel::crypto_work)) return true;
      at_ = At::dispatch_wakes;
      return compute(process_, costs_.wakeup, Charge::kernel);
    }
    case At::dispatch_wakes:
      wake(Channel::crypto_work);
      at_ = At::dispatch;
      return true;
    default: {
      const auto end = requests_.begin() + static_cast<std::ptrdiff_t>(request_count_);
      if (!std::all_of(requests_.begin(), end, [](const Request& request) { return request.done; })) {
        sleep(process_, Channel::request_done);
        return false;
      }
      ledger_.add(Act::records, static_cast<std::int64_t>(request_count_));
      at_ = after_requests_;
      return true;
    }
  }
}

void World::run_crypto_thread() {
  while (advance_crypto_thread()) {
  }
}

bool World::advance_crypto_thread() {
  switch (crypto_at_) {
    case CryptoAt::loop:
      crypto_.holds_off_interrupts = true;
      if (queue_.empty()) {
        if (completed_.empty()) {
          sleep(crypto_, Channel::crypto_work);
          return false;
        }
        crypto_at_ = CryptoAt::completions;
        return true;
      }
      handled_ = queue_.front();
      queue_.pop_front();
      crypto_at_ = CryptoAt::driver;
      return compute(crypto_, costs_.crypto_dispatch, Charge::crypto_thread);
    case CryptoAt::driver:
      crypto_at_ = CryptoAt::submit;
      return compute(crypto_, time_at(card_->driver_submit, processor_->clock), Charge::crypto_thread);
    case CryptoAt::submit:
      submit_to_card(*handled_);
      crypto_at_ = CryptoAt::completions;
      if (commands_used_ == 1) return true;
      card_tells_when_waiting_ = true;
      access_register(card_registers_);
      return compute(crypto_, costs_.device_register_write, Charge::crypto_thread);
    case CryptoAt::completions:
      crypto_at_ = CryptoAt::loop;
      if (completed_.empty()) return true;
      handled_ = completed_.front();
      completed_.pop_front();
      crypto_at_ = CryptoAt::callback;
      return compute(crypto_, costs_.crypto_callback, Charge::crypto_thread);
    case CryptoAt::callback:
      ledger_.add(Act::crypto_requests);
      handled_->done = true;
      crypto_at_ = CryptoAt::loop;
      if (!has_sleeper(Channel::request_done)) return true;
      crypto_at_ = CryptoAt::wakes;
      return compute(crypto_, costs_.wakeup, Charge::crypto_thread);
    case CryptoAt::wakes:
      wake(Channel::request_done);
      crypto_at_ = CryptoAt::loop;
      return true;
  }
  throw Fault("the crypto thread is in no state");
}

bool World::handler_delay(Nanoseconds duration) {
  if (duration.count == 0) return true;
  after(duration, Happening::handler_continues);
  return false;
}

void World::advance_clock_handler() {
  if (handler_at_ == HandlerAt::entered) {
    handler_at_ = HandlerAt::ticked;
    const bool keeps_time = *served_ == Line::hardclock;
    if (!handler_delay(keeps_time ? costs_.hardclock_handler : costs_.statclock_handler)) return;
  }
  serve_interrupt();
}

void World::advance_handler() {
  if (is_clock(*served_)) return advance_clock_handler();
  for (bool goes_on = true; goes_on;) {
    const bool before_the_read = handler_at_ == HandlerAt::entered || handler_at_ == HandlerAt::reads;
    if (before_the_read) {
      goes_on = read_register();
    } else {
      goes_on = *served_ == Line::card ? advance_card_handler() : advance_nic_handler();
    }
  }
}

bool World::read_register() {
  if (handler_at_ == HandlerAt::entered) {
    handler_at_ = HandlerAt::reads;
    return handler_delay(costs_.device_register_read);
  }
  const Registers& registers = *served_ == Line::card ? card_registers_ : nic_registers_;
  handler_at_ = HandlerAt::read;
  start_transfer(Master::handler, registers.alone, registers.read_load);
  return false;
}

void World::on_register_read() {
  access_register(*served_ == Line::card ? card_registers_ : nic_registers_);
  advance_handler();
}

bool World::advance_card_handler() {
  switch (handler_at_) {
    case HandlerAt::read:
      if (stored_.empty() && !card_waits_) {  // the last time took what this interrupt was for
        serve_interrupt();
        return false;
      }
      if (card_waits_ && commands_used_ == 0) {
        card_tells_when_waiting_ = false;
        access_register(card_registers_);
        handler_at_ = HandlerAt::told;
        return handler_delay(costs_.device_register_write);
      }
      [[fallthrough]];
    case HandlerAt::told:
      card_waits_ = false;
      access_register(card_registers_);
      handler_at_ = HandlerAt::written;
      return handler_delay(costs_.device_register_write);
    case HandlerAt::written:
      reaped_.swap(stored_);
      stored_.clear();
      for (const Request* request : reaped_) {
        --commands_used_;
        sources_used_ -= static_cast<std::int64_t>(request->source.size());
        destinations_used_ -= static_cast<std::int64_t>(request->destination.size()) + 1;
      }
      reaped_next_ = 0;
      handler_at_ = HandlerAt::next;
      return true;
    case HandlerAt::next:
      if (reaped_next_ == reaped_.size()) {
        serve_interrupt();
        return false;
      }
      handler_at_ = HandlerAt::taken_back;
      return handler_delay(time_at(card_->driver_complete, processor_->clock));
    case HandlerAt::taken_back: {
      handler_at_ = HandlerAt::next;
      const bool was_empty = completed_.empty();
      completed_.push_back(reaped_[reaped_next_++]);
      if (!was_empty || !has_sleeper(Channel::crypto_work)) return true;
      handler_at_ = HandlerAt::woke;
      return handler_delay(costs_.wakeup);
    }
    default:
      wake(Channel::crypto_work);
      handler_at_ = HandlerAt::next;
      return true;
  }
}

}  // namespace cryptopath::heap_loop
