#include "result/subject.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "result/human.hpp"

namespace cryptopath {

const RunSpec& telling_run(const Scenario& scenario) {
  ensure(!scenario.runs.empty(), "a scenario has a run");
  const auto run = std::ranges::find_if(scenario.runs, [](const RunSpec& each) { return each.program.protects; });
  return run != scenario.runs.end() ? *run : scenario.runs.front();
}

std::string heading(const std::string& title, const std::vector<std::string>& settings, std::size_t width) {
  std::string text = cut(title, width) + '\n';
  if (settings.empty()) return text;
  std::vector<std::string> shown;
  for (const std::string& setting : settings) shown.push_back(printable(setting, width));
  return text + cut(fmt::format("with {}", fmt::join(shown, ", ")), width) + '\n';
}

std::string file_name(const FileToSend& file) {
  return file.path ? printable(file.path->filename().string()) : "a generated file";
}

}  // namespace cryptopath
