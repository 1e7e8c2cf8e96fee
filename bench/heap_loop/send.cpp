// write(2) and sendfile(2) of the process.
#include <algorithm>

#include "heap_loop/world.hpp"

namespace cryptopath::heap_loop {

void World::append_clusters(Bytes size, std::vector<Piece>& pieces) {
  while (size.count > 0) {
    const Bytes in_cluster = std::min(costs_.mbuf_cluster, size);
    const BufferIndex cluster = pool_.allocate(costs_.mbuf_cluster);
    chain_.push_back({cluster, in_cluster, false});
    pieces.push_back({cluster, Bytes(0), in_cluster});
    size -= in_cluster;
  }
}

bool World::advance_write() {
  switch (at_) {
    case At::write:
      written_ = Bytes(0);
      at_ = At::write_space;
      return compute(process_, costs_.socket_send, Charge::kernel);
    case At::write_space:
      if (space() < std::min({filled_ - written_, costs_.mbuf_cluster, high_water_})) {
        sleep(process_, Channel::send_space);
        return false;
      }
      piece_ = std::min(filled_ - written_, space());
      copy_from_ = {{user_buffer_, written_, piece_}};
      copy_to_.clear();
      append_clusters(piece_, copy_to_);
      chain_.front().begins_buffer = written_.count == 0;
      after_copy_ = At::write_append;
      return start_copy(Copying::user_to_kernel, piece_, written_.count == 0);
    case At::write_append:
      process_.holds_off_interrupts = true;
      append(chain_);
      after_output_ = At::write_next;
      at_ = At::output;
      return true;
    default:
      written_ += piece_;
      at_ = written_ < filled_ ? At::write_space : At::leave;
      return true;
  }
}

bool World::advance_sendfile() {
  switch (at_) {
    case At::sendfile_space:
      if (file_left().count == 0) {
        at_ = At::leave;
        return true;
      }
      if (space() < std::min(costs_.mbuf_cluster, high_water_)) {
        sleep(process_, Channel::send_space);
        return false;
      }
      plaintext_ = std::min(run_.buffer, file_left());
      at_ = At::sendfile_pages;
      return compute(process_, costs_.file_read, Charge::kernel);
    case At::sendfile_pages:
      take_pages(plaintext_);
      plaintext_pieces_ = pages_;
      at_ = At::sendfile_send;
      if (!costs_.sendfile_copies) return true;
      storage_ = pool_.allocate(plaintext_);
      plaintext_pieces_.clear();
      for (Bytes begin; begin < plaintext_; begin += costs_.page) {
        plaintext_pieces_.push_back({storage_, begin, std::min(costs_.page, plaintext_ - begin)});
      }
      copy_from_ = pages_;
      copy_to_ = plaintext_pieces_;
      after_copy_ = At::sendfile_send;
      return start_copy(Copying::kernel_to_kernel, plaintext_, true);
    case At::sendfile_send:
      if (costs_.sendfile_copies) {
        for (const Piece& page : pages_) pool_.free(page.buffer);
      }
      at_ = At::sendfile_protect;
      return compute(process_, costs_.socket_send, Charge::kernel);
    case At::sendfile_protect:
      take_records(plaintext_);
      frame_ = request_count_ = 0;
      taken_ = Bytes(0);
      at_ = At::protect;
      return true;
    case At::protect:
      if (frame_ == frames_.size()) {
        after_requests_ = At::sendfile_append;
        at_ = At::dispatch;
        return true;
      }
      at_ = At::protect_framed;
      return compute(process_, costs_.record_framing, Charge::kernel);
    case At::protect_framed: {
      const Frame& frame = frames_[frame_++];
      const Bytes head = frame.plaintext_offset();
      const Bytes tail = frame.size() - head - frame.plaintext;
      around_.push_back(pool_.allocate(head + tail));
      Request& request = new_request(frame);
      request.source.push_back({around_.back(), Bytes(0), head});
      Bytes skipped = taken_;
      for (Bytes left = frame.plaintext; const Piece& piece : plaintext_pieces_) {
        const Bytes here = std::min(skipped, piece.size);
        skipped -= here;
        const Bytes used = std::min(left, piece.size - here);
        if (used.count > 0) request.source.push_back({piece.buffer, piece.offset + here, used});
        left -= used;
      }
      taken_ += frame.plaintext;
      if (tail.count > 0) request.source.push_back({around_.back(), head, tail});
      const std::size_t first = chain_.size();
      append_clusters(frame.size(), request.destination);
      chain_[first].begins_buffer = frame_ == 1;
      at_ = At::protect;
      return true;
    }
    case At::sendfile_append: {
      for (const BufferIndex around : around_) pool_.free(around);
      around_.clear();
      if (costs_.sendfile_copies) {
        pool_.free(storage_);
      } else {
        for (const Piece& page : pages_) pool_.free(page.buffer);
      }
      if (filled_ > high_water_) throw InputError("the heap loop's chain is longer than the send buffer");
      process_.holds_off_interrupts = true;
      append(chain_);
      after_output_ = At::sendfile_next;
      at_ = At::output;
      return true;
    }
    default:
      offset_ += plaintext_;
      at_ = At::sendfile_space;
      return true;
  }
}

}  // namespace cryptopath::heap_loop
