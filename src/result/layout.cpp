#include "result/layout.hpp"

#include <algorithm>

#include "result/human.hpp"

namespace cryptopath {

namespace {

constexpr std::string_view gap = "   ";
constexpr std::string_view indentation = "  ";

std::string bold(const std::string& text, bool colour) { return colour ? "\033[1m" + text + "\033[0m" : text; }

std::string padding(std::string_view text, std::size_t width) {
  return std::string(width - std::min(width, columns(text)), ' ');
}

}  // namespace

std::string lay_out(const std::vector<std::string>& heads, const std::vector<Row>& rows, std::size_t width,
                    bool colour) {
  std::size_t label_width = 0;
  std::size_t cell_width = 0;
  for (const Row& row : rows) {
    if (!row.cells.empty()) label_width = std::max(label_width, indentation.size() + columns(row.label));
    for (const std::string& cell : row.cells) cell_width = std::max(cell_width, columns(cell));
  }
  // Heads may widen the columns, but not so far that fewer of them stand side by side than three.
  const std::size_t widest = width > label_width ? (width - label_width) / 3 - gap.size() : 0;
  for (const std::string& head : heads) {
    cell_width = std::max(cell_width, std::min(columns(head), std::max(cell_width, widest)));
  }
  const std::size_t fitting = width > label_width ? (width - label_width) / (cell_width + gap.size()) : 0;
  const std::size_t per_block = std::max<std::size_t>(fitting, 1);

  std::string text;
  for (std::size_t first = 0; first < heads.size(); first += per_block) {
    const std::size_t last = std::min(first + per_block, heads.size());
    if (first > 0) text += '\n';
    text.append(label_width, ' ');
    for (std::size_t i = first; i < last; ++i) {
      const std::string head = cut(heads[i], cell_width);
      text.append(gap).append(padding(head, cell_width)).append(bold(head, colour));
    }
    text += '\n';
    for (const Row& row : rows) {
      if (row.cells.empty()) {
        text.append(bold(row.label, colour)).append("\n");
        continue;
      }
      text.append(indentation).append(row.label).append(padding(row.label, label_width - indentation.size()));
      for (std::size_t i = first; i < last; ++i) {
        text.append(gap).append(padding(row.cells[i], cell_width)).append(row.cells[i]);
      }
      text.erase(text.find_last_not_of(' ') + 1);
      text += '\n';
    }
  }
  return text;
}

}  // namespace cryptopath
