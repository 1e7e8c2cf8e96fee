// A figure of five points and as many published values, and what its runs came to.
#pragma once

#include "figure/figure_document.hpp"

namespace cryptopath::examples {

inline nlohmann::json result_of(double rate, double interrupts = 0) {
  return {{"runs", {{{"path", "a"}, {"rate", rate}, {"counts", {{"interrupts", interrupts}, {"others", 1}}}}}}};
}

/// Two series over three x: rates of the runs 0, 1, 2 and the double of 0 and 2.
inline Figure example(const std::string& first_template = "grouped-bars") {
  Figure figure;
  figure.name = "example";
  figure.title = "An <example> of it's kind";
  figure.source = "somebody, section 1";
  figure.x_label = "size";
  figure.xs = {{"bytes", "64", "64 B"}, {"bytes", "1024", "1 KiB"}, {"bytes", "8192", "8 KiB"}};
  figure.series = {{"single", "Mbit/s", {{"/rate"}, {}, "", "", 1, 0}},
                   {"double, about", "Mbit/s", {{"/rate"}, {}, "", "", 2, 0}}};
  figure.panels = {
      {data_directory() / "plots" / "templates" / (first_template + ".gnuplot"), "rate", "Mbit/s", false, {0, 1}}};
  figure.runs.resize(3);
  for (FigureRun& run : figure.runs) run = {"workload.json", nlohmann::json::object(), Workload()};
  figure.points = {{0, 0, 0}, {0, 1, 1}, {0, 2, 2}, {1, 0, 0}, {1, 2, 2}};
  figure.published = {{"single", "64", 10, "Mbit/s", "s"},
                      {"single", "1024", 40, "Mbit/s", "s"},
                      {"double, about", "64", 25, "Mbit/s", "s"},
                      {"peak", "8192", 100, "Mbit/s", "s"},
                      {"other", "64", 7, "Mbit/s", "s", "bytes"}};
  figure.fitted = {{"single", "64"}};
  figure.aliases = {{"peak", 0, 2}};
  return figure;
}

inline const std::vector<nlohmann::json> results = {result_of(11), result_of(30), result_of(100)};

}  // namespace cryptopath::examples
