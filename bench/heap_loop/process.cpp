#include <algorithm>

#include "cryptopath/algorithm.hpp"
#include "heap_loop/world.hpp"

namespace cryptopath::heap_loop {

namespace {
constexpr Bytes session_op{28};
constexpr Bytes crypt_op{28};
constexpr Bytes session_number{4};
constexpr Bytes initialization_vector{8};
constexpr Bytes option_value{4};
}  // namespace

void World::run_process() {
  while (advance_process()) {
  }
}

bool World::advance_process() {
  switch (at_) {
    case At::next_step:
      return next_step();
    case At::short_call:
      at_ = At::leave;
      return compute(process_, short_call_, Charge::kernel);
    case At::leave:
      return leave_system_call();
    case At::frame:
      if (frame_++ == frames_.size()) {
        at_ = At::next_step;
        return true;
      }
      return compute(process_, costs_.record_framing, Charge::user);
    case At::copy_misses:
      at_ = after_copy_;
      return pass_through_cache();
    case At::output:
      if (!make_packet()) {
        process_.holds_off_interrupts = false;
        at_ = after_output_;
        return true;
      }
      at_ = At::output_transmit;
      return compute(process_, packet_cost(), Charge::kernel);
    case At::output_transmit:
      at_ = At::output;
      transmit();
      return true;
    case At::shut_down:
      finishing_ = true;
      process_.holds_off_interrupts = true;
      after_output_ = At::leave;
      at_ = At::output;
      return true;
    case At::dispatch:
    case At::dispatch_queued:
    case At::dispatch_wakes:
    case At::wait_for_requests:
      return advance_requests();
    case At::write:
    case At::write_space:
    case At::write_append:
    case At::write_next:
      return advance_write();
    case At::sendfile_space:
    case At::sendfile_pages:
    case At::sendfile_send:
    case At::sendfile_protect:
    case At::protect:
    case At::protect_framed:
    case At::sendfile_append:
    case At::sendfile_next:
      return advance_sendfile();
    default:
      return advance_call();
  }
}

bool World::next_step() {
  for (;;) {
    Block& block = blocks_.back();
    if (block.next < block.steps->size()) return begin_step((*block.steps)[block.next++]);
    if (block.repeats && file_left().count > 0) {
      block.next = 0;
      continue;
    }
    if (blocks_.size() > 1) {
      blocks_.pop_back();
      continue;
    }
    current_ = nullptr;
    dispatch();
    process_ended_ = true;
    finish_if_done();
    return false;
  }
}

Nanoseconds World::open_session() {
  Nanoseconds cost = copy_argument(session_op);
  const auto [cipher, mac] = session_keys(name_of(run_.format.suite));
  for (const auto& key : {cipher, mac}) {
    if (key) cost += copy_argument(key->own);
  }
  return cost + costs_.crypto_dispatch;
}

bool World::begin_step(const Step& step) {
  moves_data_ = false;
  short_call_ = Nanoseconds(0);
  at_ = At::short_call;
  switch (step.kind) {
    case Step::Kind::open_file:
    case Step::Kind::open_crypto:
      short_call_ = costs_.file_lookup;
      break;
    case Step::Kind::create_session:
      short_call_ = open_session();
      iovecs_ = pool_.allocate(costs_.crypto_iovecs);
      break;
    case Step::Kind::free_session:
      short_call_ = copy_argument(session_number) + costs_.crypto_dispatch;
      break;
    case Step::Kind::set_so_crypt:
      short_call_ = open_session();
      break;
    case Step::Kind::set_send_buffer:
      short_call_ = copy_argument(option_value);
      high_water_ = step.size;
      break;
    case Step::Kind::read:
      plaintext_ = std::min(run_.buffer, file_left());
      take_records(plaintext_);
      moves_data_ = true;
      at_ = At::read;
      break;
    case Step::Kind::frame:
      frame_ = 0;
      at_ = At::frame;
      return true;
    case Step::Kind::crypt:
      moves_data_ = true;
      at_ = At::crypt;
      break;
    case Step::Kind::write:
      moves_data_ = true;
      at_ = At::write;
      break;
    case Step::Kind::sendfile:
      moves_data_ = true;
      at_ = At::sendfile_space;
      break;
    case Step::Kind::close_file:
    case Step::Kind::close_crypto:
      break;
    case Step::Kind::close_socket:
      at_ = At::shut_down;
      break;
    case Step::Kind::repeat_until_end_of_file:
      if (file_left().count > 0) blocks_.push_back({&step.steps, 0, true});
      at_ = At::next_step;
      return true;
    case Step::Kind::set_so_crypt_nic:
    case Step::Kind::seal:
      throw InputError("the heap loop does not take this step");
  }
  ledger_.add(Act::system_calls);
  ledger_.add(Act::mode_crossings);
  copies_before_ = ledger_.total(Act::paper_copies);
  return compute(process_, costs_.system_call, Charge::kernel);
}

bool World::leave_system_call() {
  if (moves_data_ && ledger_.total(Act::paper_copies) == copies_before_) ledger_.add(Act::paper_context_switches, 2);
  ledger_.add(Act::mode_crossings);
  at_ = At::next_step;
  return return_to_user();
}

bool World::advance_call() {
  switch (at_) {
    case At::read:
      at_ = At::read_pages;
      return compute(process_, costs_.file_read, Charge::kernel);
    case At::read_pages:
      take_pages(plaintext_);
      copy_from_ = pages_;
      copy_to_.clear();
      for (Bytes begin; const Frame& frame : frames_) {
        copy_to_.push_back({user_buffer_, begin + frame.plaintext_offset(), frame.plaintext});
        begin += frame.size();
      }
      after_copy_ = At::read_copied;
      return start_copy(Copying::kernel_to_user, plaintext_, true);
    case At::read_copied:
      for (const Piece& page : pages_) pool_.free(page.buffer);
      offset_ += plaintext_;
      at_ = At::leave;
      return true;
    case At::crypt:
      if (filled_ > costs_.crypto_request_limit) throw InputError("the heap loop's CIOCCRYPT is too long");
      at_ = At::crypt_zeroed;
      return compute(process_,
                     copy_argument(crypt_op) + copy_argument(initialization_vector) +
                         time_at(costs_.crypto_iovecs, processor_->zero),
                     Charge::kernel);
    case At::crypt_zeroed:
      at_ = At::crypt_malloc;
      return cross_memory(cache_.overwrite(pool_.identity(iovecs_), Bytes(0), costs_.crypto_iovecs));
    case At::crypt_malloc: {
      const std::int64_t mapped = filled_ > costs_.malloc_free_lists ? pieces(filled_, costs_.page) : 0;
      at_ = At::crypt_copy_in;
      return compute(process_, costs_.kernel_malloc + costs_.malloc_page * mapped, Charge::kernel);
    }
    case At::crypt_copy_in:
      storage_ = pool_.allocate(filled_, true);
      if (filled_ > costs_.malloc_free_lists) pool_.rename(storage_);
      copy_from_ = {{user_buffer_, Bytes(0), filled_}};
      copy_to_ = {{storage_, Bytes(0), filled_}};
      after_copy_ = At::crypt_requests;
      return start_copy(Copying::user_to_kernel, filled_, true);
    case At::crypt_requests: {
      request_count_ = 0;
      Bytes begin;
      for (const Frame& frame : frames_) {
        Request& request = new_request(frame);
        const Bytes end = begin + frame.size();
        while (begin < end) {  // by pages, as the card addresses memory
          const Bytes page_end = Bytes((begin.count / costs_.page.count + 1) * costs_.page.count);
          request.source.push_back({storage_, begin, std::min(end, page_end) - begin});
          begin = std::min(end, page_end);
        }
        request.destination = request.source;
      }
      after_requests_ = At::crypt_copy_out;
      at_ = At::dispatch;
      return true;
    }
    case At::crypt_copy_out:
      copy_from_ = {{storage_, Bytes(0), filled_}};
      copy_to_ = {{user_buffer_, Bytes(0), filled_}};
      after_copy_ = At::crypt_copied;
      return start_copy(Copying::kernel_to_user, filled_, true);
    case At::crypt_copied:
      pool_.free(storage_);
      at_ = At::leave;
      return true;
    default:
      throw Fault("the process is in no state");
  }
}

void World::take_pages(Bytes size) {
  pages_.clear();
  for (Bytes offset = offset_; size.count > 0;) {
    const Bytes in_page = std::min(size, costs_.page - Bytes(offset.count % costs_.page.count));
    const BufferIndex page = pool_.allocate(costs_.page);
    pool_.rename(page);
    pages_.push_back({page, Bytes(0), in_page});
    offset += in_page;
    size -= in_page;
  }
}

void World::take_records(Bytes plaintext) {
  frames_.clear();
  filled_ = Bytes(0);
  while (plaintext.count > 0) {
    const Bytes size = std::min(plaintext, framing_.largest_plaintext());
    frames_.push_back(framing_.next(size));
    filled_ += frames_.back().size();
    plaintext -= size;
  }
}

Nanoseconds World::copy_argument(Bytes size) {
  ledger_.add(Act::copies_arguments);
  return time_at(size, processor_->copy);
}

bool World::start_copy(Copying kind, Bytes size, bool first_piece) {
  constexpr std::array copies = {Act::copies_kernel_to_user, Act::copies_user_to_kernel, Act::copies_kernel_to_kernel};
  constexpr std::array bytes = {Act::copied_bytes_kernel_to_user, Act::copied_bytes_user_to_kernel,
                                Act::copied_bytes_kernel_to_kernel};
  if (first_piece) {
    ledger_.add(copies[static_cast<std::size_t>(kind)]);
    if (kind != Copying::kernel_to_kernel) {
      ledger_.add(Act::paper_copies);
      ledger_.add(Act::paper_context_switches, 2);
    }
  }
  ledger_.add(bytes[static_cast<std::size_t>(kind)], size.count);
  at_ = At::copy_misses;
  return compute(process_, time_at(size, processor_->copy), Charge::kernel);
}

bool World::pass_through_cache() {
  sim::Cache::Traffic traffic;
  const auto add = [&traffic](sim::Cache::Traffic more) {
    traffic.read += more.read;
    traffic.written += more.written;
  };
  for (const Piece& piece : copy_from_) add(cache_.read(pool_.identity(piece.buffer), piece.offset, piece.size));
  for (const Piece& piece : copy_to_) add(cache_.overwrite(pool_.identity(piece.buffer), piece.offset, piece.size));
  return cross_memory(traffic);
}

bool World::cross_memory(sim::Cache::Traffic traffic) {
  ledger_.add(Act::memory_read_bytes, traffic.read.count);
  ledger_.add(Act::memory_write_bytes, traffic.written.count);
  if ((traffic.read + traffic.written).count == 0) return true;
  transfer(process_, traffic.read + traffic.written, Charge::kernel);
  return false;
}

}  // namespace cryptopath::heap_loop
