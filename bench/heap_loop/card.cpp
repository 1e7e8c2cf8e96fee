#include <algorithm>
#include <utility>

#include "heap_loop/world.hpp"

namespace cryptopath::heap_loop {

namespace {

/// Of a command, its sources, its destinations and its result.
std::int64_t descriptors(const Request& request) {
  return 2 + static_cast<std::int64_t>(request.source.size() + request.destination.size());
}

}  // namespace

void World::submit_to_card(Request& request) {
  const auto sources = static_cast<std::int64_t>(request.source.size());
  const auto destinations = static_cast<std::int64_t>(request.destination.size()) + 1;
  if (commands_used_ + 1 > std::min(card_->command_ring, card_->result_ring) ||
      sources_used_ + sources > card_->source_ring || destinations_used_ + destinations > card_->destination_ring ||
      request.frame.size() > card_->largest_request) {
    throw InputError("the heap loop's card refuses a request");
  }
  ++commands_used_;
  sources_used_ += sources;
  destinations_used_ += destinations;
  submitted_.push_back(&request);  // it will find it when it looks
}

void World::fetch_operation() {
  if (static_cast<std::int64_t>(fetched_.size()) + (engine_busy_ ? 1 : 0) > card_->fetch_ahead) {
    fetch_at_ = FetchAt::waits_for_engine;
    return;
  }
  if (submitted_.empty()) {
    fetch_at_ = FetchAt::looks;
    const auto interval = static_cast<std::uint64_t>(card_->poll_interval.count);
    const bool first_look = std::exchange(worked_, false);
    return after(first_look ? Nanoseconds(1 + static_cast<std::int64_t>(random_() % interval)) : card_->poll_interval,
                 Happening::card_looks);
  }
  worked_ = true;
  fetch_at_ = FetchAt::fetches;
  fetching_ = submitted_.front();
  submitted_.pop_front();
  Bytes size;
  for (const Piece& piece : fetching_->source) {
    dma_[static_cast<std::size_t>(Master::card_input)].dirty +=
        cache_.device_read(pool_.identity(piece.buffer), piece.offset, piece.size);
    size += piece.size;
  }
  const std::int64_t count = descriptors(*fetching_);
  start_dma(Master::card_input, {size, 1 + count, card_->command_bytes + card_->descriptor_bytes * count});
}

void World::on_card_input() {
  if (fetch_at_ == FetchAt::fetches) {
    on_operation_fetched();
  } else if (card_tells_when_waiting_ && submitted_.empty()) {
    card_waits_ = true;
    raise(Line::card);
  }
  fetch_operation();
}

void World::on_operation_fetched() {
  if (fetching_->begins_buffer) ledger_.add(Act::paper_dma);
  fetching_->input_ended = now_;
  const Dma& dma = dma_[static_cast<std::size_t>(Master::card_input)];
  Load first = dma.load;
  first.size = std::clamp(fetching_->frame.enciphered(), Bytes(1), std::max(card_->fifo, Bytes(1)));
  fetching_->filled = std::min(now_, dma.began + uncontended(Master::card_input, first));
  fetched_.push_back(fetching_);
  run_engine();
}

void World::run_engine() {
  if (engine_busy_ || fetched_.empty()) return;
  engine_busy_ = true;
  Request& request = *fetched_.front();
  fetched_.pop_front();
  const Bytes size = request.frame.enciphered();
  const Bytes first = std::min(size, card_->fifo);
  const Nanoseconds first_time = time_at(first, engine_rate_);
  const Nanoseconds begins = std::max(engine_free_, request.filled);
  request.engine_ends = std::max(begins + card_->setup + time_at(size, engine_rate_), request.input_ended + first_time);
  engine_free_ = engine_ends_ = request.engine_ends;
  // All but the last FIFO's worth has twice the time that it needs on an idle bus.
  const Bytes output = request.frame.size();
  request.output_at_end = std::min(std::max(first, Bytes(1)), output);
  const Nanoseconds needed = uncontended(Master::card_output, {output - request.output_at_end, 0, Bytes(0)});
  request.output_begins = output == request.output_at_end
                              ? request.engine_ends
                              : std::max(begins + card_->setup + first_time, request.engine_ends - needed * 2);
  computed_.push_back(&request);
  if (request.output_begins > now_) {
    after(request.output_begins - now_, Happening::card_output_begins);
  } else {
    on_output_begins();
  }
}

void World::on_output_begins() {
  if (storing_ == nullptr) store_result();
  if (engine_ends_ > now_) return after(engine_ends_ - now_, Happening::card_engine_ends);
  on_engine_end();
}

void World::on_engine_end() {
  engine_busy_ = false;
  run_engine();
  if (fetch_at_ == FetchAt::waits_for_engine) fetch_operation();
}

void World::store_result() {
  if (computed_.empty() || computed_.front()->output_begins > now_) return;
  storing_ = computed_.front();
  computed_.pop_front();
  const Bytes early = storing_->frame.size() - storing_->output_at_end;
  stores_early_ = early.count > 0;
  if (stores_early_) return start_dma(Master::card_output, {early, 0, Bytes(0)});
  store_rest();
}

void World::store_rest() {
  if (storing_->engine_ends > now_) return after(storing_->engine_ends - now_, Happening::card_stores_rest);
  const std::int64_t count = descriptors(*storing_);
  const bool goes_on = storing_->output_at_end < storing_->frame.size();
  start_dma(Master::card_output,
            {storing_->output_at_end, 1 + count, card_->result_bytes + card_->descriptor_bytes * count, goes_on});
}

void World::on_card_output() {
  if (std::exchange(stores_early_, false)) return store_rest();
  finish_operation();
}

void World::finish_operation() {
  if (storing_->begins_buffer) ledger_.add(Act::paper_dma);
  for (const Piece& piece : storing_->destination) {
    const Bytes beside = cache_.device_write(pool_.identity(piece.buffer), piece.offset, piece.size);
    if (beside.count > 0) throw InputError("the heap loop's card writes between what is dirty");
  }
  stored_.push_back(storing_);
  storing_ = nullptr;
  raise(Line::card);
  store_result();
}

}  // namespace cryptopath::heap_loop
