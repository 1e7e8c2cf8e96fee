// The points of a figure as a table for other programs.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace cryptopath {

/// Every point of a figure's document, with the columns of plots/published/*.csv: figure,series,x_name,x,y,unit (RFC
/// 4180, but for the line feeds), and behind them what was published and is not modelled, whose y is empty. Numbers
/// have the fewest digits that read back to the same bits.
std::string figure_csv(const nlohmann::json& document);

}  // namespace cryptopath
