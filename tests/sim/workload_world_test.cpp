// Whole workloads: what one thread takes by hand, and what threads that share a card come to.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "cryptopath/workload.hpp"
#include "example_host.hpp"
#include "in_child.hpp"

using namespace cryptopath;
using namespace cryptopath::test;
using namespace cryptopath::literals;

namespace {

HostModels with_costs() {
  HostModels models;
  models.kernel.system_call = models.kernel.wakeup = 500_ns;
  models.kernel.process_switch = 1000_ns;
  models.kernel.crypto_dispatch = 400_ns;
  models.kernel.crypto_callback = 600_ns;
  models.kernel.engine_call = 300_ns;
  models.kernel.kernel_malloc = 700_ns;
  models.kernel.malloc_free_lists = 8_KiB;
  models.kernel.malloc_page = 900_ns;
  models.kernel.crypto_iovecs = 8_KiB;
  models.processor.copy = {1};
  models.card.sessions = 16;
  models.processor.zero = {0.25};
  models.ciphers["null"] = {{1}, Cycles(1000)};  // at 1 GHz a nanosecond a cycle
  return models;
}

WorkloadSpec cell_of(const HostModels& models, const std::string& algorithm, std::int64_t threads, Bytes request) {
  WorkloadSpec cell;
  cell.machine = std::make_shared<Machine>(example_machine(models));
  cell.kernel = models.kernel;
  cell.software_ciphers = models.ciphers;
  cell.payload = Payload::modelled;
  cell.time_limit = limits::simulated_time;
  cell.algorithm = algorithm;
  cell.threads = threads;
  cell.request = request;
  cell.warm_up = 5_ms;
  cell.duration = 100_ms;
  return cell;
}

Result run_cell(const WorkloadSpec& cell) {
  return result_from_json(nlohmann::json::parse(in_child([&cell] { return to_json(simulate(cell)).dump(); })));
}

}  // namespace

TEST_CASE("A thread on a null cipher takes the sum of its parts") {
  HostModels models = with_costs();
  models.cards = 0;
  for (const Bytes size : {1_KiB, 16_KiB}) {
    INFO(size.count << " B");
    constexpr std::int64_t requests = 1000;
    constexpr std::int64_t user = 300;
    constexpr std::int64_t arguments = 28 + 8;  // struct crypt_op and the IV
    // Pages that are mapped are others each time, for which the cache writes earlier ones back, at 8 B/ns.
    const std::int64_t mapped = size > models.kernel.malloc_free_lists ? 4 * 900 + size.count / 8 : 0;
    const std::int64_t kernel = 500 + arguments + 8192 / 4 + 700 + mapped + 2 * size.count + 400 + 500;
    const std::int64_t thread = 400 + 1000 + size.count + 600 + 500;
    constexpr std::int64_t switches = 2 * 1000;
    const std::int64_t period = user + kernel + thread + switches;
    WorkloadSpec cell = cell_of(models, "null", 1, size);
    cell.duration = Nanoseconds(requests * period);
    const Result result = run_cell(cell);
    CHECK(result.latency.p50.count == period);
    CHECK(result.latency.p99.count == period);
    CHECK(result.payload == size * requests);
    CHECK(result.elapsed == cell.duration);
    // So many periods are so many of each act, wherever in one the window begins.
    CHECK(result.counts.at("crypto_requests") == requests);
    CHECK(result.counts.at("system_calls") == requests);
    CHECK(result.counts.at("mode_crossings") == 2 * requests);
    CHECK(result.counts.at("copies.user_to_kernel") == requests);
    CHECK(result.counts.at("process_switches") == 2 * requests);
    CHECK(result.counts.at("interrupts") == 0);
    CHECK(result.counts.at("cpu.user_ns") == requests * user);
    CHECK(result.counts.at("cpu.kernel_ns") == requests * kernel);
    CHECK(result.counts.at("cpu.crypto_thread_ns") == requests * thread);
    CHECK(result.counts.at("cpu.switch_ns") == requests * switches);
    CHECK(result.counts.at("cpu.idle_ns") == 0);
    CHECK(result.utilization.at("cpu0") == 1);
    CHECK(result.bottleneck == "cpu0");
  }
}

TEST_CASE("Two threads keep a card busy that one leaves idle and more add nothing") {
  const auto rate = [](std::int64_t threads) {
    const Result result = run_cell(cell_of(with_costs(), cipher_name, threads, 8_KiB));
    for (const auto& [resource, share] : result.utilization) {
      INFO(resource << " with " << threads << " threads");
      CHECK(share >= 0);
      CHECK(share <= 1);
    }
    if (threads > 1) {
      CHECK(result.bottleneck == "card0");
      CHECK(result.utilization.at("card0") == Approx(1).epsilon(0.001));
      // Each waits for all the others.
      CHECK(static_cast<double>(result.latency.p50.count) == Approx(threads * 81'920).epsilon(0.01));
    }
    return result.throughput_mbit_s();
  };
  constexpr double engine = 800;  // Mbit/s
  const double one = rate(1);
  const double two = rate(2);
  CHECK(one < 0.8 * engine);
  CHECK(two == Approx(engine).epsilon(0.01));
  CHECK(rate(4) == Approx(engine).epsilon(0.01));
  CHECK(rate(16) == Approx(engine).epsilon(0.01));
}

TEST_CASE("A bus that limits is used all of the time and no more but for what was under way when the window began") {
  HostModels models = with_costs();
  models.card.engines[cipher_name] = 80'000_Mbit_s;
  models.card.fetch_ahead = 3;
  models.processor.copy = {0};
  for (const Nanoseconds duration : {1_ms, 100_ms}) {
    WorkloadSpec cell = cell_of(models, cipher_name, 4, 64'000_B);  // the rings hold four of 16 pages
    cell.duration = duration;
    const Result result = run_cell(cell);
    CHECK(result.bottleneck == "pci0");
    CHECK(result.utilization.at("pci0") > 0.9);
    // A transfer's load counts when it ends. At the beginning one to the card and one from it may be under way.
    const double begun_before = 2 * 64'000 / static_cast<double>(duration.count);
    CHECK(result.utilization.at("pci0") <= 1 + begun_before);
  }
}

TEST_CASE("A window twice as long counts twice as much") {
  WorkloadSpec cell = cell_of(with_costs(), cipher_name, 4, 8_KiB);
  const Result once = run_cell(cell);
  cell.duration = cell.duration * 2;
  const Result twice = run_cell(cell);
  for (const char* name : {"crypto_requests", "interrupts", "system_calls", "dma.host_to_device"}) {
    INFO(name);
    CHECK(std::abs(twice.counts.at(name) - 2 * once.counts.at(name)) <= 4);
    CHECK(std::abs(once.counts.at(name) - once.payload.count / 8192) <= 4);
  }
}

TEST_CASE("Cards that share an interrupt line are both asked at each interrupt") {
  const auto handler_time = [](const std::string& line) {
    HostModels models;
    models.cards = 2;
    models.card_interrupt = line;
    models.kernel.device_register_read = 100_ns;
    const Result result = run_cell(cell_of(models, cipher_name, 2, 8_KiB));
    return static_cast<double>(result.counts.at("cpu.interrupt_ns")) /
           static_cast<double>(result.counts.at("interrupts"));
  };
  // A read is a cycle of the bus, 8 ns, beside that, and two where it shares the bus with the other card's DMA.
  const double alone = handler_time("");
  CHECK(alone == Approx(112).margin(5));
  CHECK(handler_time("irq 11") == Approx(2 * alone).epsilon(0.05));
}

TEST_CASE("A cell whose request or session the kernel refuses has the errno and no rate") {
  const auto refused = [](const std::string& algorithm, Bytes request) {
    const Result result = run_cell(cell_of(with_costs(), algorithm, 2, request));
    CHECK(result.path == "2 threads, " + to_string(request));
    CHECK(result.payload == 0_B);
    CHECK(result.counts.empty());
    CHECK_THAT(result.refusal, Catch::Contains("(" + result.errno_name + ")"));
    return result.errno_name;
  };
  CHECK(refused(cipher_name, 1001_B) == "EINVAL");
  CHECK(refused(cipher_name, Bytes(262'144)) == "E2BIG");
  CHECK(refused("aes-128-gcm", 1024_B) == "EINVAL");
  for (const std::int64_t pending : {1, 2}) {
    WorkloadSpec cell = cell_of(with_costs(), cipher_name, 2, 1_KiB);
    cell.pending = pending;
    cell.key_length = 23_B;
    const Result result = run_cell(cell);
    CHECK(result.errno_name == "EINVAL");
    CHECK_THAT(result.refusal, Catch::EndsWith("has a key of 24 B and not of 23 B (EINVAL)"));
  }
}

TEST_CASE("A call of several requests is one call and as many requests") {
  WorkloadSpec cell = cell_of(with_costs(), cipher_name, 2, 1_KiB);
  cell.batch = 4;
  const Result result = run_cell(cell);
  const auto& counts = result.counts;
  CHECK(std::abs(counts.at("crypto_requests") - 4 * counts.at("system_calls")) <= 8);
  CHECK(std::abs(counts.at("copies.user_to_kernel") - counts.at("system_calls")) <= 2);
  CHECK(std::abs(result.payload.count / 1024 - counts.at("crypto_requests")) <= 8);
}

TEST_CASE("Where pages are mapped nothing is copied and each of them costs its time twice") {
  HostModels models = with_costs();
  models.cards = 0;
  for (const Bytes size : {4_KiB, 8_KiB}) {
    INFO(size.count << " B");
    constexpr std::int64_t requests = 1000;
    const auto kernel_time = [&](bool maps) {
      WorkloadSpec cell = cell_of(models, "null", 1, size);
      if (maps) cell.kernel.page_flipping_from = 8_KiB;
      const std::int64_t arguments = 28 + 8;  // struct crypt_op and the IV
      const bool copies = !maps || size < 8_KiB;
      const std::int64_t data = copies ? 700 + 2 * size.count : 2 * 900 * (size.count / 4096);
      const std::int64_t kernel = 500 + arguments + 8192 / 4 + data + 400 + 500;
      cell.duration = Nanoseconds(requests * (300 + kernel + 400 + 1000 + size.count + 600 + 500 + 2 * 1000));
      const Result result = run_cell(cell);
      CHECK(result.counts.at("copies.user_to_kernel") == (copies ? requests : 0));
      CHECK(result.counts.at("copies.kernel_to_user") == (copies ? requests : 0));
      CHECK(result.counts.at("cpu.kernel_ns") == requests * kernel);
      return result.counts.at("cpu.kernel_ns");
    };
    CHECK((kernel_time(true) < kernel_time(false)) == (size == 8_KiB));
  }
}

TEST_CASE("Requests below a threshold are the software's whatever card the session is with") {
  const auto interrupts = [](Bytes threshold, bool allow_software) {
    WorkloadSpec cell = cell_of(with_costs(), cipher_name, 2, 1_KiB);
    cell.kernel.software_below = threshold;
    cell.allow_software = allow_software;
    const Result result = run_cell(cell);
    CHECK(result.counts.at("crypto_requests") > 100);
    return result.counts.at("interrupts");
  };
  CHECK(interrupts(1_KiB, true) > 100);
  CHECK(interrupts(1025_B, true) == 0);
  CHECK(interrupts(1025_B, false) > 100);
}

TEST_CASE("By pending work the requests of one session are with all cards and by sessions with one") {
  const auto used = [](CryptoBalance balance, Nanoseconds ejection) {
    HostModels models = with_costs();
    models.cards = 2;
    WorkloadSpec cell = cell_of(models, cipher_name, 1, 8_KiB);
    cell.batch = 8;
    cell.kernel.crypto_balance = balance;
    cell.ejections[cell.machine->find("card1")] = ejection;
    const Result result = run_cell(cell);
    CHECK(result.counts.at("crypto_migrations") <= 1);
    return std::pair(result.utilization.at("card0"), result.utilization.at("card1"));
  };
  const auto one = used(CryptoBalance::sessions, 10'000_ms);
  CHECK(std::min(one.first, one.second) == 0);
  const auto both = used(CryptoBalance::pending_work, 10'000_ms);
  CHECK(both.first == Approx(both.second).epsilon(0.05));
  CHECK(both.first + both.second > 1.2 * (one.first + one.second));
  const auto until_it_left = used(CryptoBalance::pending_work, 55_ms);
  CHECK(until_it_left.second == Approx(both.second / 2).epsilon(0.05));
  CHECK(until_it_left.first > both.first);
}

TEST_CASE("A session that is open with all cards takes room on each and leaves none taken") {
  HostModels models = with_costs();
  models.cards = 2;
  models.card.sessions = 2;
  const auto error = [&models](std::int64_t threads, CryptoBalance balance) {
    WorkloadSpec cell = cell_of(models, cipher_name, threads, 1_KiB);
    cell.allow_software = false;
    cell.kernel.crypto_balance = balance;
    return run_cell(cell).errno_name;
  };
  CHECK(error(4, CryptoBalance::sessions).empty());
  CHECK(error(5, CryptoBalance::sessions) == "ENOMEM");
  CHECK(error(2, CryptoBalance::pending_work).empty());
  CHECK(error(3, CryptoBalance::pending_work) == "ENOMEM");
}

TEST_CASE("Processes that encipher themselves share the processor with a hog that only computes") {
  HostModels models = with_costs();
  models.cards = 0;
  models.kernel.quantum = 1_ms;
  for (const std::int64_t threads : {1, 3, 9}) {
    WorkloadSpec cell = cell_of(models, "null", threads, 10_KiB);
    cell.provider = Provider::user;
    cell.hog = true;
    cell.duration = 3000_ms;
    const Result result = run_cell(cell);
    INFO(threads << " threads");
    // Each gets a turn of 1 ms and 1 us of switching; the hog needs 3000 of them. Priorities age by samples: with ten
    // processes 0.89 to 1.12 of it, by the seed.
    const double turns = 3000.0 * static_cast<double>(threads + 1);
    CHECK(static_cast<double>(result.elapsed.count) == Approx(turns * 1.001e6).epsilon(0.15));
    // 300 + 1000 + 10,240 cycles a request of 1 ns each.
    const double requests = static_cast<double>(result.payload.count) / (10 * 1024);
    CHECK(requests == Approx((static_cast<double>(result.elapsed.count) / 1.001 - 3e9) / 11'540).epsilon(0.02));
    CHECK(result.counts.at("system_calls") == 0);
    CHECK(result.counts.at("crypto_requests") == 0);
    CHECK(result.counts.at("cpu.kernel_ns") == 0);
    CHECK(result.counts.at("cpu.idle_ns") == 0);
  }
}

TEST_CASE("When a card leaves its sessions go on in software and where that is barred the cell has the errno") {
  WorkloadSpec cell = cell_of(with_costs(), cipher_name, 1, 1_KiB);
  cell.ejections[cell.machine->find("card0")] = 50_ms;
  const Result moved = run_cell(cell);
  CHECK(moved.counts.at("crypto_migrations") == 1);
  CHECK(moved.errno_name.empty());
  cell.allow_software = false;
  CHECK(run_cell(cell).errno_name == "EINVAL");
  cell.ejections.clear();
  CHECK(run_cell(cell).errno_name.empty());
}

TEST_CASE("An algorithm that leaves a card moves the sessions for it as the card's own leaving does") {
  HostModels models = with_costs();
  models.cards = 2;
  WorkloadSpec cell = cell_of(models, cipher_name, 6, 8_KiB);
  cell.allow_software = false;
  const auto first = cell.machine->find("card0");
  cell.ejections[first] = 50_ms;
  const Result ejected = run_cell(cell);
  cell.ejections.clear();
  cell.deregistrations[first][cipher_name] = 50_ms;
  const Result moved = run_cell(cell);
  CHECK(moved.counts.at("crypto_migrations") == 3);
  CHECK(moved.errno_name.empty());
  CHECK(moved.utilization.at("card0") == Approx(0.45).margin(0.02));  // 45 ms of 100
  CHECK(moved.utilization.at("card1") > 0.99);
  CHECK(moved.counts == ejected.counts);
  cell.deregistrations[cell.machine->find("card1")][cipher_name] = 60_ms;
  CHECK(run_cell(cell).errno_name == "EINVAL");
}

TEST_CASE("A card that was to leave when a hog had already ended is a remark") {
  WorkloadSpec cell = cell_of(with_costs(), cipher_name, 1, 8_KiB);
  cell.hog = true;
  cell.ejections[cell.machine->find("card0")] = 50_ms;
  CHECK(run_cell(cell).remarks.empty());
  cell.ejections.begin()->second = 1000_ms;
  const Result late = run_cell(cell);
  CHECK(late.counts.at("crypto_migrations") == 0);
  CHECK(late.errno_name.empty());
  REQUIRE(late.remarks.size() == 1);
  CHECK(late.remarks.front() == "card0 was to leave after 1 s, when what is measured had ended after " +
                                    to_string(cell.warm_up + late.elapsed));
  cell.ejections.clear();
  cell.deregistrations[cell.machine->find("card0")][cipher_name] = 1000_ms;
  CHECK_THAT(run_cell(cell).remarks.at(0), Catch::StartsWith("card0 was to lose 3des-ede-cbc-hmac-sha1 after 1 s, "));
}

TEST_CASE("A hog takes what threads that wait for a card leave idle") {
  WorkloadSpec cell = cell_of(with_costs(), cipher_name, 4, 8_KiB);
  const Result without = run_cell(cell);
  cell.hog = true;
  const Result beside = run_cell(cell);
  CHECK(beside.throughput_mbit_s() == Approx(without.throughput_mbit_s()).epsilon(0.01));
  CHECK(beside.counts.at("cpu.idle_ns") == 0);
  CHECK(beside.elapsed > cell.duration);
  const double left = static_cast<double>(without.counts.at("cpu.idle_ns")) / static_cast<double>(cell.duration.count);
  CHECK(static_cast<double>(cell.duration.count) / static_cast<double>(beside.elapsed.count) ==
        Approx(left).epsilon(0.1));
}

namespace {

WorkloadSpec of_public_keys(PublicKeyLoad load, std::int64_t threads) {
  HostModels models = with_costs();
  make_ubsec(models.card);
  models.card.key_engine = {2, 3, 1'024'000_ns, 2048, true, false, Cycles(5000), Cycles(3000)};
  WorkloadSpec cell = cell_of(models, "", threads, 0_B);
  cell.public_key = load;
  return cell;
}

}  // namespace

TEST_CASE("A thread of RSA signatures takes the sum of its parts") {
  const WorkloadSpec cell = of_public_keys({PublicKeyOperation::rsa_sign, 1024, false, {}}, 1);
  constexpr std::int64_t user = 300;
  // struct crypt_kop in and out, three numbers in and one out; that and four more pieces of memory.
  constexpr std::int64_t kernel = 500 + 2 * 80 + 4 * 128 + 5 * 700 + 400 + 500;
  // The thread is switched to, takes the operation over, and reads a register in 8 ns.
  constexpr std::int64_t thread = 1000 + 400 + 5000 + 8;
  // A context of 136 B, operands and the result; the units have 1 us a bit of the exponent.
  constexpr std::int64_t card = 136 + 2 * 128 + 1'024'000 + 128;
  // The handler reads a register and wakes the thread, which is switched to, calls back and wakes the process.
  constexpr std::int64_t back = 8 + 3000 + 500 + 1000 + 600 + 500 + 1000;
  const Result result = run_cell(cell);
  CHECK(result.latency.p50.count == user + kernel + thread + card + back);
  CHECK(result.operations.value() == result.counts.at("crypto_requests"));
  CHECK(result.operations_per_second() == Approx(1e9 / static_cast<double>(result.latency.p50.count)).epsilon(0.02));
  CHECK(result.payload == 0_B);
  CHECK(std::ranges::count(result.checked, "station card0.key1") == 1);
}

TEST_CASE("What the engine hands over has the sizes of each operation's numbers") {
  const auto of = [](PublicKeyOperation operation, bool crt = false) {
    const Result result = run_cell(of_public_keys({operation, 1024, crt, {}}, 1));
    const auto operations = static_cast<double>(result.operations.value());
    // Calls, copies and bytes of an operation, and what a unit works for it in microseconds.
    const double busy = result.utilization.at("card0.key1") + result.utilization.at("card0.key2");
    return std::vector<std::int64_t>{
        std::llround(static_cast<double>(result.counts.at("system_calls")) / operations),
        std::llround(static_cast<double>(result.counts.at("copies.user_to_kernel")) / operations),
        std::llround(static_cast<double>(result.counts.at("copied_bytes.user_to_kernel")) / operations / 4) * 4,
        std::llround(busy * static_cast<double>(result.elapsed.count) / operations / 10'000)};
  };
  using enum PublicKeyOperation;
  CHECK(of(rsa_sign) == Numbers{1, 3, 384, 102});
  CHECK(of(rsa_sign, true) == Numbers{1, 6, 448, 26});
  CHECK(of(rsa_verify) == Numbers{1, 3, 260, 2});  // 128 + 3 + 128
  CHECK(of(dsa_sign) == Numbers{1, 3, 276, 16});
  CHECK(of(dsa_verify) == Numbers{2, 6, 552, 32});
  CHECK(of(diffie_hellman) == Numbers{1, 3, 384, 102});
}

TEST_CASE("Without the last card's exponentiation signatures are ENODEV and those with CRT go on") {
  const auto without_exponentiation = [](bool crt) {
    WorkloadSpec cell = of_public_keys({PublicKeyOperation::rsa_sign, 1024, crt, {}}, 2);
    cell.deregistrations[cell.machine->find("card0")]["modular-exponentiation"] = 50_ms;
    return run_cell(cell).errno_name;
  };
  CHECK(without_exponentiation(false) == "ENODEV");
  CHECK(without_exponentiation(true).empty());
}

TEST_CASE("Public-key operations in the process take its time and no call and share the processor") {
  WorkloadSpec cell = of_public_keys({PublicKeyOperation::rsa_verify, 1024, false, Cycles(50'000)}, 2);
  cell.provider = Provider::user;
  const Result result = run_cell(cell);  // at 1 GHz 50 us each
  CHECK(result.operations_per_second() == Approx(20'000).epsilon(0.01));
  CHECK(result.counts.at("system_calls") == 0);
  CHECK(result.counts.at("cpu.user_ns") == Approx(1e8).epsilon(0.01));
}
