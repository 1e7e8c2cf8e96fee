// What Keromytis et al. 2006, sections 5.2 to 5.4, give and say of the crypto framework under load, as direction and
// rough size.
#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>

#include "cells.hpp"

using namespace cryptopath;
using namespace cryptopath::test;

TEST_CASE("every given cell of tables I and II is met within five percent by one set of models") {
  int given = 0;
  for (const char* name : {"table-1", "table-2"}) {
    const Workload table = workload(name, {});
    for (const WorkloadSpec& spec : table.cells) {
      if (!published_rate(table, spec)) continue;
      ++given;
      const Cell one = simulated(table, spec);
      INFO(name << ": " << one.result.path << ": " << one.rate() << " for " << *one.published);
      CHECK(std::abs(one.rate() / *one.published - 1) <= 0.05);
    }
  }
  CHECK(given == 11);
}

TEST_CASE("with seeds that nothing was fitted with every given cell is met within five percent") {
  for (const char* name : {"table-1", "table-2"}) {
    const Workload table = workload(name, {});
    for (WorkloadSpec spec : table.cells) {
      const std::optional<double> published = published_rate(table, spec);
      if (!published) continue;
      for (spec.seed = 5; spec.seed <= 8; ++spec.seed) {
        const double rate = simulated(table, spec).rate();
        INFO(name << ", seed " << spec.seed << ": " << name_of(spec) << ": " << rate << " for " << *published);
        CHECK(std::abs(rate / *published - 1) <= 0.05);
      }
    }
  }
}

TEST_CASE("throughput grows with threads and flattens") {
  const Settings fewer = {{"/duration", "100 ms"}};
  double before = 0;
  for (const int threads : {1, 2, 4, 8}) {
    const double rate = cell("table-1", threads, "1 KiB", fewer).rate();
    INFO(threads << " threads: " << rate);
    CHECK(rate > 1.25 * before);
    before = rate;
  }
  const double sixteen = cell("table-1", 16, "1 KiB", fewer).rate();
  CHECK(cell("table-1", 32, "1 KiB", fewer).rate() == Approx(sixteen).epsilon(0.05));
}

TEST_CASE("small requests are bound by the processor and its interrupts and large ones by the card") {
  const Cell small = cell("table-1", 32, "16 B");
  CHECK(small.result.bottleneck == "cpu0");
  CHECK(small.share("cpu.idle_ns") < 0.01);
  CHECK(small.share("cpu.interrupt_ns") > 0.3);
  const Cell large = cell("table-1", 32, "16 KiB");
  // The card's four chips and the segment that they share on it.
  CHECK_THAT(large.result.bottleneck, Catch::StartsWith("quad-7751."));
  CHECK(large.result.utilization.at(large.result.bottleneck) > 0.97);
  CHECK(large.share("cpu.idle_ns") > 0.2);
}

TEST_CASE("requests of 16 KiB spend more time in the kernel than those of 8 KiB and raise fewer interrupts") {
  const Cell eight = cell("table-2", 32, "8 KiB");
  const Cell sixteen = cell("table-2", 32, "16 KiB");
  const auto in_kernel = [](const Cell& each) {
    return 1 - each.share("cpu.user_ns") - each.share("cpu.idle_ns") - each.share("cpu.interrupt_ns");
  };
  CHECK(in_kernel(sixteen) > in_kernel(eight));
  CHECK(sixteen.a_second("interrupts") < 0.75 * eight.a_second("interrupts"));
}

TEST_CASE("completions come in convoys while the kernel copies and one by one where it maps pages instead") {
  // The article: while a buffer is copied out, further requests are completed, and all are handled before any process
  // goes on. Each such batch takes the crypto thread's turn once, and not once each way for every request.
  const auto switches_a_request = [](const char* table, int threads) {
    const Cell one = cell(table, threads, "16 KiB", {{"/duration", "300 ms"}});
    return one.a_second("process_switches") / one.a_second("crypto_requests");
  };
  for (const char* table : {"table-1", "table-2"}) {
    INFO(table);
    CHECK(switches_a_request(table, 1) == Approx(3).epsilon(0.01));
    CHECK(switches_a_request(table, 32) < 2);
  }
  CHECK(switches_a_request("table-2", 8) < 1.5);
  CHECK(switches_a_request("page-flipping", 8) == Approx(3).epsilon(0.01));
}

TEST_CASE("a small-buffer load raises about sixty thousand interrupts a second") {
  // The article: one small buffer benchmark generated over 62,000 a second, after its lines on the card with four 7751.
  for (const char* size : {"16 B", "64 B", "256 B"}) {
    const double quad_7751 = cell("table-1", 32, size).a_second("interrupts");
    const double four_5820 = cell("table-2", 32, size).a_second("interrupts");
    INFO(size << ": quad 7751 " << quad_7751 << ", four 5820 " << four_5820);
    CHECK(quad_7751 > 50'000);
    CHECK(quad_7751 < 75'000);
    CHECK(four_5820 > 45'000);
    CHECK(four_5820 < 75'000);
  }
}

TEST_CASE("hardware loses to software for small requests and wins for large ones") {
  const Settings software = {{"/cards", "{}"}};
  CHECK(cell("table-1", 1, "16 B", software).rate() > 2 * cell("table-1", 1, "16 B").rate());
  CHECK(cell("table-2", 1, "8 KiB").rate() > 2 * cell("table-2", 1, "8 KiB", software).rate());
}

TEST_CASE("DES is as fast as 3DES on a 5820") {
  CHECK(cell("table-2", 1, "8 KiB", {{"/algorithm", "des-cbc"}}).rate() == Approx(cell("table-2", 1, "8 KiB").rate()));
}

TEST_CASE("every card that is shipped carries 3DES at its engine's rate and no more") {
  int cards = 0;
  for (const auto& file : std::filesystem::directory_iterator(data_directory() / "models/accelerators")) {
    const std::string card = file.path().stem();
    const Settings alone = {{"/cards", R"({"slot64-1": ")" + card + "\"}"}, {"/algorithm", "3des-ede-cbc"}};
    const Workload one = workload("null", alone);
    const Machine& machine = *one.cells.front().machine;
    const auto& engines = std::get<AcceleratorModel>(machine.vertex(machine.find(card)).data).engines;
    const auto engine = engines.find("3des-ede-cbc");
    if (engine == engines.end()) continue;
    ++cards;
    const double rate = cell("null", 8, "16 KiB", alone).rate();
    const double rated = static_cast<double>(engine->second.count) * 1e-6;
    INFO(card << ": " << rate << " of " << rated);
    CHECK(rate <= rated);
    CHECK(rate > 0.9 * rated);
  }
  CHECK(cards >= 8);
}

TEST_CASE("a 64-bit card works in a 32-bit slot and is slower there") {
  const auto in_slot = [](const char* slot) {
    return cell("null", 4, "16 KiB",
                {{"/cards", std::string("{\"") + slot + R"(": "ubsec-5820"})"}, {"/algorithm", "3des-ede-cbc"}});
  };
  CHECK(in_slot("slot32-1").rate() < 0.9 * in_slot("slot64-1").rate());
  CHECK(in_slot("slot32-1").rate() > 300);
}

TEST_CASE("it takes several seconds until each of 32 threads has had a turn") {
  // The article: it took several seconds for all 32 threads to start. Those that come from the kernel go first, and a
  // few of them keep the processor busy; a round of 100 ms lets one more in.
  const auto served = [](const char* duration) {
    return cell("table-2", 32, "16 B", {{"/duration", duration}}).result.threads_served;
  };
  CHECK(served("200 ms") < 16);
  CHECK(served("3 s") > 2 * served("200 ms"));
}

TEST_CASE("three 5820 are about as fast as four with 16 KiB") {
  // The article has them slightly faster. It is not the cards that limit.
  CHECK(cell("three-5820", 32, "16 KiB").rate() == Approx(cell("table-2", 32, "16 KiB").rate()).epsilon(0.06));
}

TEST_CASE("the framework without a cipher gives what figure 2 has and peaks with 8 KiB") {
  // Its cost a byte is fitted to the two numbers; that larger requests fall behind again is not.
  CHECK(cell("null", 1, "1 KiB").rate() == Approx(420).epsilon(0.05));
  const double peak = cell("null", 1, "8 KiB").rate();
  CHECK(peak == Approx(600).epsilon(0.05));
  CHECK(cell("null", 1, "16 KiB").rate() < 0.9 * peak);
}

TEST_CASE(
    "a process that only computes slows with the threads beside it where the processor enciphers, and not beside a "
    "7751, and beside a 5820 far less") {
  // The article: with cards the time remains constant, regardless of the number of threads. Beside a card that is busy
  // with two of them it does; beside a fast one not, the less so when the buffers of 24 threads no longer fit into the
  // cache, and copies take twice as long.
  const auto hog = [](const std::string& name, int threads, const char* size = "8 KiB") {
    return static_cast<double>(cell(name, threads, size).result.elapsed.count);
  };
  for (const int threads : {2, 4, 8, 16, 24}) {
    INFO(threads << " threads");
    CHECK(hog("hog-7751", threads) == Approx(hog("hog-7751", 1)).epsilon(0.12));
    if (threads < 24) CHECK(hog("hog-5820", threads) < 1.5 * hog("hog-5820", 1));
    // Small requests take the processor's time and not the card's: with two threads there are three who want all of
    // it, as without a card, and no more however many there are.
    CHECK(hog("hog-5820", threads, "1 KiB") < 2.7 * hog("hog-5820", 1, "1 KiB"));
  }
  for (const char* size : {"1 KiB", "8 KiB", "16 KiB"}) {
    INFO(size);
    CHECK(hog("hog-5820", 24, size) < 3 * hog("hog-5820", 1, size));
  }
  CHECK(hog("hog-user", 24) > 12 * hog("hog-user", 1));
  CHECK(hog("hog-user", 24) > 8 * hog("hog-5820", 24));
}
