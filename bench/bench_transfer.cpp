// A transfer of a real file of 100 MB by both paths with real payload and 3DES, as a user runs it, against bare EVP
// over the same bytes: 200 MB, since each path enciphers each byte once. Goals: times_bare_evp of at most 1.15, and
// peak_memory_MB below 100.
//
// The two sides do not use the same processors. Bare EVP is one thread that only enciphers. The program simulates the
// two paths in two processes side by side, and in each of them a second thread has GnuTLS decipher the whole wire and
// compares it with the file; HMAC-SHA1 and SHA-256 come on top. So times_bare_evp is what a user waits and falls with
// the number of processors, while the ratio of processor time, cpu_times_bare_ciphers, is against what bare EVP and
// bare GnuTLS decryption take together, and does not. Half of bare EVP runs before the program and half after it.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>
#include <vector>

#include "bare_ciphers.hpp"
#include "cryptopath/scenario.hpp"
#include "process_watch.hpp"

namespace {

using namespace cryptopath;
namespace fs = std::filesystem;

constexpr std::size_t file_size = 100'000'000;

/// A folder that goes with all it holds.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "cryptopath-bench-XXXXXX").string();
    ensure(mkdtemp(name.data()) != nullptr, "no temporary folder can be made");
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::vector<std::byte> write_file(const fs::path& path) {
  std::vector<std::byte> bytes(file_size);
  std::mt19937_64 random(1);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  file.close();
  ensure(file.good(), "the file to send cannot be written");
  return bytes;
}

/// Whether the program did all of the work that its time is taken for.
void check_result(const fs::path& json) {
  std::ifstream file(json);
  const nlohmann::json runs = nlohmann::json::parse(file).at("runs");
  ensure(runs.size() == 2, "the scenario does not have two paths");
  for (const nlohmann::json& run : runs) {
    ensure(run.at("payload_bytes") == file_size, "a path did not send the file");
    ensure(!run.at("wire").at("verified_by").get<std::string>().empty(), "a wire was not verified");
    ensure(run.at("wire").at("sha256") == runs[0].at("wire").at("sha256"), "the paths left different wires");
  }
}

void measure(benchmark::State& state, const fs::path& folder, const std::vector<std::byte>& bytes) {
  const std::string result = (folder / "result.json").string();
  const std::vector<std::string> command = {CRYPTOPATH_PROGRAM,
                                            "run",
                                            (data_directory() / "scenarios/shortcut/transfer.json").string(),
                                            "--file",
                                            (folder / "file").string(),
                                            "--json",
                                            result,
                                            "--quiet"};
  std::vector<std::string> modelled = command;
  modelled.insert(modelled.end(), {"--set", "/payload=modelled"});
  for ([[maybe_unused]] auto iteration : state) {
    bench::Took evp = bench::encrypt_with_evp(bytes);
    const bench::ProcessUse program = bench::run_program(command);
    check_result(result);
    evp += bench::encrypt_with_evp(bytes);
    const bench::Took gnutls = bench::decrypt_with_gnutls(2 * bytes.size());
    const bench::ProcessUse simulator = bench::run_program(modelled);

    state.SetIterationTime(program.seconds);
    state.counters["bare_evp_seconds"] = evp.seconds;
    state.counters["times_bare_evp"] = program.seconds / evp.seconds;
    state.counters["cpu_seconds"] = program.cpu_seconds;
    state.counters["cpu_times_bare_ciphers"] = program.cpu_seconds / (evp.cpu_seconds + gnutls.cpu_seconds);
    state.counters["simulator_share_of_cpu"] = simulator.cpu_seconds / program.cpu_seconds;
    state.counters["peak_memory_MB"] = static_cast<double>(program.peak_memory_bytes) / 1e6;
    state.counters["processors"] = static_cast<double>(std::thread::hardware_concurrency());
  }
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  try {
    const TemporaryFolder folder;
    const std::vector<std::byte> bytes = write_file(folder.path() / "file");
    benchmark::RegisterBenchmark("transfer of 100 MB by both paths",
                                 [&](benchmark::State& state) { measure(state, folder.path(), bytes); })
        ->UseManualTime()
        ->Iterations(1)
        ->Repetitions(3)
        ->ReportAggregatesOnly()
        ->Unit(benchmark::kSecond);
    benchmark::RunSpecifiedBenchmarks();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
