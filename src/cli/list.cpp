#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/terminal.hpp"
#include "cryptopath/record_format.hpp"
#include "result/human.hpp"
#include "scenario/document.hpp"
#include "scenario/figure_file.hpp"

namespace cryptopath {

namespace {

namespace fs = std::filesystem;

struct Item {
  std::string name;
  std::string description;
};

std::string line_about(const fs::path& file, const std::string& key) {
  const Document document(file, file.string());
  const nlohmann::json& root = document.root();
  if (!root.is_object() || !root.contains(key) || !root.at(key).is_string()) {
    throw InputError(fmt::format("{}: expected the key \"{}\" with a line of text", printable(file.string()), key));
  }
  return printable(root.at(key).get<std::string>(), 400);
}

std::vector<fs::path> json_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::recursive_directory_iterator place(folder, error), end; !error && place != end; place.increment(error)) {
    if (place->path().extension() == ".json") files.push_back(place->path());
  }
  if (error) throw InputError(fmt::format("cannot read {}: {}", printable(folder.string()), error.message()));
  std::ranges::sort(files);
  return files;
}

std::vector<Item> named(const fs::path& folder) {
  std::vector<Item> items;
  for (const fs::path& file : json_files(folder))
    items.push_back({printable(file.stem().string()), line_about(file, "description")});
  return items;
}

/// By a path that `run` takes from where the user stands.
std::vector<Item> scenarios(const fs::path& folder) {
  std::vector<Item> items;
  for (const fs::path& file : json_files(folder)) {
    if (fs::relative(file, folder).begin()->string() == "programs") continue;
    std::error_code gone;  // the folder where the user stands
    const fs::path near = fs::proximate(file, gone);
    const bool below = !gone && near.begin()->string() != "..";
    items.push_back({printable((below ? near : file).string()), line_about(file, "title")});
  }
  return items;
}

/// A star for suites that also have encrypt-then-MAC.
std::vector<Item> protocols() {
  std::vector<Item> items;
  for (const RecordFormat& format : all_formats()) {
    const std::string_view name = name_of(format.protocol);
    if (items.empty() || items.back().name != name) items.push_back({std::string(name), ""});
    std::string& suites = items.back().description;
    if (format.encrypt_then_mac) {
      suites += '*';
    } else {
      suites += fmt::format("{}{}", suites.empty() ? "" : ", ", name_of(format.suite));
    }
  }
  return items;
}

std::string section(std::string_view head, const std::vector<Item>& items) {
  std::string text = fmt::format("{}\n", head);
  for (const Item& item : items) text += fmt::format("  {}\n{}", item.name, wrapped(item.description, 100, "      "));
  return text + '\n';
}

void list() {
  const fs::path data = data_directory().lexically_normal();
  const fs::path models = data / "models";
  std::string text = section("scenarios, workloads and fits", scenarios(data / "scenarios"));
  std::vector<Item> figures;
  for (const std::string& name : figure_names()) figures.push_back({name, line_about(figure_file(name), "title")});
  text += section("figures", figures);
  text += section("paths", named(data / "scenarios" / "programs"));
  text += section("machines", named(models / "machines"));
  std::vector<Item> cards;
  for (const char* const shelf : {"accelerators", "boards", "nics"}) {
    // There may be no board.
    if (fs::exists(models / shelf)) std::ranges::move(named(models / shelf), std::back_inserter(cards));
  }
  text += section("cards", cards);
  text += section("kernels", named(models / "kernels"));
  text += section("protocols and their suites (*: also with \"encrypt_then_mac\": true)", protocols());
  text.pop_back();
  write_to(STDOUT_FILENO, text);
}

}  // namespace

void add_list(CLI::App& app) {
  app.add_subcommand(
         "list",
         "show the scenarios, workloads, fits, figures, paths, machines, cards, kernels, protocols and suites at hand")
      ->callback(list);
}

}  // namespace cryptopath
