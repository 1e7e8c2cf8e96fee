// Figures whose pictures gnuplot does not draw.
#include <sys/resource.h>

#include "figure_data.hpp"

using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using Names = std::vector<std::string>;
namespace fs = std::filesystem;

TEST_CASE("without gnuplot the data are written and one line says how to get it") {
  const DataFolder data;
  const ScratchFolder out;
  const ScratchFolder empty;
  Redirections no_gnuplot;
  no_gnuplot.path_variable = empty.path();
  const Outcome outcome = figure({"rates"}, out, no_gnuplot);
  CHECK(outcome.exit_status() == 2);
  CHECK(out.names() == Names{"rates.csv", "rates.json", "rates.sha256"});
  CHECK(lines_in(outcome.error) == 1);
  CHECK_THAT(outcome.error, Contains("apt install gnuplot-nox"));
  CHECK_THAT(outcome.output, Contains("rates.csv\n"));
  // With it, the pictures are made up for.
  REQUIRE(figure({"rates"}, out).exit_status() == 0);
  CHECK(fs::exists(out / "rates.svg"));
  // Nor is it needed where they are.
  CHECK(figure({"rates"}, out, no_gnuplot).exit_status() == 0);
}

TEST_CASE("a picture of older data does not stay beside new ones") {
  const DataFolder data;
  const ScratchFolder out;
  const ScratchFolder at_once;
  const ScratchFolder empty;
  Redirections no_gnuplot;
  no_gnuplot.path_variable = empty.path();
  REQUIRE(figure({"rates"}, out).exit_status() == 0);
  data.replace("plots/rates.json", "\"Rates\"", "\"Other rates\"");
  for (int run = 0; run < 2; ++run) {
    const Outcome outcome = figure({"rates"}, out, no_gnuplot);
    CHECK(outcome.exit_status() == 2);
    CHECK(outcome.error ==
          "cryptopath: no picture of \"rates\": a picture needs gnuplot, which is not installed: apt install "
          "gnuplot-nox\n");
    CHECK_THAT(outcome.output, Contains("rates.csv\n") && !Contains("rates.svg"));
    CHECK(out.names() == Names{"rates.csv", "rates.json", "rates.sha256"});
  }
  CHECK(figure({"--all"}, out, no_gnuplot).exit_status() == 2);
  CHECK_THAT(read_file(out / "index.html"), Contains("Other rates") && !Contains("rates.svg"));
  CHECK_THAT(read_file(out / "fidelity.md"), Contains("Other rates") && !Contains("rates.svg"));
  // With gnuplot back it is drawn from the data that stand.
  const auto simulated = written(out / "rates.json");
  REQUIRE(figure({"rates"}, out).exit_status() == 0);
  CHECK(same(written(out / "rates.json"), simulated));
  REQUIRE(figure({"rates"}, at_once).exit_status() == 0);
  for (const std::string& name : at_once.names()) {
    INFO(name);
    CHECK((read_file(out / name) == read_file(at_once / name)));
  }
}

TEST_CASE("where gnuplot fails the data are written, and one line says what it said") {
  const DataFolder data;
  const ScratchFolder out;
  const ScratchFolder programs;
  Redirections redirections;
  std::string said;
  SECTION("it says nothing") {
    write_file(programs / "gnuplot", "#!/bin/sh\nexit 3\n");
    fs::permissions(programs / "gnuplot", fs::perms::owner_all);
    redirections.path_variable = programs.path();
    said = "exit status 3 and no message";
  }
  SECTION("a template is wrong, of which it names file and line") {
    data.write("plots/mine.gnuplot", "eval begin_panel\nplot nothing\n");
    data.replace("plots/rates.json", "grouped-bars", "mine.gnuplot");
    said = "plots/mine.gnuplot\" line 2: undefined variable: nothing";
  }
  for (int run = 0; run < 2; ++run) {
    const Outcome outcome = figure({"rates"}, out, redirections);
    CHECK(outcome.exit_status() == 2);
    CHECK(lines_in(outcome.error) == 1);
    CHECK_THAT(outcome.error, Contains("no picture of \"rates\": gnuplot drew no picture: ") && Contains(said));
    CHECK(out.names() == Names{"rates.csv", "rates.json", "rates.sha256"});
  }
  CHECK(figure({"--all"}, out, redirections).exit_status() == 2);
  CHECK(fs::exists(out / "paths.csv"));
}

TEST_CASE("each reason for which pictures are missing is a line beside figures that fail") {
  const DataFolder data;
  const ScratchFolder out;
  const ScratchFolder empty;
  Redirections no_gnuplot;
  no_gnuplot.path_variable = empty.path();
  data.replace("plots/paths.json", "64 KiB", "64 KB");
  const Outcome outcome = figure({"--all"}, out, no_gnuplot);
  CHECK(outcome.exit_status() == 1);
  CHECK_THAT(outcome.error, Contains("figure paths failed: ") && Contains("no picture of \"rates\": ") &&
                                EndsWith("cryptopath: 1 of 2 figures failed\n"));
  CHECK(lines_in(outcome.error) == 3);
}

TEST_CASE("a picture that the system cuts is no picture") {
  const DataFolder data;
  const ScratchFolder out;
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const rlimit limit{16'384, before.rlim_max};  // room for the script, none for the picture
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
  const Outcome outcome = figure({"rates"}, out);
  ::setrlimit(RLIMIT_FSIZE, &before);
  CHECK(outcome.exit_status() == 2);
  CHECK_FALSE(fs::exists(out / "rates.svg"));
  CHECK_FALSE(fs::exists(out / "rates.png"));
}
