#include "figure/figure_csv.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace cryptopath {

namespace {

std::string field(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + '"';
}

}  // namespace

std::string figure_csv(const nlohmann::json& document) {
  std::string text = "figure,series,x_name,x,y,unit\n";
  const auto text_at = [](const nlohmann::json& object, const char* key) { return field(object.at(key)); };
  const auto add = [&](const nlohmann::json& cell, const std::string& y) {
    text += fmt::format("{},{},{},{},{},{}\n", text_at(document, "name"), text_at(cell, "series"),
                        text_at(cell, "x_name"), text_at(cell, "x"), y, text_at(cell, "unit"));
  };
  for (const auto& point : document.at("points")) add(point, fmt::format("{}", point.at("y").get<double>()));
  for (const auto& value : document.at("unmodelled")) add(value, "");
  return text;
}

}  // namespace cryptopath
