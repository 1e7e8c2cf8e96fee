#include "figure/picture.hpp"

#include <fmt/format.h>

#include <array>
#include <set>

#include "figure/gnuplot.hpp"
#include "figure/template.hpp"
#include "result/human.hpp"
#include "result/subject.hpp"

namespace cryptopath {

namespace {

// The order in which plots/run.gnuplot stacks and names them. Idle time, often the most by far, would hide the others.
constexpr std::array processor_classes = {"cpu.user_ns", "cpu.kernel_ns", "cpu.crypto_thread_ns", "cpu.interrupt_ns",
                                          "cpu.switch_ns"};

std::string title_of(const RunSpec& run) {
  return fmt::format("{}, {}, by {} in buffers of {}", cut(file_name(run.file), 40), human(run.file.size),
                     name_of(run.format), to_string(run.buffer));
}

std::string throughput_data(const std::vector<Result>& results) {
  std::string text = "$throughput << END\n";
  for (const Result& result : results) {
    text += fmt::format("{} {}\n", result.throughput_mbit_s(), gain_percent(result, results.front()));
  }
  return text + "END\n";
}

std::string processor_data(const std::vector<Result>& results) {
  std::string text = "$processor << END\n";
  for (const Result& result : results) {
    for (const char* name : processor_classes) {
      const auto found = result.counts.find(name);
      text += fmt::format("{} ", found == result.counts.end() ? 0 : found->second);
    }
    text += '\n';
  }
  return text + "END\n";
}

std::string use_data(const std::vector<Result>& results, const std::set<std::string>& resources) {
  std::string text = "$use << END\n";
  for (const std::string& resource : resources) {
    for (const Result& result : results) {
      const auto found = result.utilization.find(resource);
      text += fmt::format("{} ", found == result.utilization.end() ? 0 : found->second);
    }
    text += '\n';
  }
  return text + "END\n";
}

std::string data_of(const Scenario& scenario, const std::vector<Result>& results) {
  std::set<std::string> resources;
  std::vector<std::string> paths;
  for (const Result& result : results) {
    paths.push_back(cut(result.path, 16));
    for (const auto& [resource, share] : result.utilization) resources.insert(resource);
  }
  ensure(!resources.empty(), "a run uses a resource");
  return "picture_title = " + gnuplot_string(title_of(telling_run(scenario))) + '\n' +
         gnuplot_array("path_names", paths) + gnuplot_array("resource_names", {resources.begin(), resources.end()}) +
         throughput_data(results) + processor_data(results) + use_data(results, resources);
}

}  // namespace

std::vector<OutputFile> draw_picture(const Scenario& scenario, const std::vector<Result>& results,
                                     const std::filesystem::path& basename) {
  ensure(!results.empty(), "a picture needs a result");
  std::vector<std::string> pictures =
      draw_both(data_of(scenario, results) + load_command(data_directory() / "plots" / "run.gnuplot"));
  const auto files = picture_files(basename);
  return {output_file(files[0], std::move(pictures[0])), output_file(files[1], std::move(pictures[1]))};
}

}  // namespace cryptopath
