#include "scenario/figure_file.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "workspace.hpp"

using namespace cryptopath;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

const Workspace workspace;

const std::string valid_figure = R"({
  "format": "cryptopath-figure-1",
  "title": "A test",
  "source": "nowhere",
  "published": "published.csv",
  "fitted": [{"series": "1 threads", "x": "64"}],
  "scenario": "workload.json",
  "set": {"/duration": "1 ms"},
  "x": {
    "name": "request_bytes",
    "label": "request",
    "points": [
      {"x": "64", "label": "64 B", "set": {"/requests": ["64 B"]}},
      {"x": "1024", "set": {"/requests": ["1 KiB"]}}
    ]
  },
  "value": {"of": ["/throughput_mbit_s"]},
  "panels": [
    {"template": "lines", "label": "rate", "unit": "Mbit/s", "series": [
      {"name": "1 threads", "set": {"/threads": [1]}},
      {"name": "8 threads", "set": {"/threads": [8], "/duration": "2 ms"}, "at": ["1024"]}
    ]},
    {"template": "grouped-bars", "label": "interrupts", "unit": "1/s", "scale": "log", "series": [
      {"name": "interrupts", "set": {"/threads": [1]}, "value": {"of": ["/counts/interrupts"], "per": ["/elapsed_ns"], "times": 1e9}}
    ]}
  ],
  "also": [{"series": "peak", "x": "1024", "of": "8 threads"}],
  "statements": [
    {"says": "It grows", "of": {"series": "8 threads", "x": "1024"}, "per": {"series": "1 threads", "x": "1024"}, "at_least": 1},
    {"says": "It interrupts", "of": {"series": "interrupts"}, "at_least": 1, "at_most": 1e6}
  ]
}
)";

Figure load(const std::string& text) {
  workspace.write("workload.json", valid_workload);
  workspace.write("published.csv",
                  "figure,series,x_name,x,y,unit,source\nf,1 threads,request_bytes,64,3,Mbit/s,s\n"
                  "f,peak,request_bytes,1024,9,Mbit/s,s\n");
  return load_figure(workspace.write("figure.json", text));
}

/// The message for the valid figure with `before` replaced, without the folder's name.
std::string error_of(std::string_view before, std::string_view after) {
  try {
    load(with(valid_figure, before, after));
  } catch (const InputError& error) {
    std::string message = error.what();
    for (const std::string folder = workspace.path("").string(); message.find(folder) != std::string::npos;) {
      message = with(message, folder, "");
    }
    return message;
  }
  return "no error";
}

}  // namespace

TEST_CASE("a figure has a run for each point that differs in its settings") {
  const Figure figure = load(valid_figure);
  CHECK(figure.name == "figure");
  CHECK(figure.points.size() == 5);
  // The interrupts are of the same runs as the rates of one thread.
  REQUIRE(figure.runs.size() == 3);
  const auto& cell = std::get<Workload>(figure.runs[2].subject).cells.front();
  CHECK(cell.threads == 8);
  CHECK(cell.request == Bytes(1024));
  CHECK(cell.duration == Nanoseconds(2'000'000));
  CHECK(std::get<Workload>(figure.runs[0].subject).cells.front().duration == Nanoseconds(1'000'000));
  CHECK(figure.xs[0].label == "64 B");
  CHECK(figure.xs[1].label == "1024");
  CHECK(figure.panels[1].logarithmic);
  CHECK(figure.fitted.contains({"1 threads", "64"}));
  CHECK(figure.series[2].value.times == 1e9);
}

TEST_CASE("the files of a figure are its own and all that it rests on") {
  const Figure figure = load(valid_figure);
  const auto has = [&figure](const std::string& name) {
    return std::ranges::any_of(figure.files, [&name](const auto& file) { return file.string().ends_with(name); });
  };
  for (const char* name : {"/figure.json", "/workload.json", "/published.csv", "/models/accelerators/vpn1201.json",
                           "/plots/templates/lines.gnuplot", "/schemas/figure.schema.json"}) {
    INFO(name);
    CHECK(has(name));
  }
}

TEST_CASE("cells that a fit was made to are fitted and the others are not") {
  const Figure figure = load_figure(data_directory() / "plots" / "tocs-table-1.json");
  CHECK(figure.fitted.size() == 6);
  CHECK(figure.fitted.contains({"32 threads", "16384"}));
  CHECK_FALSE(figure.fitted.contains({"2 threads", "16384"}));
}

TEST_CASE("what is wrong in a figure is said with its line and what would do") {
  CHECK_THAT(error_of("\"lines\"", "\"line\""),
             StartsWith("figure.json:19: /panels/0/template: found the unknown template \"line\", expected") &&
                 Contains("\"lines\""));
  CHECK_THAT(
      error_of("\"workload.json\"", "\"work.json\""),
      StartsWith("figure.json:7: /scenario: found \"work.json\", ") && Contains("expected a scenario or workload"));
  CHECK_THAT(error_of("\"/requests\": [\"1 KiB\"]", "\"/requests\": [\"1 KB\"]"),
             StartsWith("figure.json:14: /x/points/1: --set /requests=") && Contains("whose unit \"KB\" is none of"));
  CHECK_THAT(error_of("[\"64 B\"]", "[\"64\"]"), StartsWith("figure.json:13: /x/points/0: --set /requests="));
  CHECK_THAT(error_of("[\"64 B\"]", "[\"64 B\", \"1 KiB\"]"),
             Contains("/x/points/0: found a workload of 2 cells, expected one for a point"));
  CHECK_THAT(error_of("\"at\": [\"1024\"]", "\"at\": [\"1025\"]"),
             Contains("/at/0: found the unknown x \"1025\", expected \"1024\""));
  CHECK_THAT(error_of("\"/throughput_mbit_s\"", "\"throughput_mbit_s\""),
             Contains("/value/of/0: found \"throughput_mbit_s\", expected a JSON pointer"));
  CHECK_THAT(error_of("\"of\": \"8 threads\"", "\"of\": \"9 threads\""),
             Contains("/also/0/of: found the unknown series \"9 threads\""));
  CHECK_THAT(error_of("\"x\": \"1024\", \"of\"", "\"x\": \"64\", \"of\""),
             Contains("/also/0/x: found \"64\", where \"8 threads\" has no point"));
  CHECK_THAT(error_of(", \"at_least\": 1}", "}"),
             Contains("/statements/0: ") && Contains("\"at_least\" or \"at_most\""));
  CHECK_THAT(error_of("\"at_most\": 1e6", "\"at_most\": 0.5"), Contains("/statements/1/at_most: found 0.5"));
  CHECK_THAT(error_of("\"x\": \"64\"}]", "\"x\": \"63\"}]"),
             Contains("/fitted/0: found \"1 threads\" at \"63\", which the published table has not"));
  CHECK_THAT(error_of("\"name\": \"interrupts\"", "\"name\": \"1 threads\""),
             Contains("/panels/1/series/0/name: found \"1 threads\" a second time"));
  CHECK_THAT(error_of("\"of\": [\"/counts/interrupts\"]", "\"run\": \"shortcut\", \"of\": [\"/counts/interrupts\"]"),
             Contains("found the unknown run \"shortcut\", expected none: a cell has no paths"));
  CHECK_THAT(error_of("  \"value\": {\"of\": [\"/throughput_mbit_s\"]},\n", ""), Contains("also the key \"value\""));
}

TEST_CASE("a scenario in a figure is of modelled payload and a value names one of its paths") {
  workspace.write("transfer.json", valid_scenario);
  const auto of_scenario =
      [](const std::string& set, const std::string& value) {
        try {
          load_figure(workspace.write("paths.json", R"({"format": "cryptopath-figure-1", "title": "t", "source": "s",
        "scenario": "transfer.json", "set": {)" + set + R"(}, "x": {"name": "", "label": "", "points": [{"x": ""}]},
        "panels": [{"template": "table", "label": "l", "unit": "u", "series": [{"name": "n", "value": )" +
                                                        value + "}]}]}"));
        } catch (const InputError& error) {
          return std::string(error.what());
        }
        return std::string("no error");
      };
  const std::string modelled = R"("/payload": "modelled")";
  const std::string gain =
      R"({"of": ["/elapsed_ns"], "run": "traditional", "per": ["/elapsed_ns"], "per_run": "shortcut"})";
  CHECK(of_scenario(modelled, gain) == "no error");
  CHECK_THAT(of_scenario(R"("/payload": "real")", gain), Contains("found a real payload, expected a modelled one"));
  CHECK_THAT(of_scenario(modelled, R"({"of": ["/elapsed_ns"]})"), Contains("found a value that names no run"));
  CHECK_THAT(of_scenario(modelled, R"({"of": ["/elapsed_ns"], "run": "shortcuts"})"),
             Contains("found the unknown run \"shortcuts\", expected \"shortcut\""));
}

TEST_CASE("a published value of a point is in the unit of its panel") {
  const auto loaded = [](const std::string& unit, const std::string& peak_unit) {
    workspace.write("other.csv", "figure,series,x_name,x,y,unit,source\nf,1 threads,request_bytes,64,3," + unit +
                                     ",s\nf,peak,request_bytes,1024,9," + peak_unit + ",s\n");
    return load(with(valid_figure, "published.csv", "other.csv"));
  };
  CHECK_THROWS_WITH(
      loaded("kbit/s", "Mbit/s"),
      Contains("other.csv:2: found the unit \"kbit/s\", expected \"Mbit/s\" as the panel of \"1 threads\""));
  CHECK_THROWS_WITH(loaded("Mbit/s", "B/s"),
                    Contains("other.csv:3: found the unit \"B/s\", expected \"Mbit/s\" as the panel of \"peak\""));
  CHECK(loaded("Mbit/s", "Mbit/s").published.front().x_name == "request_bytes");
}

TEST_CASE("statements that models took a number from are no predictions") {
  const auto is_fitted = [](const char* figure, const std::string& says) {
    const auto statements = load_figure(figure_file(figure)).statements;
    const auto same = [&says](const FigureStatement& one) { return one.says.starts_with(says); };
    const auto found = std::ranges::find_if(statements, same);
    REQUIRE(found != statements.end());
    return found->fitted;
  };
  // The 5805's and 5820's DES cite the sentence; the 7751's and the 7811's are set to three times 3DES.
  CHECK(is_fitted("tocs-fig-2", "DES and 3DES are the same on the 5805"));
  CHECK(is_fitted("tocs-fig-2", "... and on the 5820"));
  CHECK(is_fitted("tocs-fig-2", "The 7751 has DES faster"));
  CHECK(is_fitted("tocs-fig-2", "The 7811 has DES faster"));
  CHECK_FALSE(is_fitted("tocs-fig-2", "On the 7811 the difference"));
  // The 5820's time is inferred from these (docs/decisions/0011-public-keys.md).
  CHECK(is_fitted("tocs-fig-3", "RSA signatures are faster in software"));
  CHECK(is_fitted("tocs-rsa-threads", "One thread underuses"));
  CHECK(is_fitted("tocs-rsa-threads", "CRT makes"));
}

TEST_CASE("every figure of the house loads") {
  const std::vector<std::string> names = figure_names();
  CHECK(names.size() >= 14);
  for (const std::string& name : names) {
    INFO(name);
    const Figure figure = load_figure(figure_file(name));
    CHECK(figure.name == name);
    CHECK_FALSE(figure.points.empty());
  }
}

TEST_CASE("an unknown figure is refused with the nearest name") {
  CHECK_THROWS_WITH(figure_file("tocs-table-3"),
                    Contains("found the unknown figure \"tocs-table-3\", expected \"tocs-table-"));
}
