#include <fmt/format.h>
#include <unistd.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/outputs.hpp"
#include "cli/progress.hpp"
#include "cli/runner.hpp"
#include "cli/terminal.hpp"
#include "cryptopath/result.hpp"
#include "cryptopath/workload.hpp"
#include "figure/gnuplot.hpp"
#include "figure/picture.hpp"
#include "result/subject.hpp"

namespace cryptopath {

namespace {

struct RunOptions {
  ScenarioOptions scenario;
  std::optional<std::string> json;     // a file, or "-" for standard output
  std::optional<std::string> packets;  // a file
  std::optional<std::string> key_log;  // a file
  std::optional<std::string> picture;  // a name without its extension
  std::size_t jobs = usable_processors();
  bool quiet = false;
};

bool json_to_standard_output(const RunOptions& options) { return options.json == "-"; }

/// A capture or key log needs bytes and a file: with the table, standard output would be neither.
void check_recording(const std::optional<std::string>& file, const char* option, const Scenario& scenario) {
  if (!file) return;
  if (*file == "-") throw InputError(fmt::format("{}: found \"-\", expected the name of a file", option));
  for (const RunSpec& run : scenario.runs) {
    if (run.payload == Payload::real) continue;
    throw InputError(
        fmt::format("{}: found a modelled payload, which has no bytes, expected \"payload\": \"real\"; "
                    "--set /payload=real would do",
                    option));
  }
}

/// The session whose keys --keylog is to write, where it asks for them.
std::optional<Session> session_to_log(const RunOptions& options, const Scenario& scenario) {
  if (!options.key_log) return std::nullopt;
  Session session = session_of(scenario);
  if (!session.key_log.empty()) return session;
  if (session.peer == nullptr) {
    throw InputError("--keylog: found no path that protects what it sends, expected one that has keys");
  }
  const RecordFormat& format = telling_run(scenario).format;
  throw InputError(fmt::format("--keylog: found {}, {}", name_of(format),
                               has_alerts(format.protocol)
                                   ? "whose handshake is not made here, and without one to see tshark and Wireshark "
                                     "cannot use keys"
                                   : "which tshark and Wireshark 4.0 cannot decipher"));
}

void check_before_running(const RunOptions& options, const Scenario& scenario) {
  check_recording(options.packets, "--pcap", scenario);
  check_recording(options.key_log, "--keylog", scenario);
  std::vector<std::filesystem::path> outputs;
  if (options.packets) outputs.emplace_back(*options.packets);
  if (options.key_log) outputs.emplace_back(*options.key_log);
  if (options.json && !json_to_standard_output(options)) outputs.emplace_back(*options.json);
  if (options.picture) {
    require_gnuplot();
    for (const auto& file : picture_files(*options.picture)) outputs.push_back(file);
  }
  std::vector<std::filesystem::path> inputs = scenario.files;
  for (const RunSpec& run : scenario.runs) {
    if (run.file.path) inputs.push_back(*run.file.path);
  }
  check_outputs(outputs, inputs);
}

/// `recording` for scenarios alone.
template <class Subject, class... Recording>
std::vector<Result> run_with_progress(const Subject& subject, const RunOptions& options, Recording... recording) {
  ProgressBar bar(!options.quiet && is_terminal(STDERR_FILENO));
  return run_all(
      subject, options.jobs, [&](const std::vector<PathProgress>& runs) { bar.draw(runs); }, recording...);
}

/// JSON holds UTF-8 alone. File names come here escaped where they are none; in whatever else may not be, U+FFFD
/// stands.
std::string text_of(const nlohmann::json& document) {
  return document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

/// Document and table, of which one at most goes to standard output.
void show(const RunOptions& options, const std::string& document, const std::function<std::string(bool)>& table) {
  const int descriptor = json_to_standard_output(options) ? STDERR_FILENO : STDOUT_FILENO;
  if (json_to_standard_output(options)) write_to(STDOUT_FILENO, document);
  write_to(descriptor, table(wants_colour(descriptor)));
}

void run_scenario(const RunOptions& options) {
  const Scenario scenario = load_scenario(options.scenario.scenario, options.scenario.overrides());
  check_before_running(options, scenario);
  const std::optional<Session> session = session_to_log(options, scenario);
  std::optional<Recording> recording;
  if (options.packets) recording.emplace(*options.packets, scenario.runs.size());
  const std::vector<Result> results = run_with_progress(scenario, options, recording ? &*recording : nullptr);

  // Files first: whoever reads the table may stop reading.
  const std::string document = text_of(to_json(scenario, results));
  std::vector<OutputFile> files;
  if (recording) files.push_back(recording->capture());
  if (session) files.push_back(key_log_file(*options.key_log, *session));
  if (options.json && !json_to_standard_output(options)) files.push_back(output_file(*options.json, document));
  if (options.picture) {
    for (OutputFile& file : draw_picture(scenario, results, *options.picture)) files.push_back(std::move(file));
  }
  write_whole(files);
  show(options, document, [&](bool colour) { return to_table(scenario, results, colour); });
}

void refuse_for_workload(const std::optional<std::string>& output, const char* option, const char* lacking) {
  if (!output) return;
  throw InputError(fmt::format("{}: found a workload, which has no {}, expected a scenario", option, lacking));
}

void run_workload(const RunOptions& options) {
  refuse_for_workload(options.packets, "--pcap", "wire");
  refuse_for_workload(options.key_log, "--keylog", "wire");
  refuse_for_workload(options.picture, "--picture", "paths to draw");
  const Workload workload = load_workload(options.scenario.scenario, options.scenario.overrides());
  if (options.json && !json_to_standard_output(options)) check_outputs({*options.json}, workload.files);
  const std::vector<Result> results = run_with_progress(workload, options);
  const std::string document = text_of(to_json(workload, results));
  if (options.json && !json_to_standard_output(options)) write_whole({output_file(*options.json, document)});
  show(options, document, [&](bool colour) { return to_table(workload, results, colour); });
  const auto refused = [](const Result& result) { return !result.errno_name.empty(); };
  if (const auto first = std::ranges::find_if(results, refused); first != results.end()) {
    throw InputError(fmt::format("the kernel refused {} of {} cells, the first {}: {}",
                                 std::ranges::count_if(results, refused), results.size(), first->path, first->refusal));
  }
}

void run(const RunOptions& options) {
  if (is_workload(options.scenario.scenario)) {
    run_workload(options);
  } else {
    run_scenario(options);
  }
}

}  // namespace

void add_run(CLI::App& app) {
  CLI::App* const command =
      app.add_subcommand("run", "run every path of a scenario, or cell of a workload, and show them side by side");
  const auto options = std::make_shared<RunOptions>();
  options->scenario.add_to(*command);
  command
      ->add_option("--json", options->json,
                   "write the result document; - is standard output, the table then goes to standard error")
      ->type_name("FILE|-");
  command->add_option("--picture", options->picture, "draw BASENAME.svg and BASENAME.png (needs gnuplot)")
      ->type_name("BASENAME");
  command
      ->add_option("--pcap", options->packets,
                   "write the wire, with the handshake before it and the close behind it, for tshark and Wireshark")
      ->type_name("FILE");
  command
      ->add_option("--keylog", options->key_log,
                   "write what these need to decipher it: an NSS key log for TLS and DTLS, a row of esp_sa for ESP, "
                   "a line of ssh.keylog_file for SSH "
                   "(tshark 4.0 deciphers no ChaCha20-Poly1305 in DTLS)")
      ->type_name("FILE");
  command->add_option("--jobs", options->jobs, "paths or cells to simulate at the same time")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1024}))
      ->capture_default_str();
  command->add_flag("--quiet", options->quiet, "no progress bar");
  command->callback([options] { run(*options); });
}

}  // namespace cryptopath
