// The figures that the README shows are those that the command draws.
#include <catch2/catch.hpp>

#include "../result/scratch_folder.hpp"
#include "cryptopath/scenario.hpp"
#include "process.hpp"

TEST_CASE("the figures that the README shows are as the command draws them") {
  const ScratchFolder out;
  const auto shown = cryptopath::data_directory() / "docs" / "figures";
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(shown)) {
    const std::string name = entry.path().stem();
    INFO(name);
    REQUIRE(run_cryptopath({"figure", name, "--out", out.path()}).exit_status() == 0);
    CHECK((read_file(out / (name + ".svg")) == read_file(entry.path())));
    ++count;
  }
  CHECK(count == 3);
}
