// Each limit has a message that states it.
#include <catch2/catch.hpp>

#include "workspace.hpp"

using namespace cryptopath;

namespace {

const Workspace workspace;

std::string error_of(std::string_view before, std::string_view after) {
  return workspace.error_of(with(valid_scenario, before, after));
}

}  // namespace

TEST_CASE("the file is at most 1 TiB") {
  CHECK(error_of("10 MB", "1025 GiB") == R"(scenario.json:7: /file/size: found "1025 GiB", expected at most 1024 GiB)");
}

TEST_CASE("the buffer is from 16 B to 1 MiB") {
  CHECK(error_of("8 KiB", "15 B") == R"(scenario.json:8: /buffer: found "15 B", expected at least 16 B)");
  CHECK(error_of("8 KiB", "16 B") == "no error");
  CHECK(error_of("8 KiB", "1 MiB") == "no error");
  CHECK(error_of("8 KiB", "1048577 B") == R"(scenario.json:8: /buffer: found "1048577 B", expected at most 1 MiB)");
}

TEST_CASE("a run has at most 20 million buffers") {
  const std::string cold = with(valid_scenario, "\"hot\"", "\"cold\"");
  const std::string small = with(cold, "8 KiB", "16 B");
  CHECK(workspace.error_of(with(small, "10 MB", "320 MB")) == "no error");
  CHECK(workspace.error_of(with(small, "10 MB", "320000001 B")) ==
        R"(scenario.json:8: /buffer: found "16 B", 20000001 buffers for a file of 320000001 B, )"
        "expected at most 20000000 buffers");
}

TEST_CASE("a file in the page cache fits in memory") {
  CHECK(error_of("10 MB", "1 GiB") == "no error");
  CHECK(error_of("10 MB", "2 GiB") ==
        R"(scenario.json:7: /file/cache: found "hot" for a file of 2 GiB, expected "cold": )"
        "the machine's memory holds 1 GiB");
  CHECK(workspace.error_of(with(with(valid_scenario, "10 MB", "2 GiB"), "\"hot\"", "\"cold\"")) == "no error");
}

TEST_CASE("a send buffer is at most 64 MiB wherever it is set") {
  for (const char* key : {"send_buffer", "send_buffer_limit"}) {
    nlohmann::json kernel = data_file("models/kernels/openbsd-3.3.json");
    kernel[key]["value"] = "65 MiB";
    workspace.write("kernel.json", kernel.dump());
    CHECK(error_of("\"openbsd-3.3\"", "\"kernel.json\"") ==
          "kernel.json:1: /" + std::string(key) + R"(/value: found "65 MiB", expected at most 64 MiB)");
  }
  CHECK(workspace.error_of_program(with(valid_program, "{\"call\": \"open\", \"path\": \"file\"}",
                                        "{\"call\": \"setsockopt\", \"option\": \"SO_SNDBUF\", \"size\": \"1 GiB\"},"
                                        "{\"call\": \"open\", \"path\": \"file\"}")) ==
        R"(program.json:6: /steps/0/size: found "1 GiB", expected at most 64 MiB)");
}

TEST_CASE("what small buffers take up of a large send buffer is limited") {
  nlohmann::json kernel = data_file("models/kernels/openbsd-3.3.json");
  kernel["send_buffer"]["value"] = kernel["send_buffer_limit"]["value"] = "64 MiB";
  workspace.write("kernel.json", kernel.dump());
  const std::string large = with(valid_scenario, "\"openbsd-3.3\"", "\"kernel.json\"");
  CHECK(workspace.error_of(with(large, "8 KiB", "256 B")) == "no error");
  CHECK(workspace.error_of(with(large, "8 KiB", "16 B")) ==
        R"(scenario.json:8: /buffer: found "16 B", which takes 16 GiB of memory in a send buffer of 64 MiB, )"
        "expected at most 1 GiB");
}

TEST_CASE("pages and mbuf clusters are at most 64 KiB") {
  for (const char* key : {"page", "mbuf_cluster"}) {
    nlohmann::json kernel = data_file("models/kernels/openbsd-3.3.json");
    kernel[key]["value"] = "1 GiB";
    workspace.write("kernel.json", kernel.dump());
    CHECK_THAT(error_of("\"openbsd-3.3\"", "\"kernel.json\""), Catch::Contains("expected at most 64 KiB"));
  }
}

TEST_CASE("a cold file is read in at most 20 million pieces") {
  const std::string cold = with(with(valid_scenario, "\"hot\"", "\"cold\""), "poweredge-2650", "machine.json");
  nlohmann::json machine = data_file("models/machines/poweredge-2650.json");
  machine["disks"]["disk0"]["read_ahead"]["value"] = "512 B";
  workspace.write("machine.json", machine.dump());
  CHECK(workspace.error_of(with(cold, "10 MB", "10240000000 B")) == "no error");
  CHECK(workspace.error_of(with(with(cold, "10 MB", "1024 GiB"), "8 KiB", "1 MiB")) ==
        R"(scenario.json:7: /file: found a cold file of 1024 GiB, which "disk0" reads in 2147483648 pieces of 512 B, )"
        "expected at most 20000000 pieces");
}

TEST_CASE("simulated time is more than nothing and at most a day") {
  CHECK(error_of("10 min", "0 s") == R"(scenario.json:14: /time_limit: found "0 s", expected at least 1 ns)");
  CHECK(error_of("10 min", "24 h") == "no error");
  CHECK(error_of("10 min", "25 h") == R"(scenario.json:14: /time_limit: found "25 h", expected at most 24 h)");
}

TEST_CASE("the seed is a whole number that a double holds") {
  CHECK(error_of("7", "-1") == "scenario.json:13: /seed: found -1, expected an integer of 0 to 9007199254740991");
  CHECK(error_of("7", "9007199254740991") == "no error");
  CHECK(error_of("7", "9007199254740992") ==
        "scenario.json:13: /seed: found 9007199254740992, expected an integer of 0 to 9007199254740991");
  CHECK(error_of("7", "18446744073709551616") ==
        "scenario.json:13: /seed: found 1.8446744073709552e+19, expected an integer of 0 to 9007199254740991");
}

TEST_CASE("a scenario has at most 32 paths") {
  std::string paths;
  for (int i = 0; i < 33; ++i) {
    const std::string name = "path" + std::to_string(i) + ".json";
    workspace.write(name, valid_program);
    paths += (paths.empty() ? "" : ", ") + ("\"" + name + "\"");
  }
  CHECK(error_of(R"("traditional", "shortcut")", paths) ==
        "scenario.json:11: /paths/32: found a further path, expected at most 32 paths");
  CHECK(error_of(R"("traditional", "shortcut")", paths.substr(0, paths.rfind(','))) == "no error");
}

TEST_CASE("a program has at most 256 steps") {
  std::string options;
  for (int i = 0; i < 240; ++i) options += R"({"call": "setsockopt", "option": "SO_SNDBUF", "size": "16 KiB"},)";
  const std::string fits = with(valid_program, "{\"call\": \"open\", \"path\": \"file\"}",
                                options + "{\"call\": \"open\", \"path\": \"file\"}");
  CHECK(workspace.error_of_program(fits) == "no error");  // 252
  const std::string five = options.substr(0, options.size() / 240 * 5);
  CHECK(workspace.error_of_program(with(fits, "{\"call\": \"open\", \"path\": \"file\"}",
                                        five + "{\"call\": \"open\", \"path\": \"file\"}")) ==
        "program.json:18: /steps/252: found a further step, expected at most 256 steps in a program");
}

TEST_CASE("a title is one line of at most 200 characters") {
  CHECK(error_of("A test", "") == R"(scenario.json:3: /title: found "", expected a text of 1 to 200 characters)");
  CHECK(error_of("A test", std::string(201, 'x')) == "scenario.json:3: /title: found \"" + std::string(40, 'x') +
                                                         "..." + std::string(20, 'x') +
                                                         "\", expected a text of 1 to 200 characters");
}
