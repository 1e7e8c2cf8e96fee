#include "figure/template.hpp"

#include <fmt/format.h>

#include <fstream>

#include "cryptopath/errors.hpp"
#include "figure/gnuplot.hpp"

namespace cryptopath {

std::string load_command(const std::filesystem::path& file) {
  std::ifstream stream(file);
  if (!stream) throw InputError(fmt::format("cannot read {}, which draws the picture", printable(file.string())));
  // gnuplot would take a name that starts with "<" for a command.
  return "load " + gnuplot_string(std::filesystem::absolute(file).string()) + '\n';
}

std::string gnuplot_array(std::string_view name, const std::vector<std::string>& texts) {
  std::string list;
  for (const std::string& text : texts) list += (list.empty() ? "" : ", ") + gnuplot_string(text);
  return fmt::format("array {}[{}] = [{}]\n", name, texts.size(), list);
}

std::vector<std::filesystem::path> picture_files(const std::filesystem::path& basename) {
  return {basename.string() + ".svg", basename.string() + ".png"};
}

std::vector<std::string> draw_both(const std::string& script) {
  require_gnuplot();
  std::vector<std::string> pictures = {run_gnuplot("picture_format = 'svg'\n" + script),
                                       run_gnuplot("picture_format = 'png'\n" + script)};
  // gnuplot does not look whether all that it writes is taken.
  constexpr std::string_view end_of_png("IEND\xAE\x42\x60\x82", 8);
  if (pictures[0].find("</svg>") == std::string::npos || !pictures[1].ends_with(end_of_png)) {
    throw InputError("gnuplot could not write a whole picture, expected room for it (ulimit -f)");
  }
  return pictures;
}

}  // namespace cryptopath
