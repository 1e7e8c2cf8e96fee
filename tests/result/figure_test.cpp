// What is made of a figure's results: the document, the CSV and the pages.
#include <catch2/catch.hpp>
#include <limits>

#include "example_figure.hpp"
#include "figure/chart.hpp"
#include "figure/fidelity.hpp"
#include "figure/figure_csv.hpp"
#include "figure/figure_document.hpp"
#include "figure/template.hpp"

using namespace cryptopath;
using namespace cryptopath::examples;
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

FigureStatement statement(StatementPoints of, std::optional<StatementPoints> per, std::optional<double> least,
                          std::optional<double> most) {
  FigureStatement one;
  one.says = "it does";
  one.of = of;
  one.per = per;
  one.at_least = least;
  one.at_most = most;
  return one;
}

json statements_of(std::vector<FigureStatement> statements) {
  Figure figure = example();
  figure.statements = std::move(statements);
  return figure_document(figure, results).at("statements");
}

}  // namespace

TEST_CASE("a point has its value, what was published of it and the error") {
  const json document = figure_document(example(), results);
  const json& points = document.at("points");
  REQUIRE(points.size() == 6);
  CHECK(points[0] == json{{"series", "single"},
                          {"x_name", "bytes"},
                          {"x", "64"},
                          {"y", 11.0},
                          {"unit", "Mbit/s"},
                          {"published", 10.0},
                          {"error", 11.0 / 10 - 1},
                          {"fitted", true}});
  CHECK(points[1].at("error") == -0.25);
  CHECK(points[1].at("fitted") == false);
  CHECK_FALSE(points[2].contains("published"));
  CHECK(points[3].at("y") == 22);
  // The other name of the third point.
  CHECK(points[5].at("series") == "peak");
  CHECK(points[5].at("y") == 100);
  CHECK(points[5].at("error") == 0);
  CHECK(document.at("unmodelled") ==
        json::array({{{"series", "other"}, {"x_name", "bytes"}, {"x", "64"}, {"published", 7.0}, {"unit", "Mbit/s"}}}));
}

TEST_CASE("errors of fitted and predicted cells are told apart, and the largest keeps its sign") {
  const json errors = figure_document(example(), results).at("errors");
  CHECK(errors.at("fitted").at("cells") == 1);
  // 30 for 40, 22 for 25, 100 for 100.
  CHECK(errors.at("predicted").at("cells") == 3);
  CHECK(errors.at("predicted").at("median").get<double>() == Approx(0.12));
  CHECK(errors.at("predicted").at("largest").get<double>() == Approx(-0.25));
}

TEST_CASE("the median of an even number of errors in a figure is between the middle two") {
  Figure figure = example();
  figure.fitted.clear();
  const json errors = figure_document(figure, results).at("errors");
  CHECK(errors.at("predicted").at("cells") == 4);
  CHECK(errors.at("predicted").at("median").get<double>() == Approx((0.1 + 0.12) / 2));
  CHECK(errors.at("fitted") == json{{"cells", 0}});
}

TEST_CASE("a value is a sum of numbers per another sum, scaled and moved") {
  Figure figure = example();
  figure.series[0].value = {{"/counts/interrupts", "/counts/others"}, {"/rate"}, "", "", 100, -100};
  const json document = figure_document(figure, {result_of(2, 3), result_of(4, 3), result_of(8, 3)});
  CHECK(document.at("points")[0].at("y") == 100);
  CHECK(document.at("points")[1].at("y") == 0);
  CHECK(document.at("points")[2].at("y") == -50);
}

TEST_CASE("a value that a run has not, or of nothing, is bad input") {
  Figure figure = example();
  figure.series[0].value.of = {"/counts/interrupt"};
  CHECK_THROWS_WITH(
      figure_document(figure, results),
      Contains(
          "figure example, \"single\" at \"64\": found no number at \"/counts/interrupt\" in the result of \"a\""));
  figure.series[0].value.of = {"/counts"};
  CHECK_THROWS_AS(figure_document(figure, results), InputError);
  figure.series[0].value = {{"/rate"}, {"/counts/interrupts"}, "", "", 1, 0};
  CHECK_THROWS_WITH(figure_document(figure, results), Contains("found /rate per /counts/interrupts, which is 0"));
  figure.series[0].value = {{"/rate"}, {}, "", "", 1e308, 0};
  CHECK_THROWS_WITH(figure_document(figure, results), Contains("found 11 times 1e+308, plus 0, expected a result"));
}

TEST_CASE("a run that the kernel refused fails its figure") {
  std::vector<json> refused = results;
  refused[1]["runs"][0]["refusal"] = "ioctl(CIOCGSESSION) failed: EINVAL";
  CHECK_THROWS_WITH(figure_document(example(), refused), Contains("ioctl(CIOCGSESSION) failed: EINVAL"));
}

TEST_CASE("a statement holds where all that it is about lies within its bounds") {
  const StatementPoints all{0, std::nullopt};
  const StatementPoints last{0, 2};
  const json found = statements_of({
      statement(last, std::nullopt, 100, 100),                 // 100
      statement(last, std::nullopt, 101, std::nullopt),        // 100
      statement(all, std::nullopt, 11, std::nullopt),          // 11, 30, 100
      statement(all, std::nullopt, std::nullopt, 99),          // 11, 30, 100
      statement(last, StatementPoints{0, 1}, 3, 4),            // 100 / 30
      statement({1, std::nullopt}, all, 2, 2),                 // 2 and 2: the second x has one of them only
      statement(all, StatementPoints{0, 0}, 1, std::nullopt),  // 1, 30 / 11, 100 / 11
  });
  const std::vector<bool> holds = {true, false, true, false, true, true, true};
  for (std::size_t i = 0; i < holds.size(); ++i) {
    INFO(found[i]);
    CHECK(found[i].at("holds") == holds[i]);
  }
  CHECK(found[3].at("least") == 11);
  CHECK(found[3].at("most") == 100);
  CHECK(found[6].at("most").get<double>() == Approx(100.0 / 11));
  CHECK(statement_line(found[0]) == "holds it does: found 100, expected 100 to 100");
  CHECK(statement_line(found[3]) == "FAILS it does: found 11 to 100, expected at most 99");
}

TEST_CASE("a statement may be of how one ratio compares with another") {
  FigureStatement one = statement({0, 2}, StatementPoints{0, 1}, 1, 1.3);  // (100 / 30) / (30 / 11)
  one.beside_of = StatementPoints{0, 1};
  one.beside_per = StatementPoints{0, 0};
  one.fitted = true;
  const json found = statements_of({one})[0];
  CHECK(found.at("least").get<double>() == Approx(100.0 / 30 / (30.0 / 11)));
  CHECK(found.at("holds") == true);
  CHECK_THAT(statement_line(found), Contains("holds (fitted) it does: found 1.222, expected 1 to 1.3"));
}

TEST_CASE("an error against nothing is infinite and one in another unit is none") {
  Figure figure = example();
  figure.fitted.clear();
  figure.published = {{"single", "64", 0, "Mbit/s", "s"}, {"single", "1024", 30, "kbit/s", "s"}};
  const json document = figure_document(figure, results);
  CHECK(document.at("points")[0].at("error").is_null());
  CHECK(document.at("errors").at("predicted") == json{{"cells", 1}, {"median", nullptr}, {"largest", nullptr}});
  CHECK(summary_of(document) == "1 predicted, median infinite, largest infinite");
  CHECK_THAT(fidelity_page({{"example", document, "", true}}),
             Contains("| single | 64 | 0 | 11 | Mbit/s | infinite | predicted |"));
  CHECK(document.at("unmodelled").size() == 1);
  figure.published[0].y = 0;
  const json right = figure_document(figure, {result_of(0), result_of(30), result_of(1)});
  CHECK(right.at("points")[0].at("error") == 0);
}

TEST_CASE("nothing per nothing holds no statement") {
  Figure figure = example();
  figure.statements = {statement({0, 0}, StatementPoints{0, 1}, std::nullopt, 5)};
  const json document = figure_document(figure, {result_of(0), result_of(0), result_of(1)});
  CHECK(document.at("statements")[0].at("holds") == false);
  CHECK_THAT(statement_line(json::parse(document.dump()).at("statements")[0]), Contains("found nothing"));
}

TEST_CASE("the CSV has every point with its columns, quoted where they must be") {
  CHECK(figure_csv(figure_document(example(), results)) ==
        "figure,series,x_name,x,y,unit\n"
        "example,single,bytes,64,11,Mbit/s\n"
        "example,single,bytes,1024,30,Mbit/s\n"
        "example,single,bytes,8192,100,Mbit/s\n"
        "example,\"double, about\",bytes,64,22,Mbit/s\n"
        "example,\"double, about\",bytes,8192,200,Mbit/s\n"
        "example,peak,bytes,8192,100,Mbit/s\n"
        // Published, and not modelled.
        "example,other,bytes,64,,Mbit/s\n");
}

TEST_CASE("the pages show errors, statements and failures") {
  Figure figure = example();
  figure.statements = {statement({0, 2}, std::nullopt, 101, std::nullopt)};
  const std::vector<FigureReport> figures = {{"example", figure_document(figure, results), "", true},
                                             {"broken", nullptr, "no <card>", true}};
  const std::string page = fidelity_page(figures);
  CHECK_THAT(page, Contains("| example | 1 | 10.0 % | +10.0 % | 3 | 12.0 % | -25.0 % | 0 of 1 |\n"));
  CHECK_THAT(page, Contains("| broken | failed |"));
  CHECK_THAT(page, Contains("| single | 1024 | 40 | 30 | Mbit/s | -25.0 % | predicted |\n"));
  CHECK_THAT(page, Contains("| other | 64 | 7 | not modelled | Mbit/s | | |\n"));
  CHECK_THAT(page, Contains("- FAILS it does: found 100, expected at least 101\n"));
  CHECK_THAT(page, Contains("An &lt;example> of it's kind. somebody") && Contains("Failed: no &lt;card>"));
  const std::string index = index_page(figures);
  CHECK_THAT(index, Contains("<img src=\"example.svg\"") && Contains("An &lt;example&gt; of it's kind"));
  CHECK_THAT(index, Contains("<li class=\"fails\">FAILS it does"));
  CHECK_THAT(index, Contains("failed: no &lt;card&gt;") && !Contains("broken.svg"));
  CHECK_THAT(index, Contains("1 fitted, median 10.0 %, largest +10.0 %; 3 predicted, median 12.0 %, largest -25.0 %; "
                             "0 of 1 statements hold"));
}

TEST_CASE("links of the pages are names of files whatever stands in them, and no list is empty") {
  const json document = figure_document(example(), results);
  const std::vector<FigureReport> figures = {{"50 % a#b", document, "", true}};
  CHECK_THAT(index_page(figures), Contains("<a href=\"#50%20%25%20a%23b\">50 % a#b</a>") &&
                                      Contains("<h2 id=\"50%20%25%20a%23b\">") &&
                                      Contains("<a href=\"50%20%25%20a%23b.svg\"><img src=\"50%20%25%20a%23b.svg\"") &&
                                      Contains("<a href=\"50%20%25%20a%23b.csv\">CSV</a>"));
  CHECK_THAT(index_page(figures), !Contains("<ul>\n</ul>"));
  CHECK_THAT(fidelity_page(figures), Contains("[Picture](50%20%25%20a%23b.svg)"));
}

TEST_CASE("a figure without anything published says so") {
  Figure figure = example();
  figure.published.clear();
  const json document = figure_document(figure, results);
  CHECK(summary_of(document) == "nothing to compare with");
  CHECK_THAT(chart_script(figure, document), Contains("published = 0\n"));
  CHECK_THAT(draw_both(chart_script(figure, document))[0], !Contains("published"));
}
