#include "figure/picture.hpp"

#include <catch2/catch.hpp>

#include "example_results.hpp"
#include "figure/gnuplot.hpp"
#include "scratch_folder.hpp"

using namespace cryptopath;
using namespace cryptopath::examples;
using Catch::Matchers::Contains;
using Names = std::vector<std::string>;

namespace {

/// Sets PATH for as long as it lives.
class Path {
 public:
  explicit Path(const std::string& value) : before_(std::getenv("PATH")) { ::setenv("PATH", value.c_str(), 1); }
  ~Path() { ::setenv("PATH", before_.c_str(), 1); }
  Path(const Path&) = delete;
  Path& operator=(const Path&) = delete;

 private:
  std::string before_;
};

std::string draw_svg(const std::vector<Result>& results) {
  const ScratchFolder folder;
  write_whole(draw_picture(scenario_of(results), results, folder / "picture"));
  CHECK(folder.names() == Names{"picture.png", "picture.svg"});
  CHECK_THAT(read_file(folder / "picture.png"), Catch::Matchers::StartsWith("\x89PNG\r\n"));
  return read_file(folder / "picture.svg");
}

}  // namespace

TEST_CASE("a picture names its paths and resources and the gain") {
  const std::string svg =
      draw_svg({result("traditional", Nanoseconds(100'000'000)), result("shortcut", Nanoseconds(80'000'000))});
  CHECK_THAT(svg, Contains("traditional") && Contains("shortcut") && Contains("vpn1201") && Contains("+25.0 %"));
  CHECK_THAT(svg, Contains("some file.bin, 1.00 MB") && Contains("Mbit/s") && Contains("</svg>"));
}

TEST_CASE("odd names stand in a picture as they are") {
  const std::string svg =
      draw_svg({result("it's `id` $x", Nanoseconds(100)), result("\"a_{b}\" \\n #", Nanoseconds(80))});
  CHECK_THAT(svg, Contains("it's `id` $x") && Contains("a_{b}") && Contains("\\n #"));
}

TEST_CASE("an empty file has a picture too") {
  CHECK_THAT(draw_svg({empty_result("traditional"), empty_result("shortcut")}), !Contains("+0.0 %"));
}

TEST_CASE("the same results give the same picture") {
  const std::vector<Result> results = {result("traditional", Nanoseconds(100))};
  CHECK(draw_svg(results) == draw_svg(results));
}

TEST_CASE("without gnuplot one line says how to get it and nothing is written") {
  const ScratchFolder folder;
  const Path nowhere(folder.path().string());
  const std::vector<Result> results = {result("traditional", Nanoseconds(100))};
  CHECK_THROWS_WITH(draw_picture(scenario_of(results), results, folder / "picture"), Contains("apt install gnuplot"));
  CHECK(folder.names().empty());
}

TEST_CASE("what gnuplot refuses is a fault in its own words") {
  CHECK_THROWS_AS(run_gnuplot("plot undefined_function(x)\n"), Fault);
  CHECK_THROWS_WITH(run_gnuplot("plot undefined_function(x)\n"), Contains("undefined function"));
}

TEST_CASE("of a gnuplot that ends without a word its exit status or signal is said") {
  const ScratchFolder folder;
  const auto message_of = [&](const std::string& script) -> std::string {
    const auto program = write_file(folder / "gnuplot", "#!/bin/sh\n" + script + "\n");
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    const Path path(folder.path().string());
    try {
      return run_gnuplot("plot x\n");
    } catch (const Fault& fault) {
      return fault.what();
    }
  };
  CHECK(message_of("exit 3") == "gnuplot drew no picture: exit status 3 and no message");
  CHECK(message_of("exit 0") == "gnuplot drew no picture: exit status 0 and no message");
  CHECK(message_of("kill -9 $$") == "gnuplot drew no picture: ended by signal 9 (Killed)");
  CHECK(message_of("echo picture; echo 'line 1: no x' >&2; exit 1") == "gnuplot drew no picture: line 1: no x");
}

TEST_CASE("strings of gnuplot hold any text") {
  CHECK(gnuplot_string("it's") == "'it''s'");
  CHECK(gnuplot_string("a\nb\tc") == "'a b c'");
}
