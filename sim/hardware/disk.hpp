// A disk: positions its heads unless a read follows the last one, reads at the media's rate, moves the data to memory
// by DMA. One request at a time.
#pragma once

#include <deque>
#include <functional>
#include <vector>

#include "cryptopath/machine.hpp"
#include "engine/station.hpp"
#include "engine/task.hpp"
#include "hardware/interconnect.hpp"

namespace cryptopath::sim {

class Disk {
 public:
  Disk(Clock& clock, Interconnect& interconnect, const Machine& machine, VertexIndex vertex);

  /// Reads [offset, offset + size) of the file, which lies contiguous on the disk.
  void submit(Bytes offset, Bytes size);
  /// The offsets of the reads that have ended since the last call.
  std::vector<Bytes> reap();
  void on_interrupt(std::function<void()> pin) { pin_ = std::move(pin); }
  Task<> serve();

  const DiskModel& model() const { return model_; }
  VertexIndex vertex() const { return vertex_; }
  const Station& station() const { return station_; }

 private:
  struct Request {
    Bytes offset;
    Bytes size;
    Nanoseconds entered;
  };
  Clock& clock_;
  Interconnect& interconnect_;
  const DiskModel& model_;
  VertexIndex vertex_;
  Interconnect::Path to_memory_;
  std::deque<Request> requests_;
  std::vector<Bytes> finished_;
  Bytes head_{-1};  // where the last read ended
  Signal submitted_;
  std::function<void()> pin_;
  Station station_;
};

}  // namespace cryptopath::sim
