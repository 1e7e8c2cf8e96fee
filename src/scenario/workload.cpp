#include "cryptopath/workload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "cryptopath/algorithm.hpp"
#include "document.hpp"
#include "host.hpp"
#include "machine_file.hpp"
#include "model_reader.hpp"
#include "names.hpp"
#include "overrides.hpp"
#include "published.hpp"

namespace cryptopath {

namespace {

/// Whether --set makes the workload another one than the file's, which was published.
bool asks_something_else(const Overrides& overrides) {
  const std::set<std::string> same = {"/title",    "/threads",    "/requests", "/warm_up",
                                      "/duration", "/time_limit", "/seed"};
  std::set<std::string> changed;
  for (const auto& [pointer, value] : overrides.set) changed.insert(pointer.substr(0, pointer.find('/', 1)));
  return !changed.contains("/published") && !std::ranges::includes(same, changed);  // who sets that knows
}

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

std::string read_mac(const Node& root) {
  const Node mac = root.at("mac");
  const std::string& algorithm = root.at("algorithm").text();
  if (!is_cipher_alone(algorithm)) {
    mac.reject(fmt::format("{} beside {}", in_quotes(mac.text()), in_quotes(algorithm)),
               "a cipher alone in \"algorithm\"");
  }
  return mac.text();
}

/// A length that the kernel refuses is what a workload may ask for. One that it takes must be of the same cipher.
Bytes read_key_length(const Node& node, const std::string& algorithm) {
  const Bytes length = parse_quantity(node, Bytes(0), limits::largest_buffer);
  const KeyLengths taken = first_key(algorithm);
  if (algorithm.starts_with("aes-") && taken.take(length) && length != taken.own) {
    node.reject(fmt::format("{} for {}, which the kernel takes for another cipher", in_quotes(node.text()),
                            in_quotes(algorithm)),
                fmt::format("{}, or another algorithm", to_string(taken.own)));
  }
  return length;
}

void check_in_software(const Node& algorithm, const std::map<std::string, SoftwareCipherModel>& ciphers) {
  if (ciphers.contains(algorithm.text())) return;
  std::vector<std::string> known;
  for (const auto& [name, model] : ciphers) known.push_back(name);
  algorithm.reject(in_quotes(algorithm.text()) + ", of which no model says what it costs in software",
                   expected_name(algorithm.text(), known));
}

CryptoBalance read_balance(const std::string& name) {
  if (name == "rated-speed") return CryptoBalance::rated_speed;
  return name == "pending-work" ? CryptoBalance::pending_work : CryptoBalance::sessions;
}

/// The one that is the node's key.
VertexIndex find_card(const Node& node, const Machine& machine) {
  std::vector<std::string> cards;
  for (const Vertex& vertex : machine.vertices()) {
    if (std::holds_alternative<AcceleratorModel>(vertex.data)) cards.push_back(vertex.name);
  }
  if (std::ranges::find(cards, node.key()) == cards.end()) {
    node.reject("the unknown card " + in_quotes(node.key()),
                cards.empty() ? "none: this machine has no card" : expected_name(node.key(), cards));
  }
  return machine.find(node.key());
}

void check_registered(const Node& algorithm, const Vertex& card) {
  const auto& model = std::get<AcceleratorModel>(card.data);
  std::vector<std::string> registered;
  for (const auto& [name, speed] : model.engines) registered.push_back(name);
  for (const KeyAlgorithm key : key_algorithms_of(model)) registered.emplace_back(name_of(key));
  if (std::ranges::find(registered, algorithm.key()) != registered.end()) return;
  algorithm.reject(fmt::format("{}, which {} has not registered", in_quotes(algorithm.key()), card.name),
                   registered.empty() ? "none: it has no driver" : expected_name(algorithm.key(), registered));
}

Nanoseconds read_instant(const Node& node) { return parse_quantity(node, Nanoseconds(0), limits::simulated_time); }

void read_departures(const Node& root, WorkloadSpec& cell) {
  const Machine& machine = *cell.machine;
  for (const Node& card : root.at("ejections").children()) {
    cell.ejections[find_card(card, machine)] = read_instant(card);
  }
  for (const Node& card : root.at("deregistrations").children()) {
    auto& algorithms = cell.deregistrations[find_card(card, machine)];
    for (const Node& algorithm : card.children()) {
      check_registered(algorithm, machine.vertex(machine.find(card.key())));
      algorithms[algorithm.key()] = read_instant(algorithm);
    }
  }
}

void check_cells(const Node& root, const char* sizes) {
  const std::size_t threads = root.at("threads").value().size();
  const std::size_t columns = root.at(sizes).value().size();
  if (static_cast<std::int64_t>(threads * columns) <= limits::workload_cells) return;
  root.at(sizes).reject(fmt::format("{} sizes for {} numbers of threads", columns, threads),
                        fmt::format("at most {} cells", limits::workload_cells));
}

/// A workload is of requests by an algorithm, or of public-key operations.
bool is_of_public_keys(const Node& root) {
  const bool keys = root.has("operation");
  if (!keys && !root.has("algorithm")) root.reject("also the key \"algorithm\" or the key \"operation\"");
  const std::vector<const char*> of_the_other =
      keys ? std::vector{"algorithm", "requests", "published"} : std::vector{"modulus_bits", "crt"};
  for (const char* key : of_the_other) {
    if (!root.has(key)) continue;
    root.at(key).reject("a key for a workload of " + std::string(keys ? "an algorithm" : "public keys"),
                        keys ? "none beside \"operation\"" : "none beside \"algorithm\"");
  }
  const char* const sizes = keys ? "modulus_bits" : "requests";
  if (!root.has(sizes)) root.reject("also the key " + in_quotes(sizes));
  return keys;
}

/// What only says how /dev/crypto serves a cipher says nothing where that is not asked.
void check_switches(const Node& root, bool public_keys) {
  const bool in_process = root.at("provider").text() == "user";
  const char* const beside = in_process ? "\"provider\": \"user\"" : "\"operation\"";
  if (public_keys && root.at("batch").value() != 1) root.at("batch").reject("1 beside \"operation\"");
  if (!public_keys && !in_process) return;
  if (root.at("balance").text() != "sessions") {
    root.at("balance").reject(fmt::format("\"sessions\" beside {}", beside));
  }
  if (!root.at("allow_software").value().get<bool>()) {
    root.at("allow_software").reject(fmt::format("true beside {}", beside));
  }
  if (in_process && root.has("completion_in_interrupt")) {
    root.at("completion_in_interrupt").reject("none beside \"provider\": \"user\"");
  }
  for (const char* key : {"second_processor", "chain_producers"}) {
    if (root.at(key).value().get<bool>()) root.at(key).reject(fmt::format("false beside {}", beside));
  }
  if (root.at("pending").value() != 1) root.at("pending").reject(fmt::format("1 beside {}", beside));
  for (const char* key : {"page_flipping_from", "software_below", "mac", "key_length"}) {
    if (root.has(key)) root.at(key).reject("a key for ciphers by /dev/crypto", fmt::format("none beside {}", beside));
  }
  for (const char* key : {"ejections", "deregistrations"}) {
    if (in_process && !root.at(key).value().empty()) root.at(key).reject(fmt::format("none beside {}", beside));
  }
}

PublicKeyLoad read_public_key(const Node& root, const SoftwarePublicKeys& software, const Node& modulus) {
  const std::string& name = root.at("operation").text();
  PublicKeyLoad load;
  load.operation =
      static_cast<PublicKeyOperation>(std::ranges::find(public_key_operations, name) - public_key_operations.begin());
  load.modulus_bits = modulus.value().get<std::int64_t>();
  load.crt = root.has("crt") && root.at("crt").value().get<bool>();
  const bool in_process = root.at("provider").text() == "user";
  if (load.crt && (in_process || load.operation != PublicKeyOperation::rsa_sign)) {
    root.at("crt").reject("false: only rsa-sign by /dev/crypto may use it");
  }
  if (!in_process) return load;
  const auto operation = software.find(name);
  const auto times = operation == software.end() ? std::map<std::int64_t, Cycles>() : operation->second;
  const auto time = times.find(load.modulus_bits);
  if (time == times.end()) {
    std::string known;
    for (const auto& each : times) known += fmt::format("{}{}", known.empty() ? "" : ", ", each.first);
    modulus.reject(
        fmt::format("{} for {} in software, which the machine's cipher model has no time for", load.modulus_bits, name),
        known.empty() ? "another operation" : "one of " + known);
  }
  load.in_software = time->second;
  return load;
}

void check_times(const Node& root, const WorkloadSpec& cell) {
  if (cell.warm_up + cell.duration > cell.time_limit) {
    root.at("duration")
        .reject(fmt::format("{} after {} of warm-up", to_string(cell.duration), to_string(cell.warm_up)),
                fmt::format("at most {} in all, the time_limit", to_string(cell.time_limit)));
  }
  // When a hog has had its time, nobody knows before.
  const Nanoseconds end = cell.hog ? cell.time_limit : cell.warm_up + cell.duration;
  const auto check_before = [](const Node& node, Nanoseconds limit, const char* then) {
    if (read_instant(node) >= limit) node.reject(fmt::format("less than {}, when {}", to_string(limit), then));
  };
  const char* const then = cell.hog ? "the time_limit is reached" : "warm_up and duration have passed";
  for (const Node& card : root.at("ejections").children()) check_before(card, end, then);
  for (const Node& card : root.at("deregistrations").children()) {
    const auto ejection = cell.ejections.find(cell.machine->find(card.key()));
    for (const Node& algorithm : card.children()) {
      check_before(algorithm, end, then);
      if (ejection != cell.ejections.end()) check_before(algorithm, ejection->second, "the card leaves");
    }
  }
}

}  // namespace

std::string subject_of(const WorkloadSpec& cell) {
  const std::string what = cell.public_key ? std::string(name_of(cell.public_key->operation)) : cell.algorithm;
  const bool crt = cell.public_key && cell.public_key->crt;
  return what + (crt ? " with CRT" : "") + (cell.mac.empty() ? "" : " and " + cell.mac + " apart") +
         (cell.provider == Provider::user ? " in user mode" : "");
}

std::string size_of(const WorkloadSpec& cell) {
  return cell.public_key ? fmt::format("{} bit", cell.public_key->modulus_bits) : to_string(cell.request);
}

std::string switches_of(const WorkloadSpec& cell) {
  std::vector<std::string> switches;
  if (cell.batch > 1) switches.push_back(fmt::format("{} requests in a call", cell.batch));
  if (const auto from = cell.kernel.page_flipping_from) {
    switches.push_back(fmt::format("pages mapped from {} on", to_string(*from)));
  }
  if (cell.kernel.software_below.count > 0) {
    switches.push_back(fmt::format("in software below {}", to_string(cell.kernel.software_below)));
  }
  if (cell.kernel.crypto_balance == CryptoBalance::rated_speed) switches.emplace_back("sessions by rated speed");
  if (cell.kernel.crypto_balance == CryptoBalance::pending_work) switches.emplace_back("requests by pending work");
  if (cell.pending > 1) switches.push_back(fmt::format("{} calls in work at a time", cell.pending));
  if (cell.kernel.crypto_chains_producers) switches.emplace_back("cipher and MAC by different producers");
  if (cell.kernel.completion_in_interrupt) switches.emplace_back("completions in the interrupt");
  if (cell.crypto_processor) switches.emplace_back("a second processor enciphers");
  if (!cell.allow_software) switches.emplace_back("no software");
  if (cell.key_length) switches.push_back(fmt::format("keys of {}", to_string(*cell.key_length)));
  for (const auto& [card, instant] : cell.ejections) {
    switches.push_back(fmt::format("{} leaves after {}", cell.machine->vertex(card).name, to_string(instant)));
  }
  for (const auto& [card, algorithms] : cell.deregistrations) {
    for (const auto& [algorithm, instant] : algorithms) {
      switches.push_back(
          fmt::format("{} loses {} after {}", cell.machine->vertex(card).name, algorithm, to_string(instant)));
    }
  }
  return fmt::format("{}", fmt::join(switches, ", "));
}

std::string name_of(const WorkloadSpec& cell) {
  return fmt::format("{} {}, {}", cell.threads, cell.threads == 1 ? "thread" : "threads", size_of(cell));
}

bool is_workload(const std::filesystem::path& file) { return says_kind(file, "workload"); }

Workload load_workload(const std::filesystem::path& file, const Overrides& overrides) {
  if (overrides.file) {
    throw InputError(fmt::format("--file {}: found a workload, which sends no file, expected a scenario",
                                 printable(overrides.file->string())));
  }
  const Document document = read_with_settings(file, "workload", overrides);
  const Node root(document);
  Workload workload;
  workload.title = root.at("title").text();
  workload.settings = texts_of(overrides);
  const LoadedMachine machine = load_machine(root.at("machine"), root.at("cards"), workload.numbers);
  WorkloadSpec cell;
  static_cast<HostSpec&>(cell) = read_host(root, machine, workload.numbers);
  cell.payload = Payload::modelled;  // what a request holds would reach nobody
  if (root.at("provider").text() == "user") cell.provider = Provider::user;
  cell.allow_software = root.at("allow_software").value().get<bool>();
  read_departures(root, cell);
  cell.batch = root.at("batch").value().get<std::int64_t>();
  cell.pending = root.at("pending").value().get<std::int64_t>();
  cell.crypto_processor = root.at("second_processor").value().get<bool>();
  cell.kernel.crypto_chains_producers = root.at("chain_producers").value().get<bool>();
  if (root.has("completion_in_interrupt")) {
    cell.kernel.completion_in_interrupt = root.at("completion_in_interrupt").value().get<bool>();
  }
  if (root.has("page_flipping_from")) {
    cell.kernel.page_flipping_from = parse_quantity(root.at("page_flipping_from"), Bytes(1), limits::largest_buffer);
  }
  if (root.has("software_below")) {
    cell.kernel.software_below = parse_quantity(root.at("software_below"), Bytes(1), limits::largest_buffer);
  }
  cell.kernel.crypto_balance = read_balance(root.at("balance").text());
  cell.hog = root.at("hog").value().get<bool>();
  cell.warm_up = parse_quantity(root.at("warm_up"), Nanoseconds(0), limits::simulated_time);
  cell.duration = parse_quantity(root.at("duration"), Nanoseconds(1), limits::simulated_time);
  check_times(root, cell);

  const bool public_keys = is_of_public_keys(root);
  check_switches(root, public_keys);
  check_cells(root, public_keys ? "modulus_bits" : "requests");
  const auto threads =
      read_each_once(root.at("threads"), [](const Node& node) { return node.value().get<std::int64_t>(); });
  std::vector<WorkloadSpec> columns;
  if (public_keys) {
    const auto one_of = [&](const Node& node) { return read_public_key(root, machine.software_public_keys, node); };
    for (const PublicKeyLoad& load : read_each_once(root.at("modulus_bits"), one_of)) {
      columns.push_back(cell);
      columns.back().public_key = load;
    }
  } else {
    cell.algorithm = read_algorithm(root.at("algorithm"));
    if (root.has("mac")) cell.mac = read_mac(root);
    if (root.has("key_length")) cell.key_length = read_key_length(root.at("key_length"), cell.algorithm);
    if (cell.kernel.crypto_chains_producers && !parts_of(cell.algorithm)) {
      root.at("chain_producers").reject("true for " + in_quotes(cell.algorithm), "a cipher and a MAC in \"algorithm\"");
    }
    if (!cell.mac.empty() && cell.pending > 1) root.at("pending").reject("1 beside \"mac\"");
    if (cell.provider == Provider::user) check_in_software(root.at("algorithm"), cell.software_ciphers);
    const auto one_of = [](const Node& node) { return parse_quantity(node, Bytes(1), limits::largest_buffer); };
    for (const Bytes request : read_each_once(root.at("requests"), one_of)) {
      columns.push_back(cell);
      columns.back().request = request;
    }
  }
  for (const std::int64_t count : threads) {
    for (const WorkloadSpec& column : columns) {
      workload.cells.push_back(column);
      workload.cells.back().threads = count;
    }
  }
  workload.files = document.files_read();
  if (root.has("published")) {
    workload.published = read_published(root.at("published"), workload.files);
    if (asks_something_else(overrides)) workload.published.clear();
  }
  workload.resolved = std::make_shared<const nlohmann::json>(document.root());
  return workload;
}

}  // namespace cryptopath
