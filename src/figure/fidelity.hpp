// How well the figures agree with what was published: one page for a browser, one for a terminal.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace cryptopath {

/// One figure of several.
struct FigureReport {
  std::string name;
  nlohmann::json document;  // null where the figure failed
  std::string failure;
  bool drawn = true;  // whether NAME.svg is of this document
};

/// "11 fitted, median 1.2 %, largest -4.8 %; 2 predicted, ...; 3 of 4 statements hold".
std::string summary_of(const nlohmann::json& document);
/// A statement in a line: "holds" or "FAILS", what it says, what was found and what was expected.
std::string statement_line(const nlohmann::json& statement);

/// index.html: each figure with its picture, its errors and its statements. It is in the folder of the pictures.
std::string index_page(const std::vector<FigureReport>& figures);
/// fidelity.md: the same with every published cell beside the model's, without pictures.
std::string fidelity_page(const std::vector<FigureReport>& figures);

}  // namespace cryptopath
