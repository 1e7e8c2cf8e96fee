// The matrix, and what is not in it, as tables in Markdown.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "absences.hpp"
#include "cell.hpp"

namespace cryptopath::test {

struct Row {
  RecordFormat format;
  std::vector<Cell> cells;
};

/// Formats in the order given, those of a protocol with equal cells in one row, protocols with equal rows in one;
/// below, the cells' notes by letter. `columns` names the cells.
std::string table_of(const std::vector<std::string>& columns, const std::vector<Row>& rows);

/// A row for each.
std::string table_of(std::span<const Absence> absences);

}  // namespace cryptopath::test
