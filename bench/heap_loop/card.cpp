#include <algorithm>

#include "heap_loop/world.hpp"

namespace cryptopath::heap_loop {

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
  submitted_.push_back(&request);
  if (fetch_at_ != FetchAt::idle) return;
  fetch_at_ = FetchAt::polling;
  const std::int64_t interval = card_->poll_interval.count;
  if (interval == 0) return fetch_operation();
  after(Nanoseconds(interval - now_.count % interval), Happening::card_polls);
}

void World::fetch_operation() {
  if (submitted_.empty()) {
    fetch_at_ = FetchAt::idle;
    return;
  }
  if (!fetched_.empty()) {  // one operation is fetched ahead of the engine
    fetch_at_ = FetchAt::waits_for_engine;
    return;
  }
  fetch_at_ = FetchAt::busy;
  fetching_ = submitted_.front();
  submitted_.pop_front();
  Bytes size;
  for (const Piece& piece : fetching_->source) {
    dma_[static_cast<std::size_t>(Master::card_input)].dirty += cache_.device_read(pool_.identity(piece.buffer));
    size += piece.size;
  }
  const auto count = 1 + static_cast<std::int64_t>(fetching_->source.size());
  start_dma(Master::card_input, size, count, card_->command_bytes + card_->descriptor_bytes * count);
}

void World::on_operation_fetched() {
  if (fetching_->begins_buffer) ledger_.add(Act::paper_dma);
  fetching_->input_ended = now_;
  const Dma& dma = dma_[static_cast<std::size_t>(Master::card_input)];
  const Bytes first = std::clamp(fetching_->frame.enciphered(), Bytes(1), std::max(card_->fifo, Bytes(1)));
  fetching_->filled = std::min(
      now_, fetching_->input_began + uncontended(Master::card_input, first, dma.descriptors, dma.descriptor_bytes));
  fetched_.push_back(fetching_);
  run_engine();
  fetch_operation();
}

void World::run_engine() {
  if (engine_busy_ || fetched_.empty()) return;
  engine_busy_ = true;
  Request& request = *fetched_.front();
  fetched_.pop_front();
  if (fetch_at_ == FetchAt::waits_for_engine) fetch_operation();
  const Bytes size = request.frame.enciphered();
  const Bytes first = std::min(size, card_->fifo);
  const Nanoseconds first_time = time_at(first, engine_rate_);
  const Bytes burst = std::max(first, Bytes(1));
  const Nanoseconds begins = std::max(engine_free_, request.filled);
  request.engine_ends = std::max(begins + card_->setup + time_at(size, engine_rate_), request.input_ended + first_time);
  engine_free_ = engine_ends_ = request.engine_ends;
  const Nanoseconds last_out = request.engine_ends + uncontended(Master::card_output, burst, 0, Bytes(0));
  request.output_begins = std::max(begins + card_->setup + first_time,
                                   last_out - uncontended(Master::card_output, request.frame.size(), 0, Bytes(0)));
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
  engine_busy_ = false;
  run_engine();
}

void World::store_result() {
  if (computed_.empty() || computed_.front()->output_begins > now_) return;
  storing_ = computed_.front();
  computed_.pop_front();
  const auto count = 1 + static_cast<std::int64_t>(storing_->destination.size());
  start_dma(Master::card_output, storing_->frame.size(), count, card_->result_bytes + card_->descriptor_bytes * count);
}

void World::on_result_stored() {
  if (storing_->engine_ends > now_) return after(storing_->engine_ends - now_, Happening::card_output_ends);
  finish_operation();
}

void World::finish_operation() {
  if (storing_->begins_buffer) ledger_.add(Act::paper_dma);
  for (const Piece& piece : storing_->destination) cache_.device_write(pool_.identity(piece.buffer));
  stored_.push_back(storing_);
  storing_ = nullptr;
  raise(Line::card);
  store_result();
}

}  // namespace cryptopath::heap_loop
