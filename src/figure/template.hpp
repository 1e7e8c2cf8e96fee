// The gnuplot texts of plots/.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace cryptopath {

/// The command by which gnuplot reads `file`, so that its messages name the file and the line in it. Throws InputError
/// where it cannot be read.
std::string load_command(const std::filesystem::path& file);

/// "array NAME[2] = ['a', 'b']\n"
std::string gnuplot_array(std::string_view name, const std::vector<std::string>& texts);

/// The files that a picture is drawn to: `basename` with ".svg" and with ".png" put behind it.
std::vector<std::filesystem::path> picture_files(const std::filesystem::path& basename);

/// What gnuplot makes of `script`, which finds picture_format set to 'svg' or 'png', for picture_files(). Throws
/// InputError when gnuplot is missing, Fault when it refuses the script.
std::vector<std::string> draw_both(const std::string& script);

}  // namespace cryptopath
