#include "result/subject.hpp"

#include <algorithm>

namespace cryptopath {

const RunSpec& telling_run(const Scenario& scenario) {
  ensure(!scenario.runs.empty(), "a scenario has a run");
  const auto run = std::ranges::find_if(scenario.runs, [](const RunSpec& each) { return each.program.protects; });
  return run != scenario.runs.end() ? *run : scenario.runs.front();
}

std::string file_name(const FileToSend& file) {
  return file.path ? printable(file.path->filename().string()) : "a generated file";
}

}  // namespace cryptopath
