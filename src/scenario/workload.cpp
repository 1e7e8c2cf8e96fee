#include "cryptopath/workload.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cryptopath/algorithm.hpp"
#include "document.hpp"
#include "host.hpp"
#include "machine_file.hpp"
#include "model_reader.hpp"
#include "names.hpp"
#include "published.hpp"

namespace cryptopath {

namespace {

std::string read_algorithm(const Node& node) {
  if (is_algorithm(node.text())) return node.text();
  node.reject("the unknown algorithm " + in_quotes(node.text()), expected_name(node.text(), all_algorithms()));
}

/// What `read` makes of each element of `list`, which may hold nothing twice.
template <class Read>
auto read_each_once(const Node& list, Read read) {
  std::vector<decltype(read(list))> all;
  for (const Node& element : list.children()) {
    auto one = read(element);
    if (std::ranges::find(all, one) != all.end())
      element.reject(describe(element.value()) + " a second time", "it once");
    all.push_back(std::move(one));
  }
  return all;
}

Provider read_provider(const Node& root, const WorkloadSpec& cell) {
  if (root.at("provider").text() == "dev-crypto") return Provider::dev_crypto;
  if (cell.software_ciphers.contains(cell.algorithm)) return Provider::user;
  std::vector<std::string> known;
  for (const auto& [name, model] : cell.software_ciphers) known.push_back(name);
  root.at("algorithm")
      .reject(in_quotes(cell.algorithm) + ", of which no model says what it costs in software",
              expected_name(cell.algorithm, known));
}

std::map<VertexIndex, Nanoseconds> read_ejections(const Node& list, const Machine& machine) {
  std::vector<std::string> cards;
  for (const Vertex& vertex : machine.vertices()) {
    if (std::holds_alternative<AcceleratorModel>(vertex.data)) cards.push_back(vertex.name);
  }
  std::map<VertexIndex, Nanoseconds> ejections;
  for (const Node& card : list.children()) {
    if (std::ranges::find(cards, card.key()) == cards.end()) {
      card.reject("the unknown card " + in_quotes(card.key()),
                  cards.empty() ? "none: this machine has no card" : expected_name(card.key(), cards));
    }
    ejections[machine.find(card.key())] = parse_quantity(card, Nanoseconds(0), limits::simulated_time);
  }
  return ejections;
}

void check_cells(const Node& root) {
  const std::size_t threads = root.at("threads").value().size();
  const std::size_t requests = root.at("requests").value().size();
  if (static_cast<std::int64_t>(threads * requests) <= limits::workload_cells) return;
  root.at("requests")
      .reject(fmt::format("{} sizes for {} numbers of threads", requests, threads),
              fmt::format("at most {} cells", limits::workload_cells));
}

void check_times(const Node& root, const WorkloadSpec& cell) {
  if (cell.warm_up + cell.duration <= cell.time_limit) return;
  root.at("duration")
      .reject(fmt::format("{} after {} of warm-up", to_string(cell.duration), to_string(cell.warm_up)),
              fmt::format("at most {} in all, the time_limit", to_string(cell.time_limit)));
}

}  // namespace

bool is_workload(const std::filesystem::path& file) {
  const Document document(file, file.string());
  const nlohmann::json& root = document.root();
  // Whatever its version: a later one is refused as a workload.
  return root.is_object() && root.contains("format") && root.at("format").is_string() &&
         root.at("format").get<std::string>().starts_with("cryptopath-workload-");
}

Workload load_workload(const std::filesystem::path& file, const Overrides& overrides) {
  if (overrides.file) {
    throw InputError(fmt::format("--file {}: found a workload, which sends no file, expected a scenario",
                                 printable(overrides.file->string())));
  }
  const Document document = read_with_settings(file, "workload", overrides);
  const Node root(document);
  Workload workload;
  workload.title = root.at("title").text();
  const LoadedMachine machine = load_machine(root.at("machine"), root.at("cards"), workload.numbers);
  WorkloadSpec cell;
  static_cast<HostSpec&>(cell) = read_host(root, machine, workload.numbers);
  cell.payload = Payload::modelled;  // what a request holds would reach nobody
  cell.algorithm = read_algorithm(root.at("algorithm"));
  cell.provider = read_provider(root, cell);
  cell.allow_software = root.at("allow_software").value().get<bool>();
  cell.ejections = read_ejections(root.at("ejections"), *machine.machine);
  cell.hog = root.at("hog").value().get<bool>();
  cell.warm_up = parse_quantity(root.at("warm_up"), Nanoseconds(0), limits::simulated_time);
  cell.duration = parse_quantity(root.at("duration"), Nanoseconds(1), limits::simulated_time);
  check_times(root, cell);

  check_cells(root);
  const auto threads =
      read_each_once(root.at("threads"), [](const Node& node) { return node.value().get<std::int64_t>(); });
  const auto requests = read_each_once(
      root.at("requests"), [](const Node& node) { return parse_quantity(node, Bytes(1), limits::largest_buffer); });
  for (const std::int64_t count : threads) {
    for (const Bytes request : requests) {
      cell.threads = count;
      cell.request = request;
      workload.cells.push_back(cell);
    }
  }
  workload.files = document.files_read();
  if (root.has("published")) workload.published = read_published(root.at("published"), workload.files);
  workload.resolved = std::make_shared<const nlohmann::json>(document.root());
  return workload;
}

}  // namespace cryptopath
