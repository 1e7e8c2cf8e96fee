#include "hardware/disk.hpp"

#include <algorithm>
#include <utility>

namespace cryptopath::sim {

Disk::Disk(Clock& clock, Interconnect& interconnect, const Machine& machine, VertexIndex vertex)
    : clock_(clock),
      interconnect_(interconnect),
      model_(std::get<DiskModel>(machine.vertex(vertex).data)),
      vertex_(vertex),
      to_memory_(interconnect.path(vertex, interconnect.memory())),
      submitted_(clock),
      station_(clock, machine.vertex(vertex).name) {}

void Disk::submit(Bytes offset, Bytes size) {
  requests_.push_back({offset, size, station_.enter()});
  submitted_.notify();
}

std::vector<Bytes> Disk::reap() { return std::exchange(finished_, {}); }

Task<> Disk::serve() {
  for (;;) {
    if (requests_.empty()) {
      co_await submitted_.wait();
      continue;
    }
    const Request request = requests_.front();
    requests_.pop_front();
    station_.begin_service();
    if (request.offset != head_) co_await clock_.delay(model_.positioning);
    // The track buffer fills at the media's rate and empties over the bus meanwhile; the slower of the two counts.
    const Nanoseconds read = clock_.now() + time_at(request.size, model_.rate);
    co_await interconnect_.dma(to_memory_, request.size, 1, Bytes(0));
    co_await clock_.delay(std::max(Nanoseconds(0), read - clock_.now()));
    head_ = request.offset + request.size;
    station_.end_service();
    station_.leave(request.entered);
    finished_.push_back(request.offset);
    pin_();
  }
}

}  // namespace cryptopath::sim
