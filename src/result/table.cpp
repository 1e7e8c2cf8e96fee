// What the table says; layout.cpp says how it stands.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <set>

#include "cryptopath/result.hpp"
#include "result/counts.hpp"
#include "result/human.hpp"
#include "result/layout.hpp"
#include "result/subject.hpp"

namespace cryptopath {

namespace {

std::string number(const Result& result, const std::string& name) {
  const auto count = count_of(result, name);
  return count ? grouped(*count) : std::string(no_value);
}

/// "1,221   10.0 MB", the sizes of all rows under each other.
std::string number_and_bytes(const Result& result, const std::string& name, const std::string& bytes_name) {
  const auto bytes = count_of(result, bytes_name);
  return fmt::format("{} {:>9}", number(result, name), bytes ? human(Bytes(*bytes)) : no_value);
}

std::string time_and_share(const Result& result, const std::string& name) {
  const auto time = count_of(result, name);
  if (!time) return std::string(no_value);
  const auto share = processor_share(result, name);
  return fmt::format("{} {:>8}", human(Nanoseconds(*time)), share ? percent(*share) : no_value);
}

std::string bar_and_share(const Result& result, const std::string& resource) {
  const auto found = result.utilization.find(resource);
  if (found == result.utilization.end()) return std::string(no_value);
  constexpr std::size_t length = 10;
  const double share = std::clamp(found->second, 0.0, 1.0);
  const auto full = static_cast<std::size_t>(std::lround(share * length));
  std::string bar;
  for (std::size_t i = 0; i < length; ++i) bar += i < full ? "█" : "·";
  return fmt::format("{} {:>8}", bar, percent(found->second));
}

std::string busiest_of(const Result& result) {
  return result.bottleneck.empty() ? std::string(no_value) : result.bottleneck;
}

std::string gain(const Result& result, const Result& reference) {
  if (&result == &reference || !(reference.throughput_mbit_s() > 0)) return std::string(no_value);
  return fmt::format("{:+.1f} %", gain_percent(result, reference));
}

std::string latency(Nanoseconds time) { return time.count > 0 ? human(time) : std::string(no_value); }

bool protects(const Scenario& scenario, const Result& result) {
  const auto run = std::find_if(scenario.runs.begin(), scenario.runs.end(),
                                [&](const RunSpec& each) { return each.program.name == result.path; });
  return run != scenario.runs.end() && run->program.protects;
}

/// Compares with the first path that protects: the same keys must leave the same wire.
std::string image(const Scenario& scenario, const std::vector<Result>& results, const Result& result) {
  if (result.wire.sha256.empty()) return "not kept";
  if (!protects(scenario, result)) return "in clear";
  const auto first =
      std::find_if(results.begin(), results.end(), [&](const Result& each) { return protects(scenario, each); });
  if (&*first == &result) {
    const auto others =
        std::count_if(results.begin(), results.end(), [&](const Result& each) { return protects(scenario, each); });
    return others > 1 ? "reference" : std::string(no_value);
  }
  return result.wire.sha256 == first->wire.sha256 ? "identical" : "DIFFERENT";
}

std::string or_none(const std::string& text) { return text.empty() ? std::string(no_value) : text; }

class Rows {
 public:
  explicit Rows(const std::vector<Result>& results) : results_(results) {}

  void group(std::string label) { rows_.push_back({std::move(label), {}}); }
  void row(std::string_view label, const std::function<std::string(const Result&)>& cell) {
    Row row{std::string(label), {}};
    for (const Result& result : results_) row.cells.push_back(cell(result));
    rows_.push_back(std::move(row));
  }
  void count(std::string_view label, const std::string& name) {
    row(label, [&](const Result& result) { return number(result, name); });
  }
  void count_and_bytes(std::string_view label, const std::string& name, const std::string& bytes_name) {
    row(label, [&](const Result& result) { return number_and_bytes(result, name, bytes_name); });
  }
  void bytes(std::string_view label, const std::string& name) {
    row(label, [&](const Result& result) {
      const auto count = count_of(result, name);
      return count ? human(Bytes(*count)) : std::string(no_value);
    });
  }
  const std::vector<Row>& rows() const { return rows_; }

 private:
  const std::vector<Result>& results_;
  std::vector<Row> rows_;
};

void add_time(Rows& rows, const std::vector<Result>& results) {
  rows.group("time and throughput");
  rows.row("elapsed", [](const Result& result) { return human(result.elapsed); });
  rows.row("throughput", [](const Result& result) { return rounded(result.throughput_mbit_s()) + " Mbit/s"; });
  rows.row("", [](const Result& result) { return rounded(result.throughput_mbit_s() / 8) + "   MB/s"; });
  rows.row("gain over " + cut(results.front().path, 18),
           [&](const Result& result) { return gain(result, results.front()); });
  rows.row("latency of a buffer, p50", [](const Result& result) { return latency(result.latency.p50); });
  rows.row("latency of a buffer, p99", [](const Result& result) { return latency(result.latency.p99); });
}

void add_counts(Rows& rows) {
  rows.group("as the papers count");
  rows.count("copies", "paper.copies");
  rows.count("context switches", "paper.context_switches");
  rows.count("DMA passes of data", "paper.dma");
  rows.group("copies by the processor (number, bytes)");
  rows.count_and_bytes("kernel to user", "copies.kernel_to_user", "copied_bytes.kernel_to_user");
  rows.count_and_bytes("user to kernel", "copies.user_to_kernel", "copied_bytes.user_to_kernel");
  rows.count_and_bytes("kernel to kernel", "copies.kernel_to_kernel", "copied_bytes.kernel_to_kernel");
  rows.row("arguments, keys and IVs",
           [](const Result& result) { return fmt::format("{} {:>9}", number(result, "copies.arguments"), ""); });
  rows.group("work of the kernel");
  rows.count("system calls", "system_calls");
  rows.count("mode crossings", "mode_crossings");
  rows.count("process switches", "process_switches");
  rows.count("wakeups", "wakeups");
  rows.count("interrupts", "interrupts");
  rows.count("crypto requests", "crypto_requests");
  rows.group("DMA (transfers, bytes)");
  rows.count_and_bytes("data, host to device", "dma.host_to_device", "dma_bytes.host_to_device");
  rows.count_and_bytes("data, device to host", "dma.device_to_host", "dma_bytes.device_to_host");
  rows.count_and_bytes("data, device to device", "dma.device_to_device", "dma_bytes.device_to_device");
  rows.row("acknowledgements to host", [](const Result& result) {
    return number_and_bytes(result, "dma.acknowledgements", "dma_bytes.acknowledgements");
  });
  rows.group("memory traffic");
  rows.bytes("read", "memory.read_bytes");
  rows.bytes("written", "memory.write_bytes");
}

void add_use(Rows& rows, const std::vector<Result>& results) {
  rows.group("processor time (share of all processors)");
  for (const ProcessorClass& each : processor_classes) {
    rows.row(each.label, [&](const Result& result) { return time_and_share(result, each.name); });
  }
  std::set<std::string> resources;
  for (const Result& result : results) {
    for (const auto& [resource, share] : result.utilization) resources.insert(resource);
  }
  rows.group("use of each resource (busy share of the time)");
  for (const std::string& resource : resources) {
    rows.row(resource, [&](const Result& result) { return bar_and_share(result, resource); });
  }
  rows.row("busiest resource", busiest_of);
}

void add_wire(Rows& rows, const Scenario& scenario, const std::vector<Result>& results) {
  rows.group("on the wire");
  rows.row("bytes", [](const Result& result) { return grouped(result.wire.bytes.count); });
  rows.count("records", "records");
  rows.count("TCP segments", "tcp_segments");
  const auto sends_datagrams = [](const Result& result) { return count_of(result, "datagrams").value_or(0) > 0; };
  if (std::ranges::any_of(results, sends_datagrams)) rows.count("datagrams", "datagrams");
  rows.row("sha256 of the image", [](const Result& result) {
    return result.wire.sha256.empty() ? std::string(no_value) : result.wire.sha256.substr(0, 12) + "…";
  });
  rows.row("image", [&](const Result& result) { return image(scenario, results, result); });
  rows.row("decrypted and compared by", [](const Result& result) { return or_none(result.wire.verified_by); });
}

std::string subject(const RunSpec& run) {
  std::string text = file_name(run.file) + ", " + human(run.file.size);
  if (run.file.size.count >= 1000) text += " (" + grouped(run.file.size.count) + " B)";
  return text + (run.file.in_page_cache ? ", in the page cache" : ", on the disk");
}

std::string conditions(const RunSpec& run) {
  std::string text = fmt::format("{}, buffers of {}, {}, seed {}", name_of(run.format), to_string(run.buffer),
                                 run.kernel_name, run.seed);
  if (run.payload == Payload::modelled) text += ", payload modelled";
  return text;
}

}  // namespace

std::string to_table(const Scenario& scenario, const std::vector<Result>& results, bool colour) {
  ensure(!results.empty(), "a table needs a result");
  Rows rows(results);
  add_time(rows, results);
  add_counts(rows);
  add_use(rows, results);
  add_wire(rows, scenario, results);
  std::vector<std::string> heads;
  for (const Result& result : results) heads.push_back(result.path);
  const RunSpec& run = telling_run(scenario);
  return heading(scenario.title, scenario.settings, table_width) + cut(subject(run), table_width) + '\n' +
         cut(conditions(run), table_width) + "\n\n" + lay_out(heads, rows.rows(), table_width, colour);
}

}  // namespace cryptopath
