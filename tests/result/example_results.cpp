#include "example_results.hpp"

#include <nlohmann/json.hpp>

namespace cryptopath::examples {

Result result(const std::string& path, Nanoseconds elapsed) {
  Result result;
  result.path = path;
  result.elapsed = elapsed;
  result.payload = Bytes(1'000'000);
  result.counts = {{"system_calls", 375},
                   {"mode_crossings", 750},
                   {"process_switches", 246},
                   {"wakeups", 247},
                   {"interrupts", 248},
                   {"copies.kernel_to_user", 246},
                   {"copies.user_to_kernel", 249},
                   {"copies.kernel_to_kernel", 0},
                   {"copies.arguments", 124},
                   {"copied_bytes.kernel_to_user", 2'004'551},
                   {"copied_bytes.user_to_kernel", 2'004'552},
                   {"copied_bytes.kernel_to_kernel", 0},
                   {"dma.host_to_device", 251},
                   {"dma.device_to_host", 123},
                   {"dma.device_to_device", 0},
                   {"dma.acknowledgements", 62},
                   {"dma_bytes.host_to_device", 2'009'102},
                   {"dma_bytes.device_to_host", 1'004'551},
                   {"dma_bytes.device_to_device", 0},
                   {"dma_bytes.acknowledgements", 3348},
                   {"memory.read_bytes", 4'500'000},
                   {"memory.write_bytes", 3'400'000},
                   {"cpu.user_ns", elapsed.count / 10},
                   {"cpu.kernel_ns", elapsed.count / 4},
                   {"cpu.crypto_thread_ns", elapsed.count / 20},
                   {"cpu.interrupt_ns", elapsed.count / 20},
                   {"cpu.switch_ns", elapsed.count / 50},
                   {"cpu.idle_ns", elapsed.count - elapsed.count / 10 - elapsed.count / 4 - 2 * (elapsed.count / 20) -
                                       elapsed.count / 50},
                   {"crypto_requests", 123},
                   {"records", 123},
                   {"tcp_segments", 689},
                   {"paper.copies", 492},
                   {"paper.context_switches", 984},
                   {"paper.dma", 369}};
  result.utilization = {{"cpu0", 0.47}, {"memory", 0.125}, {"vpn1201", 0.9}};
  result.bottleneck = "vpn1201";
  result.latency = {Nanoseconds(850'000), Nanoseconds(1'250'000)};
  result.wire = {Bytes(1'004'551), "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
                 "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210", "GnuTLS 3.7.9"};
  result.checked = {"station vpn1201", "bus memory", "bytes received"};
  return result;
}

Result empty_result(const std::string& path) {
  Result empty = result(path, Nanoseconds(0));
  empty.payload = Bytes(0);
  for (auto& [name, count] : empty.counts) count = 0;
  for (auto& [name, share] : empty.utilization) share = 0;
  empty.bottleneck = "";
  empty.latency = {};
  empty.wire.bytes = Bytes(0);
  return empty;
}

Scenario scenario_of(const std::vector<Result>& results) {
  Scenario scenario;
  scenario.title = "Paths side by side";
  scenario.resolved = std::make_shared<nlohmann::json>(nlohmann::json{{"title", scenario.title}});
  for (const Result& result : results) {
    RunSpec run;
    run.program.name = result.path;
    run.program.protects = !result.path.starts_with("http");
    run.format = {Protocol::tls_1_2, Suite::triple_des_cbc_hmac_sha1};
    run.kernel_name = "openbsd-3.3";
    run.file.size = result.payload;
    run.file.path = "data/some file.bin";
    run.buffer = Bytes(8192);
    run.seed = 7;
    scenario.runs.push_back(run);
  }
  return scenario;
}

}  // namespace cryptopath::examples
