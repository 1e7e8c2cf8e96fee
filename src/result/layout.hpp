// Lays out rows of text under columns, for a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cryptopath {

/// Of all tables, in characters.
inline constexpr std::size_t table_width = 100;
/// What stands in a cell that has nothing to say.
inline constexpr std::string_view no_value = "-";

struct Row {
  std::string label;
  std::vector<std::string> cells;  // one a column; none in a row that heads a group
};

/// Cells stand right-aligned under `heads`. Columns that do not fit beside each other in `width` go into further
/// blocks, each with the labels and the heads of its own columns. `colour` sets heads and groups in bold.
std::string lay_out(const std::vector<std::string>& heads, const std::vector<Row>& rows, std::size_t width,
                    bool colour);

}  // namespace cryptopath
