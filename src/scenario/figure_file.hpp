// Figure files: which points of which runs a picture shows, what was published of them, and what its source says of
// them in words.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "cryptopath/workload.hpp"
#include "document.hpp"

namespace cryptopath {

/// A number of a run's result, or the ratio of two: of / per × times + plus.
struct FigureValue {
  std::vector<std::string> of;   // JSON pointers into a run of the result document, to be added up
  std::vector<std::string> per;  // none: 1
  std::string run;               // the path that `of` is of; empty where there is only one
  std::string per_run;
  double times = 1;
  double plus = 0;
};

/// Where a series can have a point.
struct FigureX {
  std::string name;   // "request_bytes"
  std::string x;      // "1024"
  std::string label;  // "1 KiB"
};

struct FigureSeries {
  std::string name;  // "32 threads"
  std::string unit;  // of its panel
  FigureValue value;
};

/// What one template draws.
struct FigurePanel {
  std::filesystem::path template_file;
  std::string label;
  std::string unit;
  bool logarithmic = false;
  std::vector<std::size_t> series;
  double height = 1;  // in those of an ordinary panel
};

/// A scenario or workload with settings; points share it where these are the same.
struct FigureRun {
  std::filesystem::path file;
  nlohmann::json set;
  std::variant<Scenario, Workload> subject;  // a workload has one cell
};

struct FigurePoint {
  std::size_t series = 0;
  std::size_t x = 0;
  std::size_t run = 0;
};

/// A point's other name in the published table.
struct FigureAlias {
  std::string series;
  std::size_t of = 0;  // the series
  std::size_t x = 0;
};

/// Points that a statement is about: one, or the series' all.
struct StatementPoints {
  std::size_t series = 0;
  std::optional<std::size_t> x;
};

struct FigureStatement {
  std::string says;
  StatementPoints of;
  std::optional<StatementPoints> per;
  /// With these it is of of / per over the same of these two.
  std::optional<StatementPoints> beside_of;
  std::optional<StatementPoints> beside_per;
  bool fitted = false;  // it rests on what numbers of models were fitted to
  std::optional<double> at_least;
  std::optional<double> at_most;
};

struct Figure {
  std::string name;  // the file's, without its extension
  std::string title;
  std::string source;
  std::string x_label;
  bool logarithmic_x = false;
  std::vector<FigureX> xs;
  std::vector<FigurePanel> panels;
  std::vector<FigureSeries> series;
  std::vector<FigureRun> runs;
  std::vector<FigurePoint> points;  // by series, in its order of x
  std::vector<FigureAlias> aliases;
  std::vector<FigureStatement> statements;
  std::vector<PublishedValue> published;
  std::set<std::pair<std::string, std::string>> fitted;  // series and x of published cells that numbers were fitted to
  std::vector<std::filesystem::path> files;              // its own and all that it names, schemas included
};

/// Whether the file says that it is a figure ("format": "cryptopath-figure-1").
bool is_figure(const std::filesystem::path& file);
/// The figures of plots/, by name.
std::vector<std::string> figure_names();
/// The file of a figure of plots/, or `text` itself where it ends in .json. Throws InputError with the nearest names.
std::filesystem::path figure_file(const std::string& text);
/// Reads and checks a figure and all that it names. Throws InputError, one line, as load_scenario() does.
Figure load_figure(const std::filesystem::path& file);

}  // namespace cryptopath
