#include "hardware/nic_engine.hpp"

#include <utility>

namespace cryptopath::sim {

NicEngine::NicEngine(Clock& clock, Ledger& ledger, Nanoseconds setup, const std::string& nic)
    : clock_(clock),
      ledger_(ledger),
      setup_(setup),
      fetched_signal_(clock),
      enciphered_signal_(clock),
      station_(clock, nic + ".engine") {}

void NicEngine::put(RecordToEncipher record, std::vector<std::byte> bytes) {
  const Bytes size = total_size(record.data);
  record.data.clear();
  fetched_.push_back({std::move(record), size, std::move(bytes), station_.enter()});
  fetched_signal_.notify();
}

Task<> NicEngine::encipher() {
  for (;;) {
    if (fetched_.empty()) {
      co_await fetched_signal_.wait();
      continue;
    }
    InFlight entry = std::move(fetched_.front());
    fetched_.pop_front();
    const RecordToEncipher& record = entry.record;
    const Nanoseconds service = setup_ + time_at(record.processed, record.rate);
    station_.begin_service();
    co_await clock_.delay(service);
    station_.end_service();
    station_.leave(entry.entered);
    least_busy_ += service;
    ledger_.add(Act::records);
    if (!entry.bytes.empty()) {
      if (record.transform) record.transform(entry.bytes);
      enciphered_bytes_.insert(enciphered_bytes_.end(), entry.bytes.begin(), entry.bytes.end());
    }
    enciphered_ += entry.size;
    ends_.push_back(taken_ + enciphered_);
    enciphered_signal_.notify();
  }
}

Task<> NicEngine::take(Bytes size, std::vector<std::byte>& bytes) {
  while (enciphered_ < size) co_await enciphered_signal_.wait();
  enciphered_ -= size;
  taken_ += size;
  for (; !ends_.empty() && ends_.front() <= taken_; ends_.pop_front()) ++records_taken_;
  if (enciphered_bytes_.empty()) co_return;
  const auto end = enciphered_bytes_.begin() + size.count;
  bytes.assign(enciphered_bytes_.begin(), end);
  enciphered_bytes_.erase(enciphered_bytes_.begin(), end);
}

}  // namespace cryptopath::sim
