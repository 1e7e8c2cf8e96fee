// Whole runs: what is the same with and without bytes and with both ways of protecting them, and what a run that cannot
// end says.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>

#include "cryptopath/simulate.hpp"
#include "example_host.hpp"
#include "in_child.hpp"
#include "latency_record.hpp"

using namespace cryptopath;
using namespace cryptopath::test;
using namespace cryptopath::literals;

namespace {

using Kind = Step::Kind;

Step step(Kind kind, std::vector<Step> steps = {}) { return {kind, Bytes(0), std::move(steps)}; }

std::vector<Step> through_dev_crypto() {
  return {
      step(Kind::open_file),
      step(Kind::open_crypto),
      step(Kind::create_session),
      step(Kind::repeat_until_end_of_file, {step(Kind::read), step(Kind::frame), step(Kind::crypt), step(Kind::write)}),
      step(Kind::free_session),
      step(Kind::close_file),
      step(Kind::close_socket)};
}

std::vector<Step> in_the_kernel() {
  return {step(Kind::open_file), step(Kind::set_so_crypt), step(Kind::sendfile), step(Kind::close_file),
          step(Kind::close_socket)};
}

RunSpec spec(std::vector<Step> steps, Payload payload = Payload::modelled) {
  HostModels models;
  models.kernel.system_call = models.kernel.process_switch = models.kernel.wakeup = 1_us;
  models.kernel.interrupt = 4_us;
  RunSpec run;
  run.program.name = "path";
  run.program.steps = std::move(steps);
  run.machine = std::make_shared<Machine>(example_machine(models));
  run.kernel = models.kernel;
  run.software_ciphers = models.ciphers;
  run.format = {Protocol::tls_1_2, Suite::triple_des_cbc_hmac_sha1};
  run.file.size = 50'000_B;
  run.buffer = 8_KiB;
  run.payload = payload;
  run.time_limit = limits::simulated_time;
  return run;
}

Result simulate_with_session(const RunSpec& run) {
  return simulate(run, run.payload == Payload::real ? handshake(run.format, 1) : Session{});
}

/// Elapsed time and all counts, as text.
std::string time_and_counts(const RunSpec& run) {
  return in_child([&run] {
    const Result result = simulate_with_session(run);
    std::string text = to_string(result.elapsed);
    for (const auto& [name, count] : result.counts) text += "\n" + name + " " + std::to_string(count);
    return text;
  });
}

std::string wire_of(const RunSpec& run) {
  return in_child([&run] {
    const Result result = simulate_with_session(run);
    ensure(result.wire.verified_by.starts_with("GnuTLS"), "nobody has verified the wire");
    return result.wire.sha256 + " " + result.wire.plaintext_sha256;
  });
}

}  // namespace

TEST_CASE("A modelled payload takes the same time and counts as a real one") {
  for (const auto& steps : {through_dev_crypto(), in_the_kernel()}) {
    CHECK(time_and_counts(spec(steps, Payload::modelled)) == time_and_counts(spec(steps, Payload::real)));
  }
}

TEST_CASE("A run repeats bit for bit") {
  CHECK(time_and_counts(spec(through_dev_crypto())) == time_and_counts(spec(through_dev_crypto())));
}

TEST_CASE("Both ways leave the same wire") {
  CHECK(wire_of(spec(through_dev_crypto(), Payload::real)) == wire_of(spec(in_the_kernel(), Payload::real)));
}

TEST_CASE("A run that cannot end says who waits for what") {
  std::vector<Step> unclosed = in_the_kernel();
  unclosed.pop_back();
  CHECK_THROWS_AS(time_and_counts(spec(unclosed)), Fault);
  CHECK_THROWS_WITH(time_and_counts(spec(unclosed)), Catch::Contains("ended with work outstanding: path has exited") &&
                                                         Catch::Contains("crypto sleeps on \"crypto_wait\""));
  // Without a window nothing leaves, and the process waits for room in the send buffer.
  HostModels models;
  models.wire.peer_receive_window = 0_B;
  RunSpec run = spec(in_the_kernel());
  run.machine = std::make_shared<Machine>(example_machine(models));
  CHECK_THROWS_WITH(time_and_counts(run), Catch::Contains("path sleeps on \"netio\""));
}

TEST_CASE("A file that is not what it was when the scenario was loaded is bad input") {
  RunSpec run = spec(in_the_kernel(), Payload::real);
  run.file.path = std::filesystem::temp_directory_path() / ("cryptopath-world-test-" + std::to_string(::getpid()));
  std::ofstream(*run.file.path) << std::string(50'000, 'x');
  run.file.version = version_of(*run.file.path);
  CHECK_NOTHROW(wire_of(run));
  std::filesystem::last_write_time(*run.file.path,
                                   std::filesystem::file_time_type::clock::now() - std::chrono::hours(1));
  CHECK_THROWS_AS(wire_of(run), InputError);
  CHECK_THROWS_WITH(wire_of(run),
                    Catch::EndsWith("was changed while it was read; a file that stays the same would do"));
  std::filesystem::remove(*run.file.path);
}

TEST_CASE("A run over its limit of simulated time is bad input") {
  RunSpec run = spec(in_the_kernel());
  run.time_limit = 100_us;
  CHECK_THROWS_AS(time_and_counts(run), InputError);
}

TEST_CASE("Percentiles of latencies are the nearest rank") {
  sim::LatencyRecord none;
  CHECK(none.percentiles().p50 == 0_ns);
  sim::LatencyRecord two;
  two.add(2_ns);
  two.add(1_ns);
  CHECK(two.percentiles().p50 == 1_ns);
  CHECK(two.percentiles().p99 == 2_ns);
  sim::LatencyRecord hundred;
  for (std::int64_t i = 100; i > 0; --i) hundred.add(Nanoseconds(i));
  CHECK(hundred.percentiles().p50 == 50_ns);
  CHECK(hundred.percentiles().p99 == 99_ns);
}

TEST_CASE("Latencies beyond what is kept are thinned evenly") {
  sim::LatencyRecord many;
  constexpr std::int64_t count = 1'000'000;
  for (std::int64_t i = 1; i <= count; ++i) many.add(Nanoseconds(i));
  CHECK(static_cast<double>(many.percentiles().p50.count) == Approx(count / 2).epsilon(0.001));
  CHECK(static_cast<double>(many.percentiles().p99.count) == Approx(count * 0.99).epsilon(0.001));
}
