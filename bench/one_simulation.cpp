#include "one_simulation.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <nlohmann/json.hpp>
#include <string>

#include "cryptopath/simulate.hpp"
#include "heap_loop/heap_loop.hpp"

namespace cryptopath::bench {

namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::string difference_of(const Result& simulated, const heap_loop::Outcome& by_hand) {
  std::string text;
  const auto note = [&text](const std::string& name, std::int64_t simulation, std::int64_t loop) {
    if (simulation == loop) return;
    text += " " + name + " " + std::to_string(simulation) + " against " + std::to_string(loop) + ";";
  };
  note("elapsed_ns", simulated.elapsed.count, by_hand.elapsed.count);
  Counts all = by_hand.counts;
  all.insert(simulated.counts.begin(), simulated.counts.end());
  for (const auto& [name, unused] : all) {
    const auto in = [&name = name](const Counts& counts) { return counts.contains(name) ? counts.at(name) : -1; };
    note(name, in(simulated.counts), in(by_hand.counts));
  }
  return text;
}

nlohmann::json measure(const RunSpec& run) {
  auto start = std::chrono::steady_clock::now();
  const heap_loop::Outcome by_hand = heap_loop::run(run);
  const double heap_loop_seconds = seconds_since(start);
  start = std::chrono::steady_clock::now();
  const Result simulated = simulate(run, Session());
  const double seconds = seconds_since(start);
  const std::string difference = difference_of(simulated, by_hand);
  if (!difference.empty()) throw Fault("simulate() and the heap loop do not agree:" + difference);
  return {{"seconds", seconds},
          {"heap_loop_seconds", heap_loop_seconds},
          {"elapsed_ns", simulated.elapsed.count},
          {"counts", simulated.counts}};
}

[[noreturn]] void run_child(const RunSpec& run, int to_parent) {
  nlohmann::json answer;
  try {
    answer = measure(run);
  } catch (const std::exception& error) {
    answer = {{"error", error.what()}};
  }
  const std::string text = answer.dump();
  const bool written = write(to_parent, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  _exit(written ? 0 : 1);
}

}  // namespace

OneSimulation simulate_beside_heap_loop(const RunSpec& run) {
  int ends[2];
  ensure(pipe(ends) == 0, "no pipe can be made");
  std::fflush(nullptr);  // or the child might write once more what waits here
  const pid_t child = fork();
  ensure(child >= 0, "no process can be forked");
  if (child == 0) run_child(run, ends[1]);
  close(ends[1]);
  std::string text;
  char piece[4096];
  for (ssize_t size = 0; (size = read(ends[0], piece, sizeof piece)) > 0;) {
    text.append(piece, static_cast<std::size_t>(size));
  }
  close(ends[0]);
  int status = 0;
  ensure(waitpid(child, &status, 0) == child && status == 0, "a simulation's process failed");
  const nlohmann::json answer = nlohmann::json::parse(text);
  if (answer.contains("error")) {
    throw Fault("path " + run.program.name + ", " + to_string(run.file.size) + " in buffers of " +
                to_string(run.buffer) + ": " + answer.at("error").get<std::string>());
  }
  return {Nanoseconds(answer.at("elapsed_ns").get<std::int64_t>()), answer.at("counts").get<Counts>(),
          answer.at("seconds").get<double>(), answer.at("heap_loop_seconds").get<double>()};
}

std::vector<RunSpec> transfer_runs(Bytes file_size, Bytes buffer) {
  Overrides overrides;
  overrides.set = {{"/file/size", to_string(file_size)}, {"/buffer", to_string(buffer)}, {"/payload", "modelled"}};
  return load_scenario(data_directory() / "scenarios/shortcut/transfer.json", overrides).runs;
}

}  // namespace cryptopath::bench
