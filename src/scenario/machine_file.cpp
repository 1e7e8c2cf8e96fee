#include "machine_file.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "library.hpp"
#include "models.hpp"
#include "names.hpp"

namespace cryptopath {

namespace {

/// Collects the vertices and connections of a machine before there is one.
class MachineBuilder {
 public:
  MachineBuilder(const Node& root, std::vector<SourcedNumber>& numbers) : root_(root), numbers_(&numbers) {
    add_section("processors", read_processor);
    add_section("memories", read_memory);
    add_section("bridges", read_bridge);
    add_section("segments", read_segment);
    add_section("disks", read_disk);
    add_section("wires", read_wire);
    for (const Node& slot : root_.at("slots").children()) add_slot(slot);
    for (const Node& nic : root_.at("nics").children()) {
      const Entry entry = open_entry(nic, {&shelves::nics});
      add(nic, {nic.key(), entry.name, read_nic(reader_of(entry))});
    }
    for (const Node& connection : root_.at("connections").children()) add_connection(connection);
  }

  void plug_in(const Node& card);

  LoadedMachine build(const std::string& name) &&;

 private:
  template <class Read>
  void add_section(const std::string& section, Read read) {
    for (const Node& vertex : root_.at(section).children()) {
      add(vertex, {vertex.key(), "", read(ModelReader(vertex, *numbers_))});
    }
  }

  /// A model whose numbers are on the list already stays on it once.
  ModelReader reader_of(const Entry& entry) {
    const bool known = !read_files_.insert(entry.document.name()).second;
    return {Node(entry.document), known ? repeated_ : *numbers_};
  }

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const Vertex& vertex : vertices_) names.push_back(vertex.name);
    return names;
  }
  bool has(const std::string& name) const {
    return std::ranges::find(vertices_, name, &Vertex::name) != vertices_.end();
  }

  /// `name`, or the first of `name`-2, `name`-3 and so on that no vertex has.
  std::string unused(const std::string& name) const {
    std::string unused = name;
    for (int number = 2; has(unused); ++number) unused = fmt::format("{}-{}", name, number);
    return unused;
  }

  void add(const Node& place, Vertex vertex);
  void add_slot(const Node& slot);
  void add_behind_bridge(const Node& card, const std::string& bridge, const std::string& model,
                         const ModelReader& board, const std::string& interrupt);
  void add_connection(const Node& connection);
  void move_wire_to(const std::string& nic);

  Node root_;
  std::vector<SourcedNumber>* numbers_;
  std::vector<SourcedNumber> repeated_;
  std::set<std::string> read_files_;
  std::vector<Vertex> vertices_;
  std::vector<Connection> connections_;
  bool has_nic_card_ = false;
};

void MachineBuilder::add(const Node& place, Vertex vertex) {
  if (has(vertex.name)) place.reject("the name " + in_quotes(vertex.name) + " a second time", "a name of its own");
  if (std::ssize(vertices_) == limits::vertices) {
    place.reject(fmt::format("more than {} vertices", limits::vertices), "a smaller machine");
  }
  vertices_.push_back(std::move(vertex));
}

void MachineBuilder::add_slot(const Node& slot) {
  const ModelReader reader(slot, *numbers_);
  const SlotModel model{.width_bits = static_cast<int>(reader.count("width_bits"))};
  const std::string interrupt = slot.has("irq") ? fmt::format("irq {}", reader.count("irq")) : "";
  add(slot, {slot.key(), "", model, interrupt});
}

void MachineBuilder::add_connection(const Node& connection) {
  for (const Node& end : connection.children()) {
    if (!has(end.text())) end.reject("the unknown vertex " + in_quotes(end.text()), expected_name(end.text(), names()));
  }
  connections_.push_back({connection.value().at(0), connection.value().at(1)});
}

void MachineBuilder::move_wire_to(const std::string& nic) {
  const std::string wire = root_.at("wires").children().front().key();
  std::erase_if(connections_, [&wire](const Connection& c) { return c.from == wire || c.to == wire; });
  connections_.push_back({nic, wire});
}

void MachineBuilder::plug_in(const Node& card) {
  std::vector<std::string> slots;
  for (const Node& slot : root_.at("slots").children()) slots.push_back(slot.key());
  if (std::ranges::find(slots, card.key()) == slots.end()) {
    card.reject("the unknown slot " + in_quotes(card.key()), expected_name(card.key(), slots));
  }
  const Entry entry = open_entry(card, {&shelves::accelerators, &shelves::boards, &shelves::nics});
  const std::string name = unused(entry.name);

  const auto slot = std::ranges::find(vertices_, card.key(), &Vertex::name);
  const std::string interrupt = slot->interrupt;
  for (Connection& connection : connections_) {
    if (connection.from == card.key()) connection.from = name;
    if (connection.to == card.key()) connection.to = name;
  }
  const ModelReader reader = reader_of(entry);
  if (entry.shelf == &shelves::accelerators) {
    *slot = {name, entry.name, read_accelerator(reader), interrupt};
    return;
  }
  if (entry.shelf == &shelves::boards) {
    *slot = {name, entry.name, read_bridge(reader.at("bridge"))};
    add_behind_bridge(card, name, entry.name, reader, interrupt);
    return;
  }
  if (has_nic_card_) card.reject("a second NIC card", "one at most: there is one wire");
  has_nic_card_ = true;
  *slot = {name, entry.name, read_nic(reader), interrupt};
  move_wire_to(name);
}

// Devices behind a card's bridge are on its slot's pins in turn (PCI-to-PCI Bridge Architecture Specification 1.2,
// table 9-1); a slot's "irq" is that of the first pin.
std::string line_behind_bridge(const std::string& bridge, const std::string& first, std::size_t pin) {
  return pin == 0 && !first.empty() ? first : fmt::format("{} INT{}", bridge, std::string_view("ABCD").at(pin));
}

void MachineBuilder::add_behind_bridge(const Node& card, const std::string& bridge, const std::string& model,
                                       const ModelReader& board, const std::string& interrupt) {
  const std::string segment = bridge + ".pci";
  add(card, {segment, model, read_segment(board.at("segment"))});
  connections_.push_back({bridge, segment});
  const auto pins = static_cast<std::size_t>(board.count("interrupt_pins"));
  std::size_t device = 0;
  for (const Node& chip : board.node().at("chips").children()) {
    const Entry entry = open_entry(chip, {&shelves::accelerators});
    const std::string name = bridge + "." + chip.key();
    const std::string line = line_behind_bridge(bridge, interrupt, device++ % pins);
    add(chip, {name, entry.name, read_accelerator(reader_of(entry)), line});
    connections_.push_back({segment, name});
  }
}

void check_routes(const Machine& machine) {
  const auto& vertices = machine.vertices();
  const auto index_of = [&vertices]<class Model>(const Model*) {
    const auto holds = [](const Vertex& vertex) { return std::holds_alternative<Model>(vertex.data); };
    return static_cast<VertexIndex>(std::ranges::find_if(vertices, holds) - vertices.begin());
  };
  const VertexIndex memory = index_of(static_cast<const MemoryModel*>(nullptr));
  for (VertexIndex index = 0; index < vertices.size(); ++index) {
    const auto& model = vertices[index].data;
    if (std::holds_alternative<DiskModel>(model)) machine.route(index, memory);
    if (std::holds_alternative<NicModel>(model) || std::holds_alternative<AcceleratorModel>(model)) {
      machine.route(memory, index);
      machine.route(index, memory);
    }
  }
  // The first NIC transmits, straight onto the wire.
  const VertexIndex nic = index_of(static_cast<const NicModel*>(nullptr));
  const VertexIndex wire = index_of(static_cast<const WireModel*>(nullptr));
  if (nic == vertices.size()) throw InputError("found no NIC, expected one that the wire is connected to");
  if (machine.route(nic, wire).size() != 2) {
    throw InputError(fmt::format("found no connection between {} and {}, expected the NIC on the wire",
                                 in_quotes(vertices[nic].name), in_quotes(vertices[wire].name)));
  }
}

LoadedMachine MachineBuilder::build(const std::string& name) && {
  LoadedMachine loaded;
  bool has_nic = false;
  for (const Vertex& vertex : vertices_) {
    if (const auto* processor = std::get_if<ProcessorModel>(&vertex.data)) loaded.clock = processor->clock;
    if (const auto* memory = std::get_if<MemoryModel>(&vertex.data)) loaded.memory = memory->size;
    if (const auto* card = std::get_if<AcceleratorModel>(&vertex.data)) {
      for (const auto& engine : card->engines) loaded.hardware_transforms.insert(engine.first);
    }
    // A NIC card stands in its slot's place, before the built-in NIC, and has the wire.
    if (const auto* nic = std::get_if<NicModel>(&vertex.data); nic != nullptr && !std::exchange(has_nic, true)) {
      for (const auto& engine : nic->engines) loaded.nic_transforms.insert(engine.first);
    }
  }
  const Entry ciphers = open_entry(root_.at("ciphers"), {&shelves::ciphers});
  const ModelReader reader = reader_of(ciphers);
  loaded.software_ciphers = read_ciphers(reader);
  loaded.software_public_keys = read_public_keys(reader);
  try {
    loaded.machine = std::make_shared<const Machine>(name, std::move(vertices_), connections_);
    check_routes(*loaded.machine);
  } catch (const InputError& error) {
    throw InputError(
        fmt::format("{}: {}: {}", root_.document().place({"connections"}), to_string({"connections"}), error.what()));
  }
  return loaded;
}

}  // namespace

LoadedMachine load_machine(const Node& reference, const Node& cards, std::vector<SourcedNumber>& numbers) {
  const Entry entry = open_entry(reference, {&shelves::machines});
  MachineBuilder builder(Node(entry.document), numbers);
  for (const Node& card : cards.children()) builder.plug_in(card);
  return std::move(builder).build(entry.name);
}

}  // namespace cryptopath
