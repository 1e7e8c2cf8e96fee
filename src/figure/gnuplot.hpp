// Runs gnuplot, which draws all pictures. Scripts go in and pictures come out through memory: no temporary file is left
// however the program ends.
#pragma once

#include <string>
#include <string_view>

namespace cryptopath {

/// Throws InputError, which says where to get it, when gnuplot is not on the PATH.
void require_gnuplot();

/// What gnuplot writes to its standard output for `script`. Throws Fault with gnuplot's own words when it fails.
std::string run_gnuplot(std::string_view script);

/// `text` as a string of gnuplot's language, whatever stands in it; control characters become spaces.
std::string gnuplot_string(std::string_view text);

}  // namespace cryptopath
