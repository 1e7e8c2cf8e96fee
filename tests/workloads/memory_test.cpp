// What limits large requests of many threads (Keromytis et al. 2006, 5.4): memory, and not the cards. The article
// counts three writes of each to memory and three reads; here a process's own buffer is in the cache as far as those
// that take turns fit it, and two are left. Counterfactual machines say so: one with faster memory, one with faster
// engines.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "../result/scratch_folder.hpp"
#include "cells.hpp"

using namespace cryptopath;
using namespace cryptopath::test;

namespace {

/// Writes models/`name` with `times` the rate at `pointer` into the folder. The copy's path, quoted as JSON.
std::string write_changed(const ScratchFolder& folder, const std::string& name, const std::string& pointer,
                          double times) {
  nlohmann::json model = nlohmann::json::parse(read_file(data_directory() / "models" / name));
  nlohmann::json& rate = model.at(nlohmann::json::json_pointer(pointer));
  const std::string text = rate;
  std::size_t digits = 0;
  const double number = std::stod(text, &digits);
  rate = fmt::format("{:.6f}{}", number * times, text.substr(digits));
  const std::filesystem::path copy = folder / std::filesystem::path(name).filename();
  return nlohmann::json(write_file(copy, model.dump()).string()).dump();
}

/// Table II's cell for a second, with memory and the cards' engines so many times as fast.
Cell with(int threads, const std::string& request, double memory, double engine) {
  const ScratchFolder folder;
  const std::string machine =
      write_changed(folder, "machines/tyan-thunder-hesl-t.json", "/memories/memory/bandwidth/value", memory);
  const std::string card = write_changed(folder, "accelerators/ubsec-5820.json", "/engines/3des-ede-cbc/value", engine);
  std::string cards;
  for (int slot = 1; slot <= 4; ++slot) {
    cards += fmt::format("{}\"slot64-{}\": {}", cards.empty() ? "{" : ", ", slot, card);
  }
  return cell("table-2", threads, request, {{"/machine", machine}, {"/cards", cards + "}"}, {"/duration", "1 s"}});
}

double busiest_card(const Result& result) {
  double most = 0;
  for (const auto& [resource, share] : result.utilization) {
    if (resource.starts_with("ubsec")) most = std::max(most, share);
  }
  return most;
}

}  // namespace

TEST_CASE("with 32 threads and 16 KiB memory is what is short and not the cards") {
  const Cell as_it_was = with(32, "16 KiB", 1, 1);
  // The processor, which copies, is busy all of the time, and for most of it waits for memory. What is left is time for
  // interrupts, switches and copies within the cache, in which the cards' DMA alone is with memory.
  CHECK(as_it_was.result.utilization.at("memory") > 0.7);
  CHECK(busiest_card(as_it_was.result) < 0.75);
  // The article has three writes and three reads. Four 7751 have the writes, since all threads take turns there, and
  // half a one more for the array of iovecs that each call clears.
  const auto times = [](const Cell& cell, const char* bytes) {
    return static_cast<double>(cell.result.counts.at(bytes)) / static_cast<double>(cell.result.payload.count);
  };
  CHECK(times(as_it_was, "memory.write_bytes") == Approx(2.2).margin(0.3));
  CHECK(times(as_it_was, "memory.read_bytes") == Approx(2.2).margin(0.3));
  const Cell four_7751 = cell("table-1", 32, "16 KiB");
  CHECK(times(four_7751, "memory.write_bytes") == Approx(3.5).margin(0.3));

  const double faster_memory = with(32, "16 KiB", 2, 1).rate() / as_it_was.rate();
  const double slower_memory = with(32, "16 KiB", 0.5, 1).rate() / as_it_was.rate();
  const double faster_engines = with(32, "16 KiB", 1, 2).rate() / as_it_was.rate();
  CHECK(faster_memory > 1.2);
  CHECK(slower_memory < 0.75);
  CHECK(faster_engines < 1.12);
  CHECK(faster_memory - 1 > 2 * (faster_engines - 1));
}

TEST_CASE("with one thread and 8 KiB the card is what is waited for and not memory") {
  const Cell as_it_was = with(1, "8 KiB", 1, 1);
  CHECK_THAT(as_it_was.result.bottleneck, Catch::StartsWith("ubsec-5820"));
  CHECK(busiest_card(as_it_was.result) > 0.6);
  CHECK(as_it_was.result.utilization.at("memory") < 0.4);
  CHECK(with(1, "8 KiB", 2, 1).rate() == Approx(as_it_was.rate()).epsilon(0.03));
  CHECK(with(1, "8 KiB", 1, 2).rate() > 1.3 * as_it_was.rate());
}
