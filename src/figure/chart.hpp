// The picture of a figure: its panels below each other, each drawn by its template of plots/templates/.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "scenario/figure_file.hpp"

namespace cryptopath {

/// The script that draws the figure, of which `document` has the points, for draw_both(). plots/figure.gnuplot
/// says what a template finds. Throws InputError for a template that cannot be read.
std::string chart_script(const Figure& figure, const nlohmann::json& document);

}  // namespace cryptopath
