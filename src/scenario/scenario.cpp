#include "cryptopath/scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "document.hpp"
#include "host.hpp"
#include "library.hpp"
#include "machine_file.hpp"
#include "model_reader.hpp"
#include "names.hpp"
#include "overrides.hpp"
#include "program_file.hpp"

namespace cryptopath {

namespace {

Bytes size_of(const Node& path, const std::filesystem::path& file) {
  if (const auto found = obstacle(file)) path.reject(*found, "a regular file");
  std::error_code error;
  const Bytes size(static_cast<std::int64_t>(std::filesystem::file_size(file, error)));
  if (error) path.reject(fmt::format("a file without a size ({})", error.message()), "a regular file");
  // Files of /proc report 0 B and have bytes.
  if (size.count == 0 && std::ifstream(file, std::ios::binary).get() != std::ifstream::traits_type::eof()) {
    path.reject("a file that reports 0 B and has bytes", "a file whose size is known");
  }
  if (size > limits::file_size) {
    path.reject(fmt::format("a file of {}", to_string(size)), fmt::format("at most {}", to_string(limits::file_size)));
  }
  return size;
}

FileToSend read_file(Document& document, const Overrides& overrides) {
  const Node node = Node(document).at("file");
  FileToSend file;
  file.in_page_cache = node.at("cache").text() == "hot";
  if (node.has("size")) file.size = parse_quantity(node.at("size"), Bytes(0), limits::file_size);
  if (!node.has("path")) {
    if (!node.has("size")) node.reject("also the key \"size\" or the key \"path\"");
    return file;
  }
  file.path = overrides.file ? *overrides.file : document.folder() / node.at("path").text();
  file.version = version_of(*file.path);
  const Bytes size = size_of(node.at("path"), *file.path);
  if (node.has("size") && file.size != size) node.at("size").reject(to_string(size) + ", the size of the file");
  file.size = size;
  document.complete([&file](nlohmann::json& root) { root.at("file")["size"] = to_string(file.size); });
  return file;
}

Protocol read_protocol(const Node& node) {
  for (const Protocol protocol : all_protocols()) {
    if (node.text() == name_of(protocol)) return protocol;
  }
  std::vector<std::string> known;
  for (const Protocol protocol : all_protocols()) known.emplace_back(name_of(protocol));
  node.reject(expected_name(node.text(), known));
}

/// The suite as a message shows it. Whoever wrote none would look for it in vain.
std::string shown(const Node& suite) {
  const bool written = suite.document().says(suite.pointer());
  return fmt::format("{}{}", written ? "" : "the default ", in_quotes(suite.text()));
}

Suite read_suite(const Node& node, Protocol protocol) {
  std::vector<std::string> known;
  for (const Suite suite : all_suites()) {
    if (!supports(protocol, suite)) continue;
    if (node.text() == name_of(suite)) return suite;
    known.emplace_back(name_of(suite));
  }
  // A suite of another protocol is no mistyped one of this.
  const bool mistyped = std::ranges::count(all_suites(), node.text(), [](Suite suite) { return name_of(suite); }) == 0;
  node.reject(fmt::format("{} for {}", shown(node), name_of(protocol)),
              mistyped ? expected_name(node.text(), known) : list_of(known));
}

RecordFormat read_format(const Node& record) {
  RecordFormat format;
  format.protocol = read_protocol(record.at("protocol"));
  format.suite = read_suite(record.at("suite"), format.protocol);
  const Node choice = record.at("encrypt_then_mac");
  format.encrypt_then_mac = choice.value().get<bool>();
  if (!supports(format)) {
    choice.reject(fmt::format("true for {} / {}", name_of(format.protocol), name_of(format.suite)),
                  "false: the MAC's place is no choice there");
  }
  return format;
}

bool uses(const std::vector<Step>& steps, Step::Kind kind) {
  return std::ranges::any_of(steps, [kind](const Step& step) { return step.kind == kind || uses(step.steps, kind); });
}

/// The NIC finds records in TCP's stream alone.
void check_nic_protocol(const Node& protocol, const Program& program) {
  if (!in_datagrams(read_protocol(protocol))) return;
  std::vector<std::string> streams;
  for (const Protocol each : all_protocols()) {
    if (each != Protocol::none && !in_datagrams(each)) streams.emplace_back(name_of(each));
  }
  protocol.reject(
      fmt::format("{}, which path {} has the NIC encipher", in_quotes(protocol.text()), in_quotes(program.name)),
      "a protocol over TCP: " + list_of(streams));
}

std::string suite_for_nic(const LoadedMachine& machine) {
  if (machine.nic_transforms.empty()) return "a NIC that has engines: the machine's has none";
  const std::vector<std::string> engines(machine.nic_transforms.begin(), machine.nic_transforms.end());
  return "a suite that the machine's NIC has an engine for: " + list_of(engines);
}

/// Whoever runs the transform in `program` must be able to.
void check_transform(const Node& record, const Program& program, const LoadedMachine& machine) {
  const Node suite = record.at("suite");
  const bool in_software = machine.software_ciphers.contains(suite.text());
  if (uses(program.steps, Step::Kind::seal) && !in_software) {
    suite.reject(fmt::format("{}, which path {} runs in software", shown(suite), in_quotes(program.name)),
                 "a suite that the machine's cipher model has");
  }
  const bool in_kernel = uses(program.steps, Step::Kind::crypt) || uses(program.steps, Step::Kind::set_so_crypt);
  if (in_kernel && !in_software && !machine.hardware_transforms.contains(suite.text())) {
    suite.reject(fmt::format("{}, which path {} needs", shown(suite), in_quotes(program.name)),
                 "a suite that the machine's cipher model or one of its cards has");
  }
  if (!uses(program.steps, Step::Kind::set_so_crypt_nic)) return;
  check_nic_protocol(record.at("protocol"), program);
  if (!machine.nic_transforms.contains(suite.text())) {
    suite.reject(fmt::format("{}, which path {} has the NIC encipher", shown(suite), in_quotes(program.name)),
                 suite_for_nic(machine));
  }
}

/// A cold file comes from the machine's disk, a read-ahead at a time.
void check_cold(const Node& file, Bytes size, const Machine& machine) {
  const auto is_disk = [](const Vertex& vertex) { return std::holds_alternative<DiskModel>(vertex.data); };
  const auto disk = std::ranges::find_if(machine.vertices(), is_disk);
  ensure(disk != machine.vertices().end(), "the schema wants a disk");
  const Bytes read_ahead = std::get<DiskModel>(disk->data).read_ahead;
  if (pieces(size, read_ahead) <= limits::read_ahead_chunks) return;
  file.reject(fmt::format("a cold file of {}, which {} reads in {} pieces of {}", to_string(size),
                          in_quotes(disk->name), pieces(size, read_ahead), to_string(read_ahead)),
              fmt::format("at most {} pieces", limits::read_ahead_chunks));
}

Bytes largest_send_buffer(const std::vector<Step>& steps, Bytes largest) {
  for (const Step& step : steps) largest = largest_send_buffer(step.steps, std::max(largest, step.size));
  return largest;
}

/// A small buffer takes up a whole page or cluster in the send buffer: the memory of the machine that simulates.
void check_send_buffer(const Node& buffer, const RunSpec& run) {
  const Bytes size = largest_send_buffer(run.program.steps, run.kernel.send_buffer);
  const Bytes memory = std::max(run.kernel.page, run.kernel.mbuf_cluster) * pieces(size, run.buffer);
  if (memory <= limits::send_buffer_memory) return;
  buffer.reject(fmt::format("{}, which takes {} of memory in a send buffer of {}", in_quotes(buffer.text()),
                            to_string(memory), to_string(size)),
                fmt::format("at most {}", to_string(limits::send_buffer_memory)));
}

/// What all runs have in common: a RunSpec without its program.
RunSpec read_common(Document& document, const Overrides& overrides, const LoadedMachine& machine,
                    std::vector<SourcedNumber>& numbers) {
  RunSpec run;
  run.file = read_file(document, overrides);
  const Node root(document);
  static_cast<HostSpec&>(run) = read_host(root, machine, numbers);
  run.payload = root.at("payload").text() == "real" ? Payload::real : Payload::modelled;
  run.format = read_format(root.at("record"));
  run.buffer = parse_quantity(root.at("buffer"), limits::smallest_buffer, limits::largest_buffer);
  run.no_delay = root.at("socket").at("no_delay").value().get<bool>();

  if (pieces(run.file.size, run.buffer) > limits::buffers_per_run) {
    root.at("buffer").reject(fmt::format("{}, {} buffers for a file of {}", in_quotes(root.at("buffer").text()),
                                         pieces(run.file.size, run.buffer), to_string(run.file.size)),
                             fmt::format("at most {} buffers", limits::buffers_per_run));
  }
  if (run.file.in_page_cache && run.file.size > machine.memory) {
    root.at("file").at("cache").reject(
        fmt::format("\"hot\" for a file of {}", to_string(run.file.size)),
        fmt::format("\"cold\": the machine's memory holds {}", to_string(machine.memory)));
  }
  if (!run.file.in_page_cache) check_cold(root.at("file"), run.file.size, *machine.machine);
  return run;
}

RunSpec complete(RunSpec run, const Node& path, const Node& root, const LoadedMachine& machine) {
  const Entry entry = open_entry(path, {&shelves::programs});
  run.program = read_program(entry);
  check_program(run.program, entry.document, run.kernel);
  check_key_lengths(run.program, entry.document, name_of(run.format.suite));
  check_transform(root.at("record"), run.program, machine);
  check_send_buffer(root.at("buffer"), run);
  if (!run.program.protects) {
    run.format = RecordFormat();
  }
  return run;
}

}  // namespace

Scenario load_scenario(const std::filesystem::path& file, const Overrides& overrides) {
  Document document = read_with_settings(file, "scenario", overrides);
  apply_file(document, overrides);
  Scenario scenario;
  const Node root(document);
  const LoadedMachine machine = load_machine(root.at("machine"), root.at("cards"), scenario.numbers);
  const RunSpec common = read_common(document, overrides, machine, scenario.numbers);
  for (const Node& path : root.at("paths").children()) {
    if (std::ssize(scenario.runs) == limits::paths) {
      path.reject("a further path", fmt::format("at most {} paths", limits::paths));
    }
    RunSpec run = complete(common, path, root, machine);
    const auto same = [&run](const RunSpec& other) { return other.program.name == run.program.name; };
    if (std::ranges::any_of(scenario.runs, same)) {
      path.reject("the path " + in_quotes(run.program.name) + " a second time", "each path once");
    }
    scenario.runs.push_back(std::move(run));
  }
  scenario.title = root.at("title").text();
  scenario.settings = texts_of(overrides);
  scenario.files = document.files_read();
  scenario.resolved = std::make_shared<const nlohmann::json>(document.root());
  return scenario;
}

}  // namespace cryptopath
