#include "fit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "library.hpp"
#include "line_counter.hpp"
#include "names.hpp"
#include "schema.hpp"

namespace cryptopath {

namespace {

namespace fs = std::filesystem;

template <class Unit>
double read_number(std::string_view text) {
  const Unit quantity = parse<Unit>(text);
  if constexpr (requires { quantity.count; }) {
    return static_cast<double>(quantity.count);
  } else {
    return quantity.value;
  }
}

template <class Unit>
std::string write_number(double number) {
  if constexpr (requires(Unit quantity) { quantity.count; }) {
    return to_string(Unit(std::llround(number)));
  } else {
    return to_string(Unit{number});
  }
}

template <class Unit>
constexpr NumberUnit number_unit{read_number<Unit>, write_number<Unit>};

constexpr std::array<const NumberUnit*, 7> units = {
    &number_unit<Bytes>,  &number_unit<Nanoseconds>,        &number_unit<BitsPerSecond>, &number_unit<Hertz>,
    &number_unit<Cycles>, &number_unit<NanosecondsPerByte>, &number_unit<CyclesPerByte>};

/// The unit of `node` where it is a number that has one.
const NumberUnit* unit_of(const Node& node) {
  if (!node.value().is_object() || !node.has("value") || !node.at("value").value().is_string()) return nullptr;
  for (const NumberUnit* unit : units) {
    try {
      unit->read(node.at("value").text());
      return unit;
    } catch (const UnitError&) {
      continue;  // then another one
    }
  }
  return nullptr;
}

/// All numbers with a unit in `node`.
void collect_numbers(const Node& node, std::vector<Node>& numbers) {
  if (!node.value().is_structured()) return;
  for (const Node& child : node.children()) {
    if (unit_of(child) != nullptr) {
      numbers.push_back(child);
    } else {
      collect_numbers(child, numbers);
    }
  }
}

double read_bound(const Node& bound, const NumberUnit& unit) {
  double number = 0;
  try {
    number = unit.read(bound.text());
  } catch (const UnitError& error) {
    throw InputError(
        fmt::format("{}: {}: {}", bound.document().place(bound.pointer()), to_string(bound.pointer()), error.what()));
  }
  if (number <= 0) bound.reject("more than 0");
  return number;
}

fs::path file_of_model(const Node& reference) {
  std::vector<std::string> known;
  for (const Shelf* shelf : {&shelves::machines, &shelves::accelerators, &shelves::boards, &shelves::nics,
                             &shelves::kernels, &shelves::ciphers}) {
    const std::string folder = fs::path(shelf->folder).filename();
    for (const std::string& name : names_in(data_directory() / shelf->folder, ".json")) {
      known.push_back(fmt::format("{}/{}", folder, name));
    }
  }
  const std::string& text = reference.text();
  if (std::ranges::find(known, text) == known.end()) {
    reference.reject("the unknown model " + in_quotes(text), expected_name(text, known));
  }
  return fs::weakly_canonical(data_directory() / "models" / (text + ".json"));
}

/// A number as it stands in its model.
struct PlacedNumber {
  NumberPlace place;
  const NumberUnit* unit = nullptr;
  std::string text;
};

PlacedNumber find_number(const Node& node, FileTexts& models) {
  PlacedNumber number;
  number.place.file = file_of_model(node.at("model"));
  number.place.model = node.at("model").text();
  number.place.pointer = node.at("pointer").text();
  const std::string& pointer = number.place.pointer;
  const std::string name = fmt::format("models/{}.json", number.place.model);
  const std::string text = models.emplace(number.place.file, read_text(number.place.file, name, "JSON")).first->second;
  const Document document(number.place.file, name, models);
  std::vector<Node> numbers;
  collect_numbers(Node(document), numbers);
  const auto same = [&pointer](const Node& each) { return to_string(each.pointer()) == pointer; };
  const auto found = std::ranges::find_if(numbers, same);
  if (found == numbers.end()) {
    std::vector<std::string> known;
    for (const Node& each : numbers) known.push_back(to_string(each.pointer()));
    const auto meant = nearest(pointer, known);
    node.at("pointer").reject(fmt::format("{}, where {} has no number with a unit", in_quotes(pointer), name),
                              meant ? in_quotes(*meant) : "the pointer of one");
  }
  const Lines all = lines_of(text, name);
  const Lines* place = &all;
  for (const std::string& token : found->pointer()) {
    place = child_of(*place, token);
    ensure(place != nullptr, "what stands in a document has a place in its text");
  }
  number.place.begin = place->begin;
  number.place.end = place->end;
  number.unit = unit_of(*found);
  number.text = found->at("value").text();
  return number;
}

FreeNumber read_free_number(const Node& node, FileTexts& models) {
  const PlacedNumber found = find_number(node, models);
  FreeNumber number{found.place, {}, found.unit, found.unit->read(found.text), 0, 0};
  number.from = read_bound(node.at("from"), *number.unit);
  number.to = read_bound(node.at("to"), *number.unit);
  if (number.from >= number.to) node.at("to").reject(fmt::format("more than {}", in_quotes(node.at("from").text())));
  if (number.value < number.from || number.value > number.to) {
    node.reject(fmt::format("{} in models/{}.json, not from {} to {}", in_quotes(found.text), number.model,
                            in_quotes(node.at("from").text()), in_quotes(node.at("to").text())),
                "bounds around it");
  }
  if (!node.has("same")) return number;
  for (const Node& other : node.at("same").children()) {
    const PlacedNumber same = find_number(other, models);
    if (same.text != found.text) {
      other.reject(fmt::format("{} in models/{}.json", in_quotes(same.text), same.place.model),
                   fmt::format("{}, as in models/{}.json", in_quotes(found.text), number.model));
    }
    number.same.push_back(same.place);
  }
  return number;
}

/// In one line where it fits.
std::string number_text(std::string_view text, std::size_t begin, const std::string& value, const std::string& origin) {
  constexpr std::size_t longest_line = 120;
  const std::string quoted_value = nlohmann::json(value).dump();
  const std::string quoted_origin = nlohmann::json(origin).dump();
  std::string short_form = fmt::format(R"({{"value": {}, "fitted": {}}})", quoted_value, quoted_origin);
  const std::size_t line = text.substr(0, begin).rfind('\n') + 1;  // 0 in the first line
  if (begin - line + short_form.size() < longest_line) return short_form;
  const std::string_view indentation = text.substr(line, text.find_first_not_of(' ', line) - line);
  return fmt::format("{{\n{0}  \"value\": {1},\n{0}  \"fitted\": {2}\n{0}}}", indentation, quoted_value, quoted_origin);
}

}  // namespace

bool is_fit(const fs::path& file) { return says_kind(file, "fit"); }

Fit load_fit(const fs::path& file) {
  Fit fit{Document(file, file.string()), {}, {}, 1, {}, {}};
  Schema("fit").check(fit.document);
  const Node root(fit.document);
  fit.title = root.at("title").text();
  for (const Node& workload : root.at("workloads").children()) {
    const fs::path path = fit.document.folder() / workload.text();
    if (const auto found = obstacle(path)) {
      workload.reject(fmt::format("{}, {}", in_quotes(workload.text()), *found), "a workload file");
    }
    const auto same = [&path](const fs::path& other) { return fs::equivalent(path, other); };
    if (std::ranges::any_of(fit.workloads, same)) {
      workload.reject(in_quotes(workload.text()) + " a second time", "it once");
    }
    fit.workloads.push_back(path);
  }
  if (root.has("seeds")) fit.seeds = root.at("seeds").value().get<std::uint64_t>();
  std::set<std::pair<fs::path, std::string>> places;
  for (const Node& node : root.at("free").children()) {
    FreeNumber number = read_free_number(node, fit.models);
    std::vector<NumberPlace> all = number.same;
    all.push_back(number);
    for (const NumberPlace& each : all) {
      if (places.emplace(each.file, each.pointer).second) continue;
      node.reject(fmt::format("{} of {} a second time", in_quotes(each.pointer), each.model), "it once");
    }
    fit.free.push_back(std::move(number));
  }
  return fit;
}

FileTexts with_values(const Fit& fit, const std::vector<std::string>& values, const std::string& origin) {
  ensure(values.size() == fit.free.size(), "each free number has a value");
  struct Replacement {
    const NumberPlace* place;
    const std::string* value;
    std::string origin;
  };
  std::vector<Replacement> replacements;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const FreeNumber& number = fit.free[i];
    replacements.push_back({&number, &values[i], origin});
    for (const NumberPlace& each : number.same) {
      replacements.push_back(
          {&each, &values[i], fmt::format("with {} of {}, {}", number.pointer, number.model, origin)});
    }
  }
  // From the end of a text, so that what is still to be replaced stays where it was.
  std::ranges::sort(replacements, std::ranges::greater(), [](const Replacement& each) { return each.place->begin; });
  FileTexts models = fit.models;
  for (const auto& [place, value, why] : replacements) {
    std::string& text = models.at(place->file);
    text.replace(place->begin, place->end - place->begin, number_text(text, place->begin, *value, why));
  }
  return models;
}

std::vector<GivenCell> given_cells(const Fit& fit, const FileTexts& models) {
  std::vector<GivenCell> cells;
  std::set<fs::path> used;
  Overrides overrides;
  overrides.texts = models;
  const std::vector<Node> references = Node(fit.document).at("workloads").children();
  for (std::size_t i = 0; i < references.size(); ++i) {
    const Workload workload = load_workload(fit.workloads[i], overrides);
    for (const fs::path& file : workload.files) used.insert(fs::weakly_canonical(file));
    const std::size_t before = cells.size();
    for (const WorkloadSpec& cell : workload.cells) {
      const auto published = published_rate(workload, cell);
      if (published) cells.push_back({cell, *published, workload.resolved->at("published").get<std::string>()});
    }
    if (cells.size() == before) {
      references[i].reject(in_quotes(references[i].text()) + ", which has no published value for any of its cells",
                           "a workload that \"published\" has rates for");
    }
  }
  for (const Node& node : Node(fit.document).at("free").children()) {
    const Node model = node.at("model");
    if (!used.contains(fs::weakly_canonical(data_directory() / "models" / (model.text() + ".json")))) {
      model.reject(in_quotes(model.text()) + ", which no workload uses", "a model that one does");
    }
  }
  return cells;
}

std::string origin_of_fitted(const std::vector<GivenCell>& cells, const std::string& command) {
  std::string text = "to";
  const GivenCell* last = nullptr;
  for (const GivenCell& cell : cells) {
    const bool same_table = last != nullptr && cell.table == last->table;
    const bool same_series = same_table && cell.spec.threads == last->spec.threads;
    if (last != nullptr) text += same_series ? "," : ";";
    if (!same_table) text += " " + cell.table;
    if (!same_series) text += fmt::format(" {} threads", cell.spec.threads);
    text += fmt::format(" {}", cell.spec.request.count);
    last = &cell;
  }
  return fmt::format("{}; by {}", text, command);
}

}  // namespace cryptopath
