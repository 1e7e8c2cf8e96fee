// What the table of a workload says; layout.cpp says how it stands.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "cryptopath/workload.hpp"
#include "result/counts.hpp"
#include "result/human.hpp"
#include "result/layout.hpp"
#include "result/subject.hpp"
#include "result/workload_comparison.hpp"

namespace cryptopath {

namespace {

/// A cell with what it gave and should have given.
struct Cell {
  const WorkloadSpec* spec;
  const Result* result;
  std::optional<double> published;  // Mbit/s; none for a cell that the kernel refused

  double rate() const { return spec->public_key ? result->operations_per_second() : result->throughput_mbit_s(); }
  double error() const { return error_against(*result, published.value()); }
};

std::vector<Cell> cells_of(const Workload& workload, const std::vector<Result>& results) {
  std::vector<Cell> cells;
  for (std::size_t i = 0; i < results.size(); ++i) {
    cells.push_back({&workload.cells[i], &results[i], std::nullopt});
    if (results[i].errno_name.empty()) cells.back().published = published_rate(workload, workload.cells[i]);
  }
  return cells;
}

std::string threads_of(const Cell& cell) {
  return fmt::format("{} {}", grouped(cell.spec->threads), cell.spec->threads == 1 ? "thread" : "threads");
}

std::string signed_percent(double share) { return fmt::format("{:+.1f} %", share * 100); }

/// A row of each number of threads, and two of what was published where something was.
std::vector<Row> rate_rows(const std::vector<Cell>& cells, std::size_t sizes) {
  std::vector<Row> rows = {{cells.front().spec->public_key ? "operations/s" : "Mbit/s", {}}};
  for (std::size_t first = 0; first < cells.size(); first += sizes) {
    Row rates{threads_of(cells[first]), {}};
    Row published{"  published", {}};
    Row errors{"  error", {}};
    bool given = false;
    for (std::size_t i = first; i < first + sizes; ++i) {
      const std::string& error = cells[i].result->errno_name;
      rates.cells.push_back(error.empty() ? rounded(cells[i].rate()) : error);
      published.cells.push_back(cells[i].published ? rounded(*cells[i].published) : "");
      errors.cells.push_back(cells[i].published ? signed_percent(cells[i].error()) : "");
      given = given || cells[i].published.has_value();
    }
    rows.push_back(std::move(rates));
    if (!given) continue;
    rows.push_back(std::move(published));
    rows.push_back(std::move(errors));
  }
  return rows;
}

/// What the kernel refused and what had no effect, each time once.
std::string refusals_and_remarks(const std::vector<Cell>& cells) {
  std::set<std::string> texts;
  for (const Cell& cell : cells) {
    for (const std::string& remark : cell.result->remarks) texts.insert(wrapped(remark, table_width, "  "));
    if (!cell.result->errno_name.empty()) texts.insert(wrapped(cell.result->refusal, table_width, "  "));
  }
  return texts.empty() ? "" : fmt::format("{}\n", fmt::join(texts, ""));
}

/// How long the hog took, by threads and size.
std::string hog_table(const std::vector<Cell>& cells, const std::vector<std::string>& sizes, bool colour) {
  const WorkloadSpec& spec = *cells.front().spec;
  if (!spec.hog) return "";
  std::vector<Row> rows = {{fmt::format("seconds for a process that computes for {}", human(spec.duration)), {}}};
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i % sizes.size() == 0) rows.push_back({threads_of(cells[i]), {}});
    const Result& result = *cells[i].result;
    rows.back().cells.push_back(result.errno_name.empty() ? rounded(static_cast<double>(result.elapsed.count) * 1e-9)
                                                          : result.errno_name);
  }
  return lay_out(sizes, rows, table_width, colour) + '\n';
}

std::string comparison(const Workload& workload, std::vector<Cell> cells) {
  if (workload.published.empty()) {
    const std::string reason = why_not_compared(workload);
    return reason.empty() ? "" : fmt::format("not compared with what was published: {}\n\n", reason);
  }
  const std::size_t all = cells.size();
  std::erase_if(cells, [](const Cell& cell) { return !cell.published; });
  std::string text = fmt::format("{} of {} cells published", cells.size(), all);
  if (!cells.empty()) {
    const auto size = [](const Cell& cell) { return std::abs(cell.error()); };
    std::ranges::sort(cells, {}, size);
    const double median = (size(cells[(cells.size() - 1) / 2]) + size(cells[cells.size() / 2])) / 2;
    text += fmt::format(": median error {}, largest {} ({}, {})", percent(median), signed_percent(cells.back().error()),
                        threads_of(cells.back()), size_of(*cells.back().spec));
  }
  return text + '\n' + wrapped(printable(workload.published.front().source, 1000), table_width, "") + '\n';
}

std::string share_of(const std::optional<double>& share) { return share ? percent(*share) : std::string(no_value); }

std::string busy_share(const Result& result) {
  const auto found = result.utilization.find(result.bottleneck);
  return found == result.utilization.end() ? std::string(no_value) : percent(found->second);
}

std::string interrupts_a_second(const Result& result) {
  const auto interrupts = count_of(result, "interrupts");
  if (!interrupts || result.elapsed.count == 0) return std::string(no_value);
  return grouped(std::llround(static_cast<double>(*interrupts) * 1e9 / static_cast<double>(result.elapsed.count)));
}

/// All that is neither the user's nor idle.
std::optional<double> kernel_share(const Result& result) {
  const auto user = processor_share(result, "cpu.user_ns");
  const auto idle = processor_share(result, "cpu.idle_ns");
  if (!user || !idle) return std::nullopt;
  return 1 - *user - *idle;
}

/// Of the largest number of threads, a row a size.
std::string limits_table(const std::vector<Cell>& cells, bool colour) {
  const Cell& most = *std::ranges::max_element(cells, {}, [](const Cell& cell) { return cell.spec->threads; });
  std::vector<Row> rows = {{"busiest resource at " + threads_of(most), {}}};
  for (const Cell& cell : cells) {
    if (cell.spec->threads != most.spec->threads) continue;
    const Result& result = *cell.result;
    rows.push_back({fmt::format("{}: {}", size_of(*cell.spec),
                                result.bottleneck.empty() ? no_value : std::string_view(result.bottleneck)),
                    {grouped(result.threads_served), busy_share(result), interrupts_a_second(result),
                     share_of(kernel_share(result)), share_of(processor_share(result, "cpu.idle_ns"))}});
  }
  return lay_out({"served", "busy", "interrupts/s", "in kernel", "idle"}, rows, table_width, colour);
}

std::string cards_of(const Machine& machine) {
  std::map<std::string, int> models;
  for (const Vertex& vertex : machine.vertices()) {
    if (std::holds_alternative<AcceleratorModel>(vertex.data)) ++models[vertex.model];
  }
  std::string text;
  for (const auto& [model, count] : models) {
    text +=
        fmt::format("{}{}{}", text.empty() ? " with " : " and ", count > 1 ? fmt::format("{} x ", count) : "", model);
  }
  return text;
}

std::string conditions(const WorkloadSpec& cell) {
  return fmt::format("{} on {}{}, {}", subject_of(cell), cell.machine->name(), cards_of(*cell.machine),
                     cell.kernel_name);
}

std::string switches(const WorkloadSpec& cell) {
  const std::string text = switches_of(cell);
  return text.empty() ? "" : wrapped(text, table_width, "");
}

std::string measurement(const WorkloadSpec& cell) {
  return fmt::format("{} measured after {} of warm-up, seed {}", cell.hog ? "the hog's life" : human(cell.duration),
                     human(cell.warm_up), cell.seed);
}

}  // namespace

std::string to_table(const Workload& workload, const std::vector<Result>& results, bool colour) {
  ensure(!results.empty() && results.size() == workload.cells.size(), "each cell of a workload has a result");
  const std::vector<Cell> cells = cells_of(workload, results);
  const WorkloadSpec& first = workload.cells.front();
  std::vector<std::string> sizes;
  for (const WorkloadSpec& cell : workload.cells) {
    if (cell.threads == first.threads) sizes.push_back(size_of(cell));
  }
  return heading(workload.title, workload.settings, table_width) + cut(conditions(first), table_width) + '\n' +
         switches(first) + cut(measurement(first), table_width) + "\n\n" +
         lay_out(sizes, rate_rows(cells, sizes.size()), table_width, colour) + '\n' + refusals_and_remarks(cells) +
         comparison(workload, cells) + hog_table(cells, sizes, colour) + limits_table(cells, colour);
}

}  // namespace cryptopath
