#include "figure/template.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iterator>

#include "cryptopath/errors.hpp"
#include "figure/gnuplot.hpp"

namespace cryptopath {

std::string template_text(const std::filesystem::path& file) {
  std::ifstream stream(file);
  if (!stream) throw InputError(fmt::format("cannot read {}, which draws the picture", printable(file.string())));
  return {std::istreambuf_iterator<char>(stream), {}};
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
  return {run_gnuplot("picture_format = 'svg'\n" + script), run_gnuplot("picture_format = 'png'\n" + script)};
}

}  // namespace cryptopath
