// The pictures of figures.
#include "figure/chart.hpp"

#include <catch2/catch.hpp>
#include <regex>

#include "example_figure.hpp"
#include "figure/template.hpp"

using namespace cryptopath;
using namespace cryptopath::examples;
using Catch::Matchers::Contains;
using nlohmann::json;

TEST_CASE("a picture names what was published and is not modelled") {
  Figure figure = example();
  const auto picture = [&figure] { return draw_both(chart_script(figure, figure_document(figure, results)))[0]; };
  CHECK_THAT(picture(), Contains("published, not modelled: other at 64: 7 Mbit/s"));
  figure.published.pop_back();
  CHECK_THAT(picture(), !Contains("not modelled"));
}

TEST_CASE("counts have no decimals in a picture, and a series of zeros says so in a stack") {
  Figure figure = example();
  const std::vector<json> counts = {result_of(0), result_of(0), result_of(40)};
  const auto picture = [&] { return draw_both(chart_script(figure, figure_document(figure, counts)))[0]; };
  CHECK_THAT(picture(), Contains("40</text>") && !Contains("40.0</text>"));
  figure = example("stacked-bars");
  figure.points = {{0, 0, 0}, {0, 1, 1}, {1, 2, 2}};
  CHECK_THAT(picture(), Contains("single (0)") && !Contains("about (0)"));
}

TEST_CASE("a stack of percents ends at a hundred") {
  Figure figure = example("stacked-bars");
  figure.published.clear();
  figure.points = {{0, 0, 0}, {0, 1, 1}, {0, 2, 2}};
  const json document = figure_document(figure, {result_of(100), result_of(100.0000001), result_of(100)});
  CHECK_THAT(draw_both(chart_script(figure, document))[0], Contains(" 100</text>") && !Contains(" 120</text>"));
}

TEST_CASE("the key of a picture has every series, however long the names") {
  const std::vector<std::pair<std::size_t, std::size_t>> keys = {{6, 13}, {4, 23}, {2, 45}, {11, 11}, {3, 90}};
  for (const auto& [count, length] : keys) {
    INFO(count << " names of " << length << " letters");
    Figure figure = example();
    figure.series.assign(count, figure.series.front());
    figure.points.clear();
    figure.aliases.clear();
    figure.panels.front().series.clear();
    for (std::size_t i = 0; i < count; ++i) {
      figure.series[i].name = std::string(length - 1, 'n') + std::string(1, "abcdefghijk"[i]);
      figure.points.push_back({i, 0, 0});
      figure.panels.front().series.push_back(i);
    }
    const std::string svg = draw_both(chart_script(figure, figure_document(figure, results)))[0];
    for (const FigureSeries& series : figure.series) CHECK_THAT(svg, Contains(series.name + "</text>"));
    CHECK_THAT(svg, !Contains("translate(-"));
  }
}

TEST_CASE("letters can be read where a picture is as wide as a page") {
  for (const char* name : {"grouped-bars", "stacked-bars", "lines", "table"}) {
    INFO(name);
    Figure figure = example(name);
    for (int panels = 1; panels <= 3; ++panels) {
      const std::string svg = draw_both(chart_script(figure, figure_document(figure, results)))[0];
      std::smatch width;
      REQUIRE(std::regex_search(svg, width, std::regex("viewBox=\"0 0 (\\d+) (\\d+)\"")));
      const double points_per_pixel = 17 / 2.54 * 72 / std::stod(width[1]);
      const std::regex size("font-size=\"([\\d.]+)\"");
      std::size_t texts = 0;
      for (std::sregex_iterator i(svg.begin(), svg.end(), size), end; i != end; ++i, ++texts) {
        CHECK(std::stod((*i)[1]) * points_per_pixel >= 6.5);
      }
      CHECK(texts > 10);
      figure.panels.push_back(figure.panels.front());
    }
  }
}

TEST_CASE("each template draws its series, and what was published where it shows that") {
  for (const char* name : {"grouped-bars", "stacked-bars", "lines", "table"}) {
    INFO(name);
    const Figure figure = example(name);
    const std::vector<std::string> pictures = draw_both(chart_script(figure, figure_document(figure, results)));
    CHECK_THAT(pictures[0], Contains("An &lt;example> of it's kind") && Contains("double, about") && Contains("1 KiB"));
    CHECK_THAT(pictures[0], Contains("rate, Mbit/s"));
    if (std::string(name) != "stacked-bars") CHECK_THAT(pictures[0], Contains("published"));
    CHECK_THAT(pictures[1], Catch::Matchers::StartsWith("\x89PNG\r\n"));
  }
}

TEST_CASE("what was published stands at its own height") {
  const std::string script = chart_script(example(), figure_document(example(), results));
  // x, two values and two published ones; the third is the peak's, under its other name.
  CHECK_THAT(script, Contains("64 11 22 10 25\n1024 30 NaN 40 NaN\n8192 100 200 100 NaN\n"));
  CHECK_THAT(script, Contains("published = 1\n"));
}
