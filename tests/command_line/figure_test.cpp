// What the program makes of figures, in a data directory that has some of its own.
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "figure_data.hpp"

using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using nlohmann::json;
using Words = std::vector<std::string>;
using Names = std::vector<std::string>;
namespace fs = std::filesystem;

TEST_CASE("a figure that was added as one file is drawn with its errors and statements") {
  const DataFolder data;
  const ScratchFolder out;
  const Outcome outcome = figure({"rates"}, out);
  INFO(outcome.error);
  REQUIRE(outcome.exit_status() == 0);
  CHECK(outcome.error.empty());
  CHECK(out.names() == Names{"rates.csv", "rates.json", "rates.png", "rates.sha256", "rates.svg"});
  CHECK_THAT(outcome.output, Contains("rates.svg\n") && Contains("1 predicted, median ") &&
                                 Contains("holds Large requests are faster: found "));
  const json document = json::parse(read_file(out / "rates.json"));
  CHECK(document.at("points").size() == 2);
  const double rate = document.at("points")[1].at("y");
  CHECK(document.at("points")[1].at("error").get<double>() == Approx(rate / 50 - 1));
  CHECK(document.at("runs")[1].at("result").at("runs")[0].at("throughput_mbit_s") == rate);
  CHECK_THAT(read_file(out / "rates.csv"), Contains("\nrates,one thread,request_bytes,8192,") && EndsWith(",Mbit/s\n"));
  CHECK_THAT(read_file(out / "rates.svg"), Contains("published"));
}

TEST_CASE("counts of paths side by side are those of the scenario") {
  const DataFolder data;
  const ScratchFolder out;
  REQUIRE(figure({"paths"}, out).exit_status() == 0);
  CHECK(read_file(out / "paths.csv") ==
        "figure,series,x_name,x,y,unit\npaths,traditional,,64 KiB,32,copies\npaths,shortcut,,64 KiB,0,copies\n");
}

TEST_CASE("the files of a figure do not depend on the number of jobs") {
  const DataFolder data;
  const ScratchFolder one;
  const ScratchFolder four;
  REQUIRE(figure({"--all", "--jobs", "1"}, one).exit_status() == 0);
  REQUIRE(figure({"--all", "--jobs", "4"}, four).exit_status() == 0);
  CHECK(one.names() == Names{"fidelity.md", "index.html", "paths.csv", "paths.json", "paths.png", "paths.sha256",
                             "paths.svg", "rates.csv", "rates.json", "rates.png", "rates.sha256", "rates.svg"});
  for (const std::string& name : one.names()) {
    INFO(name);
    CHECK((read_file(one / name) == read_file(four / name)));
  }
}

TEST_CASE("a figure is run again only when something that it was made from has changed") {
  const DataFolder data;
  const ScratchFolder out;
  REQUIRE(figure({"--all"}, out).exit_status() == 0);
  const auto rates = written(out / "rates.json");
  const auto paths = written(out / "paths.json");
  const std::string index = read_file(out / "index.html");
  REQUIRE(figure({"--all"}, out).exit_status() == 0);
  CHECK(same(written(out / "rates.json"), rates));
  CHECK(read_file(out / "index.html") == index);

  SECTION("a published number") {
    data.replace("plots/rates.csv", "8192,50", "8192,51");
    REQUIRE(figure({"--all"}, out).exit_status() == 0);
    CHECK_FALSE(same(written(out / "rates.json"), rates));
    CHECK(same(written(out / "paths.json"), paths));
  }
  SECTION("what draws them") {
    data.replace("plots/figure.gnuplot", "#000000", "#ff0000");
    REQUIRE(figure({"--all"}, out).exit_status() == 0);
    CHECK_FALSE(same(written(out / "rates.json"), rates));
  }
  SECTION("a model that both rest on") {
    data.replace("models/accelerators/vpn1201.json", "\"24 B\"", "\"32 B\"");
    REQUIRE(figure({"--all"}, out).exit_status() == 0);
    CHECK_FALSE(same(written(out / "rates.json"), rates));
    CHECK_FALSE(same(written(out / "paths.json"), paths));
  }
  SECTION("an output that is gone, or is another") {
    fs::remove(out / "rates.png");
    write_file(out / "paths.csv", "made up");
    REQUIRE(figure({"--all"}, out).exit_status() == 0);
    CHECK(fs::exists(out / "rates.png"));
    CHECK_FALSE(same(written(out / "paths.json"), paths));
  }
  SECTION("what has nothing to do with it") {
    data.replace("models/nics/sk-9843.json", "{", "{ ");
    REQUIRE(figure({"--all"}, out).exit_status() == 0);
    CHECK(same(written(out / "rates.json"), rates));
  }
}

TEST_CASE("a figure whose scenario fails is reported and the others finish") {
  const DataFolder data;
  const ScratchFolder out;
  SECTION("when it is loaded") { data.replace("plots/paths.json", "64 KiB", "64 KB"); }
  SECTION("when it runs") {
    data.replace("plots/paths.json", "\"/payload\"", "\"/time_limit\": \"1 ns\", \"/payload\"");
  }
  const Outcome outcome = figure({"--all"}, out);
  CHECK(outcome.exit_status() == 1);
  CHECK_THAT(outcome.error,
             Contains("cryptopath: figure paths failed: ") && EndsWith("cryptopath: 1 of 2 figures failed\n"));
  CHECK(lines_in(outcome.error) == 2);
  CHECK(out.names() ==
        Names{"fidelity.md", "index.html", "rates.csv", "rates.json", "rates.png", "rates.sha256", "rates.svg"});
  CHECK_THAT(read_file(out / "fidelity.md"), Contains("| paths | failed |") && Contains("| rates |"));
}

TEST_CASE("a figure --all that was killed goes on where it stopped") {
  const DataFolder data;
  const ScratchFolder out;
  data.replace("workload.json", "5 ms", "30 min");  // longer than anyone waits
  Process killed({"figure", "--all", "--jobs", "2", "--out", out.path()});
  while (!fs::exists(out / "paths.sha256")) ::usleep(10'000);
  killed.wait_for_children(2);
  ::kill(killed.id(), SIGKILL);
  killed.wait();
  CHECK(out.names() == Names{"paths.csv", "paths.json", "paths.png", "paths.sha256", "paths.svg"});
  const auto paths = written(out / "paths.json");
  data.replace("workload.json", "30 min", "5 ms");
  REQUIRE(figure({"--all"}, out).exit_status() == 0);
  CHECK(same(written(out / "paths.json"), paths));
  CHECK(fs::exists(out / "rates.json"));
}

TEST_CASE("a page that cannot be written is noticed before anything is simulated") {
  const DataFolder data;
  const ScratchFolder out;
  fs::create_directory(out / "index.html");
  const Outcome outcome = figure({"--all"}, out);
  CHECK(outcome.exit_status() == 2);
  CHECK(lines_in(outcome.error) == 1);
  CHECK_THAT(outcome.error, Contains("index.html: a directory"));
  CHECK(out.names() == Names{"index.html"});
}

TEST_CASE("bad input of figure is one line and status 2") {
  const DataFolder data;
  const ScratchFolder out;
  const auto refusal = [&out](const Words& words) {
    const Outcome outcome = figure(words, out);
    CHECK(outcome.exit_status() == 2);
    CHECK(lines_in(outcome.error) == 1);
    CHECK(out.names().empty());
    return outcome.error;
  };
  CHECK_THAT(refusal({"rate"}), Contains("found the unknown figure \"rate\", expected \"rates\""));
  CHECK_THAT(refusal({}), Contains("expected --all or \"paths\", \"rates\""));
  CHECK_THAT(refusal({"--all", "rates"}), Contains("found names beside --all"));
  CHECK_THAT(refusal({"rates", "rates"}), Contains("\"rates\" a second time"));
  CHECK_THAT(refusal({"nowhere.json"}), Contains("nowhere.json"));
  data.replace("plots/rates.json", "grouped-bars", "grouped-bar");
  CHECK_THAT(refusal({"rates"}), Contains("plots/rates.json:5: /panels/0/template: found the unknown template"));
}

TEST_CASE("no output of a figure replaces a file that it is made from") {
  const DataFolder data;
  const fs::path plots = cryptopath::data_directory() / "plots";
  const std::string before = read_file(plots / "rates.json");
  const Outcome outcome = run_cryptopath({"figure", "rates", "--out", plots});
  CHECK(outcome.exit_status() == 2);
  CHECK(lines_in(outcome.error) == 1);
  CHECK_THAT(outcome.error, Contains("rates.json: it is an input of this run"));
  CHECK((read_file(plots / "rates.json") == before));
  CHECK_FALSE(fs::exists(plots / "rates.svg"));
}

TEST_CASE("a folder that cannot be made and a disk that is full leave nothing") {
  const DataFolder data;
  const ScratchFolder out;
  write_file(out / "file", "");
  const Outcome in_file = run_cryptopath({"figure", "rates", "--out", out / "file" / "folder"});
  CHECK(in_file.exit_status() == 2);
  CHECK_THAT(in_file.error, Contains("cannot make the folder "));

  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const rlimit limit{100, before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
  Redirections no_gnuplot;  // whose own files would be too large too
  no_gnuplot.path_variable = out.path();
  const Outcome full = figure({"rates"}, out, no_gnuplot);
  ::setrlimit(RLIMIT_FSIZE, &before);
  CHECK(full.exit_status() == 2);
  CHECK(lines_in(full.error) == 1);
  CHECK_THAT(full.error, Contains("cannot write "));
  CHECK(out.names() == Names{"file"});
}

TEST_CASE("a terminal sees how far the figures are and validate knows them") {
  const DataFolder data;
  const ScratchFolder out;
  Redirections terminal;
  terminal.error_to_terminal = true;
  const Outcome outcome = figure({"--all"}, out, terminal);
  REQUIRE(outcome.exit_status() == 0);
  CHECK_THAT(outcome.error, Contains("4 of 4 simulations, rates") && EndsWith("\r\033[K"));
  const Outcome valid = run_cryptopath({"validate", cryptopath::data_directory() / "plots" / "rates.json"});
  CHECK_THAT(valid.output, EndsWith("rates.json: good, 2 points\n"));
  CHECK_THAT(run_cryptopath({"list"}).output, Contains("figures\n  paths\n      Paths\n  rates\n      Rates\n"));
}
