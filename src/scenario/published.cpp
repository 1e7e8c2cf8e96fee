#include "published.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "library.hpp"
#include "names.hpp"

namespace cryptopath {

namespace {

constexpr std::string_view head = "figure,series,x_name,x,y,unit,source";
constexpr std::string_view folder = "plots/published";
enum Column : std::size_t { figure, series, x_name, x, y, unit, source, columns };

[[noreturn]] void reject_line(const std::string& place, std::string_view found, std::string_view expected) {
  throw InputError(fmt::format("{}: found {}, expected {}", place, found, expected));
}

/// The fields of one line of CSV (RFC 4180): commas between them, and quotation marks around a field with a comma or a
/// quotation mark, which then stands twice.
std::vector<std::string> fields_of(std::string_view line, const std::string& place) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    std::string& field = fields.back();
    const bool starts = i == 0 || line[i - 1] == ',';
    if (line[i] != '"') {
      if (line[i] == ',' && !quoted) {
        fields.emplace_back();
      } else {
        field += line[i];
      }
    } else if (!quoted) {
      if (!starts) reject_line(place, "a quotation mark inside a field", "quotation marks around the whole field");
      quoted = true;
    } else if (line.substr(i + 1).starts_with('"')) {
      field += line[i++];
    } else {
      quoted = false;
      if (i + 1 < line.size() && line[i + 1] != ',') {
        reject_line(place, "text behind a field in quotation marks", "a comma or the end of the line");
      }
    }
  }
  if (quoted) reject_line(place, "a quotation mark that none closes", "both in one line");
  return fields;
}

double number_in(const std::string& text, const std::string& place) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || rest != end || !std::isfinite(number)) {
    reject_line(place, fmt::format("y {}", in_quotes(text)), "a number");
  }
  return number;
}

std::vector<PublishedValue> values_in(std::string_view text, const std::string& name) {
  std::vector<PublishedValue> values;
  std::set<std::vector<std::string>> points;
  for (std::size_t line_number = 1; !text.empty() || line_number == 1; ++line_number) {
    const std::string place = fmt::format("{}:{}", printable(name), line_number);
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (std::ranges::any_of(line, [](char c) { return (c >= 0 && c < ' ') || c == '\x7F'; })) {
      reject_line(place, "a control character", "printable text, a line feed at the end of each line");
    }
    if (line_number == 1) {
      if (line != head) reject_line(place, in_quotes(line), in_quotes(head));
      continue;
    }
    std::vector<std::string> fields = fields_of(line, place);
    if (fields.size() != Column::columns) {
      reject_line(place, fmt::format("{} fields", fields.size()), fmt::format("{}: {}", +Column::columns, head));
    }
    values.push_back({.series = fields[series],
                      .x = fields[x],
                      .y = number_in(fields[y], place),
                      .unit = fields[unit],
                      .source = fields[source],
                      .x_name = fields[x_name],
                      .place = place});
    fields[y].clear();
    if (!points.insert(std::move(fields)).second) {
      reject_line(
          place, fmt::format("a second value at {} of {}", in_quotes(values.back().x), in_quotes(values.back().series)),
          "one value for each point");
    }
  }
  return values;
}

}  // namespace

std::vector<PublishedValue> read_published(const Node& reference, std::vector<std::filesystem::path>& files) {
  const std::string& text = reference.text();
  const auto read = [&files](const std::filesystem::path& file, const std::string& name) {
    files.push_back(file);
    return values_in(read_text(file, name, "CSV"), name);
  };
  if (text.ends_with(".csv")) {
    const std::filesystem::path path = reference.document().folder() / text;
    if (const auto found = obstacle(path)) {
      reference.reject(fmt::format("{}, {}", in_quotes(text), *found), "a CSV file");
    }
    return read(path, path.string());
  }
  const std::vector<std::string> known = names_in(data_directory() / folder, ".csv");
  if (std::ranges::find(known, text) == known.end()) {
    reference.reject("the unknown table " + in_quotes(text), expected_name(text, known));
  }
  const std::string name = fmt::format("{}/{}.csv", folder, text);
  return read(data_directory() / name, name);
}

std::optional<double> published_rate(const Workload& workload, const WorkloadSpec& cell) {
  const std::string threads = fmt::format("{} threads", cell.threads);
  const std::string size = std::to_string(cell.request.count);
  for (const PublishedValue& value : workload.published) {
    if (value.series == threads && value.x == size && value.unit == "Mbit/s" && value.y > 0) return value.y;
  }
  return std::nullopt;
}

}  // namespace cryptopath
