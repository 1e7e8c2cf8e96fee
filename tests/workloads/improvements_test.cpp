// What section 6.4 of the article proposes, each as a switch, and what comes of it (Keromytis et al. 2006).
#include <catch2/catch.hpp>

#include "cells.hpp"

using namespace cryptopath;
using namespace cryptopath::test;

TEST_CASE("several requests in one call more than double the rate of small ones") {
  for (const int threads : {1, 32}) {
    INFO(threads << " threads");
    CHECK(cell("batch", threads, "16 B").rate() > 2 * cell("table-2", threads, "16 B").rate());
  }
}

TEST_CASE("one process with eight calls in work does what several processes do with one each") {
  for (const char* size : {"16 B", "1 KiB"}) {
    const double one_call = cell("pending", 1, size, {{"/pending", "1"}}).rate();
    const double four_processes = cell("pending", 4, size, {{"/pending", "1"}}).rate();
    const double eight_calls = cell("pending", 1, size).rate();
    INFO(size << ": " << one_call << ", " << eight_calls << ", by four " << four_processes);
    CHECK(eight_calls > 1.4 * one_call);
    CHECK(eight_calls > 0.75 * four_processes);
  }
}

TEST_CASE("completions in the interrupt spare a thread that waits alone the crypto thread's second turn") {
  const Cell by_thread = cell("table-2", 1, "1 KiB");
  const Cell in_interrupt = cell("table-2", 1, "1 KiB", {{"/completion_in_interrupt", "true"}});
  const auto a_request = [](const Cell& of, const char* count) {
    return static_cast<double>(of.result.counts.at(count)) /
           static_cast<double>(of.result.counts.at("crypto_requests"));
  };
  CHECK(a_request(by_thread, "wakeups") == Approx(3).margin(0.01));
  CHECK(a_request(in_interrupt, "wakeups") == Approx(2).margin(0.01));
  CHECK(a_request(in_interrupt, "process_switches") < a_request(by_thread, "process_switches"));
  CHECK(in_interrupt.rate() > 1.02 * by_thread.rate());
}

TEST_CASE("a second processor that enciphers leaves half of the first one idle at the same rate") {
  const Cell alone = cell("second-processor", 4, "8 KiB", {{"/second_processor", "false"}});
  const Cell beside = cell("second-processor", 4, "8 KiB");
  INFO(alone.rate() << " alone, " << beside.rate());
  CHECK(beside.rate() == Approx(alone.rate()).epsilon(0.05));
  CHECK(alone.share("cpu.idle_ns") == 0);
  CHECK(beside.share("cpu.idle_ns") > 0.4);
  CHECK(beside.result.bottleneck == "crypto-processor");
}

TEST_CASE("a MAC by a card beside a cipher in software is faster than both in software for large requests only") {
  const auto gain = [](const char* size) {
    return cell("chained-producers", 4, size).rate() /
           cell("chained-producers", 4, size, {{"/chain_producers", "false"}}).rate();
  };
  CHECK(gain("64 B") < 0.8);
  CHECK(gain("8 KiB") > 1.2);
}

TEST_CASE("mapping pages in place of copying them takes the load off the processor and leaves it to card and bus") {
  const Cell copied = cell("table-2", 32, "16 KiB");
  const Cell mapped = cell("page-flipping", 32, "16 KiB");
  CHECK(copied.result.bottleneck == "cpu0");
  CHECK(mapped.result.bottleneck != "cpu0");
  CHECK(mapped.share("cpu.idle_ns") > 0.5);
  CHECK(mapped.rate() > 1.3 * copied.rate());
  CHECK(cell("page-flipping", 32, "1 KiB").rate() ==
        Approx(cell("table-2", 32, "1 KiB", {{"/duration", "200 ms"}}).rate()));
}

TEST_CASE("a single thread is better served by software up to a quarter of a KiB and from half a KiB on by a 5820") {
  const auto rate = [](const std::string& size, const char* threshold) {
    return cell("software-below", 1, size, {{"/software_below", threshold}}).rate();
  };
  for (const char* size : {"16 B", "64 B", "128 B", "256 B"}) {
    INFO(size);
    CHECK(rate(size, "512 B") > rate(size, "1 B"));
  }
  CHECK(rate("512 B", "1 KiB") < rate("512 B", "1 B"));
}

TEST_CASE("sessions go by the cards' rated speed or requests by pending work where the cards are unequal") {
  const Cell by_sessions = cell("unequal-cards", 3, "8 KiB");
  CHECK(by_sessions.result.utilization.at("hifn-7751") > 0.5);
  const Cell by_speed = cell("unequal-cards-rated-speed", 3, "8 KiB");
  CHECK(by_speed.result.utilization.at("hifn-7751") == 0);
  CHECK(by_speed.result.utilization.at("ubsec-5820") > 0.9);
  // Of many threads, which of them take turns decides how much a session with the faster card is worth.
  const auto rate = [](const char* name, int threads) {
    double sum = 0;
    for (const char* seed : {"1", "2", "3"}) sum += cell(name, threads, "1 KiB", {{"/seed", seed}}).rate();
    return sum / 3;
  };
  CHECK(rate("unequal-cards-rated-speed", 3) > 1.2 * rate("unequal-cards", 3));
  CHECK(rate("unequal-cards-pending-work", 3) > 1.2 * rate("unequal-cards", 3));
  CHECK(rate("unequal-cards-pending-work", 32) > 1.07 * rate("unequal-cards", 32));
}

TEST_CASE("cipher and MAC in one request do more than by a request each") {
  for (const char* size : {"1 KiB", "16 KiB"}) {
    const Cell together = cell("cipher-and-mac", 1, size);
    const Cell apart = cell("mac-apart", 1, size);
    INFO(size << ": " << together.rate() << ", apart " << apart.rate());
    CHECK(together.rate() > 1.4 * apart.rate());
    CHECK(together.rate() < 2.5 * apart.rate());
  }
}

TEST_CASE("a MAC apart is a request of its own, of which only the MAC comes back") {
  // One thread; at each end of the window the half of a pair may be in it.
  const Cell apart = cell("mac-apart", 1, "1 KiB");
  const double pairs = static_cast<double>(apart.result.payload.count) / 1024;
  const auto a_pair = [&](const char* count) { return static_cast<double>(apart.result.counts.at(count)) / pairs; };
  CHECK(a_pair("crypto_requests") == Approx(2).margin(0.01));
  CHECK(a_pair("system_calls") == Approx(2).margin(0.01));
  CHECK(a_pair("interrupts") == Approx(2).margin(0.01));
  CHECK(a_pair("copied_bytes.user_to_kernel") == Approx(2 * 1024).epsilon(0.05));
  CHECK(a_pair("copied_bytes.kernel_to_user") == Approx(1024 + 12).epsilon(0.01));
  CHECK(a_pair("dma_bytes.device_to_host") == Approx(1024 + 12).epsilon(0.01));
}
