// The shipped scenarios' results, to the last digit. They are recorded by one build and hold in all of them: that they
// do not depend on optimisation, sanitizers or the machine is part of the promise.
//
// A change of the model changes them: look at the difference, then record anew with
//   CRYPTOPATH_RECORD_GOLDEN=1 build/release/test_paths "*golden*"
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>

#include "run_path.hpp"

using namespace cryptopath;
using namespace cryptopath::test;

namespace {

constexpr const char* golden_file = CRYPTOPATH_GOLDEN_FILE;
const std::vector<std::string> scenarios = {"shortcut/transfer", "shortcut/http",      "shortcut/gcm",
                                            "shortcut/cold",     "shortcut/nic",       "records/tls-1.3",
                                            "records/dtls-1.2",  "records/esp-tunnel", "records/ssh-2"};

nlohmann::json run_all() {
  nlohmann::json results;
  for (const std::string& name : scenarios) {
    Overrides overrides;
    overrides.set = {{"/payload", "modelled"}, {"/file/size", "3 MB"}};
    const Scenario scenario = load_scenario(data_directory() / "scenarios" / (name + ".json"), overrides);
    for (const RunSpec& run : scenario.runs) results[name][run.program.name] = to_json(run_path(run));
  }
  return results;
}

}  // namespace

TEST_CASE("the shipped scenarios give their golden results to the last digit") {
  const nlohmann::json results = run_all();
  if (std::getenv("CRYPTOPATH_RECORD_GOLDEN") != nullptr) std::ofstream(golden_file) << results.dump(1) << '\n';
  std::ifstream recorded(golden_file);
  const nlohmann::json golden = nlohmann::json::parse(recorded);
  REQUIRE(golden.size() == scenarios.size());
  const nlohmann::json differences = nlohmann::json::diff(golden, results);
  INFO("from the golden results: " << differences.dump(1));
  CHECK(differences.empty());
}
