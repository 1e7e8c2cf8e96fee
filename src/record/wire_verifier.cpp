#include "cryptopath/wire_verifier.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "bytes.hpp"
#include "sha256.hpp"

namespace cryptopath {

namespace {

constexpr std::size_t batch_size = 64 * 1024;
// One batch more is being filled and one is with the peer: 4 MiB in all.
constexpr std::size_t waiting_batches = 4 * 1024 * 1024 / batch_size - 2;

/// Bytes off the wire on their way to the thread.
struct Batch {
  std::vector<std::byte> bytes;
  std::vector<std::size_t> ends;  // of each datagram; one of all bytes for a stream
};

/// What the thread does with each batch. Knows no thread itself.
class Comparison {
 public:
  Comparison(std::unique_ptr<Peer> peer, Bytes expected, WireVerifier::ReadExpected read_expected)
      : peer_(std::move(peer)), expected_size_(expected), read_expected_(std::move(read_expected)) {}

  void take(const Batch& batch) {
    std::size_t begin = 0;
    for (const std::size_t end : batch.ends) {
      take_piece(std::span(batch.bytes).subspan(begin, end - begin));
      begin = end;
    }
  }

  WireReport finish(std::span<const std::byte> close_notify) {
    if (report_.plaintext < expected_size_) {
      throw Fault(fmt::format("{} accepted {} bytes of plaintext where {} were to be sent", peer_->name(),
                              report_.plaintext.count, expected_size_.count));
    }
    report_.wire_sha256 = wire_hash_.hexadecimal();
    report_.plaintext_sha256 = plaintext_hash_.hexadecimal();
    report_.verified_by = peer_->name();
    if (!close_notify.empty()) close(close_notify);
    return report_;
  }

 private:
  void close(std::span<const std::byte> close_notify) {
    accepted_.clear();
    peer_->receive(close_notify, accepted_);
    if (!accepted_.empty() || !peer_->closed()) {
      throw Fault(fmt::format("{} does not take the connection for closed after close_notify", peer_->name()));
    }
  }

  void take_piece(std::span<const std::byte> wire) {
    report_.wire += size_of(wire);
    wire_hash_.update(wire);
    accepted_.clear();
    peer_->receive(wire, accepted_);
    plaintext_hash_.update(accepted_);
    compare();
    report_.plaintext += size_of(accepted_);
  }

  void compare() {
    if (report_.plaintext + size_of(accepted_) > expected_size_) {
      throw Fault(fmt::format("{} accepted more than the {} bytes of plaintext that were to be sent", peer_->name(),
                              expected_size_.count));
    }
    if (accepted_.empty()) return;
    expected_.resize(accepted_.size());
    read_expected_(static_cast<std::uint64_t>(report_.plaintext.count), expected_);
    if (std::memcmp(accepted_.data(), expected_.data(), accepted_.size()) == 0) return;
    const auto [found, meant] = std::ranges::mismatch(accepted_, expected_);
    throw Fault(fmt::format("{} accepted a plaintext that differs at byte {}: 0x{:02x} instead of 0x{:02x}",
                            peer_->name(), report_.plaintext.count + (found - accepted_.begin()),
                            std::to_integer<unsigned>(*found), std::to_integer<unsigned>(*meant)));
  }

  std::unique_ptr<Peer> peer_;
  Bytes expected_size_;
  WireVerifier::ReadExpected read_expected_;
  Sha256 wire_hash_;
  Sha256 plaintext_hash_;
  std::vector<std::byte> accepted_;
  std::vector<std::byte> expected_;
  WireReport report_;
};

}  // namespace

struct WireVerifier::State {
  const bool in_datagrams;
  Comparison comparison;  // the thread's alone until it has been joined
  Batch filling;          // the feeder's alone

  std::mutex mutex;  // guards what follows
  std::condition_variable changed;
  std::deque<Batch> waiting;
  bool complete = false;   // no more batches will come
  bool abandoned = false;  // and none of the waiting ones matters
  std::exception_ptr failure;

  std::thread thread;

  State(std::unique_ptr<Peer> peer, Bytes expected, ReadExpected read_expected)
      : in_datagrams(peer->in_datagrams()),
        comparison(std::move(peer), expected, std::move(read_expected)),
        thread([this] { run(); }) {}
  ~State() {
    {
      const std::scoped_lock lock(mutex);
      abandoned = true;
    }
    changed.notify_all();
    if (thread.joinable()) thread.join();
  }

  void run() {
    try {
      while (const std::optional<Batch> batch = next()) comparison.take(*batch);
    } catch (...) {
      const std::scoped_lock lock(mutex);
      failure = std::current_exception();
      waiting.clear();
    }
    changed.notify_all();
  }

  /// Nothing when all batches are through, or do not matter any more.
  std::optional<Batch> next() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return abandoned || complete || !waiting.empty(); });
    if (abandoned || waiting.empty()) return std::nullopt;
    Batch batch = std::move(waiting.front());
    waiting.pop_front();
    changed.notify_all();
    return batch;
  }

  void hand_over() {
    if (!in_datagrams) filling.ends = {filling.bytes.size()};
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return failure != nullptr || waiting.size() < waiting_batches; });
    if (failure) std::rethrow_exception(failure);
    waiting.push_back(std::exchange(filling, Batch()));
    changed.notify_all();
  }

  WireReport finish(std::span<const std::byte> close_notify) {
    hand_over();
    {
      const std::scoped_lock lock(mutex);
      complete = true;
    }
    changed.notify_all();
    thread.join();
    if (failure) std::rethrow_exception(failure);
    return comparison.finish(close_notify);
  }
};

WireVerifier::WireVerifier(std::unique_ptr<Peer> peer, Bytes expected, ReadExpected read_expected)
    : state_(std::make_unique<State>(std::move(peer), expected, std::move(read_expected))) {}
WireVerifier::~WireVerifier() = default;

void WireVerifier::feed(std::span<const std::byte> wire) {
  ensure(!state_->complete, "nothing is fed after finish()");
  while (!wire.empty()) {
    std::vector<std::byte>& filling = state_->filling.bytes;
    const std::size_t space = batch_size - filling.size();
    const auto piece = wire.first(state_->in_datagrams ? wire.size() : std::min(wire.size(), space));
    filling.reserve(batch_size);
    filling.insert(filling.end(), piece.begin(), piece.end());
    if (state_->in_datagrams) state_->filling.ends.push_back(filling.size());
    wire = wire.subspan(piece.size());
    if (filling.size() >= batch_size) state_->hand_over();
  }
}

WireReport WireVerifier::finish(std::span<const std::byte> close_notify) {
  ensure(!state_->complete, "finish() is called once");
  return state_->finish(close_notify);
}

}  // namespace cryptopath
